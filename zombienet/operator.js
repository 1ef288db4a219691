// What the scripts of network.zndsl share. `zombie` is what the tool gives to scripts.

const PAUSE_MS = 1000;

// The account of a node's operator.
const accountOf = (name) => {
	const keyring = new zombie.Keyring({ type: "sr25519" });
	return keyring.addFromUri(`//${name.charAt(0).toUpperCase()}${name.slice(1)}`);
};

// Lets `work` use a node, by the API of polkadot.js and by a function for any method of JSON-RPC.
const withNode = async (name, { nodesByName }, work) => {
	const { wsUri } = nodesByName[name];
	const provider = new zombie.WsProvider(wsUri);
	const api = await zombie.ApiPromise.create({ provider, noInitWarn: true });
	try {
		return await work(api, (method, ...params) => provider.send(method, params));
	} finally {
		await api.disconnect();
	}
};

// Asks until the answer is there. The tool ends a script that takes too long.
const until = async (ask) => {
	for (;;) {
		const answer = await ask();
		if (answer !== undefined && answer !== false) return answer;
		await new Promise((done) => setTimeout(done, PAUSE_MS));
	}
};

// Submits a call, and returns once it is finalized.
const submit = (call, account) =>
	new Promise((done, failed) => {
		const report = ({ status, dispatchError, isError }) => {
			if (dispatchError) failed(new Error(`the call failed: ${dispatchError}`));
			else if (status.isFinalized) done();
			else if (isError) failed(new Error(`the call is ${status.type}`));
		};
		call.signAndSend(account, report).catch(failed);
	});

// Makes session keys in the keystore of the node, and sets them.
const setNewKeys = async (api, send, account) => {
	const owner = `0x${Buffer.from(account.publicKey).toString("hex")}`;
	const { keys, proof } = await send("author_rotateKeysWithOwner", owner);
	await submit(api.tx.session.setKeys(keys, proof), account);
	return keys;
};

const finalized = async (send) => Number((await send("chain_getHeader", await send("chain_getFinalizedHead"))).number);

const setAt = async (send, hash) =>
	(await send("groma_validators", null, null, null, hash)).validators.map(({ account }) => account);

// The set of the last finalized block.
const setOf = async (send) => setAt(send, await send("chain_getFinalizedHead"));

// What there is to know of an account as a validator, as of the last finalized block.
const validator = async (send, account) =>
	send("groma_validator", account.address, await send("chain_getFinalizedHead"));

// The account that authored a block: BABE's digest names its place in the set.
const authorOf = async (api, send, number) => {
	const hash = await send("chain_getBlockHash", number);
	const { digest } = await api.rpc.chain.getHeader(hash);
	const digests = digest.logs.filter((log) => log.isPreRuntime).map((log) => log.asPreRuntime);
	const [, data] = digests.find(([engine]) => engine.isBabe);
	// A byte for the kind of the slot, then the place in little endian.
	const place = Buffer.from(data.toU8a(true)).readUInt32LE(1);
	return (await setAt(send, hash))[place];
};

// Waits until an account authors a block that is not there yet.
const authors = async (api, send, account) => {
	let next = Number((await send("chain_getHeader")).number) + 1;
	return until(async () => {
		for (const last = await finalized(send); next <= last; next++) {
			if ((await authorOf(api, send, next)) === account.address) return next;
		}
		return undefined;
	});
};

module.exports = {
	accountOf, authors, finalized, setNewKeys, setOf, submit, until, validator, withNode,
};
