// A validator that stopped is chilled, leaves the set, and keeps its stake; the others finalize.
// Returns how many validators are left.

const { accountOf, finalized, setOf, until, validator, withNode } = require("./operator.js");

const STAKE = 10_000n * 1_000_000_000_000n;
const BLOCKS = 5;

exports.run = (name, network, [stopped]) =>
	withNode(name, network, async (_api, send) => {
		const account = accountOf(stopped);
		for (const field of ["isCandidate", "isActive"]) {
			await until(async () => (await validator(send, account))[field] === false);
		}
		const { backing } = await validator(send, account);
		if (BigInt(backing.own) !== STAKE) throw new Error(`${backing.own} plancks are left`);
		const now = await finalized(send);
		await until(async () => (await finalized(send)) >= now + BLOCKS);
		return (await setOf(send)).length;
	});
