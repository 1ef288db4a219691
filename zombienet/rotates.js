// The operator of a node changes its session keys, and authors by the new ones. Returns 1.

const { accountOf, authors, setNewKeys, until, withNode } = require("./operator.js");

exports.run = (name, network) =>
	withNode(name, network, async (api, send) => {
		const account = accountOf(name);
		const keys = await setNewKeys(api, send, account);
		// GRANDPA, BABE, authority discovery: 32 bytes each.
		const babe = keys.slice(2 + 64, 2 + 128);
		await until(async () => (await send("state_call", "BabeApi_current_epoch", "0x")).includes(babe));
		await authors(api, send, account);
		return 1;
	});
