// The operator of a full node becomes a candidate, is elected, and authors. Returns how many
// validators there are then.

const { accountOf, authors, setNewKeys, setOf, submit, until, validator, withNode } = require("./operator.js");

const STAKE = 10_000n * 1_000_000_000_000n;

exports.run = (name, network) =>
	withNode(name, network, async (api, send) => {
		const account = accountOf(name);
		await setNewKeys(api, send, account);
		await submit(api.tx.stake.provision("Validating", STAKE), account);
		await submit(api.tx.validators.declare(null), account);
		await until(async () => (await validator(send, account)).isActive);
		await authors(api, send, account);
		return (await setOf(send)).length;
	});
