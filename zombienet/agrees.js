// Whether all nodes have finalized the same first blocks. Returns how many nodes there are.

const { finalized, until, withNode } = require("./operator.js");

const BLOCK = 5;

exports.run = async (_, network) => {
	const names = Object.keys(network.nodesByName);
	const hashes = await Promise.all(
		names.map((name) =>
			withNode(name, network, async (_api, send) => {
				await until(async () => (await finalized(send)) >= BLOCK);
				return send("chain_getBlockHash", BLOCK);
			}),
		),
	);
	if (new Set(hashes).size !== 1) throw new Error(`the nodes differ: ${hashes}`);
	return names.length;
};
