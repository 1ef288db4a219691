// Stake as docs/guide/delegating.md says: a pool is opened, an account delegates, someone else
// claims what that earned, and the stake begins to thaw.
//
// Usage: node delegating.mjs ws://127.0.0.1:9944
//
// The chain is a development chain: its validator is //Alice.

import { ApiPromise, Keyring, WsProvider } from "@polkadot/api";
import assert from "node:assert/strict";
import { submit, until } from "./wallet.mjs";

const AMOUNT = 10_000_000_000_000n;
const PATIENCE_MS = 600_000;

const [url] = process.argv.slice(2);
assert(url, "usage: node delegating.mjs URL");

const timer = setTimeout(() => {
	console.error(`not done within ${PATIENCE_MS / 1000} s`);
	process.exit(1);
}, PATIENCE_MS);

const provider = new WsProvider(url);
const api = await ApiPromise.create({ provider, noInitWarn: true });
const keyring = new Keyring({ type: "sr25519" });
const [alice, bob, eve] = ["//Alice", "//Bob", "//Eve"].map((uri) => keyring.addFromUri(uri));

// What a node says of the only delegation of Eve.
const delegation = async () => {
	const { delegations } = await provider.send("groma_delegations", [eve.address]);
	return delegations[0];
};

await submit(api.tx.stake.setOpen(true), alice);
const { validators } = await provider.send("groma_validators", []);
const operator = validators.find(({ isOpen }) => isOpen).account;

await submit(api.tx.stake.delegate(operator, AMOUNT), eve);
assert.equal((await delegation()).active, AMOUNT.toString(), "the stake is shown");

await until(async () => (await delegation()).owed !== "0");
const { owed } = await delegation();
await submit(api.tx.stake.claim(operator, eve.address), bob);
assert(BigInt((await delegation()).owed) < BigInt(owed), "the reward is paid");

await submit(api.tx.stake.undelegate(operator, null), eve);
const { active, thawing } = await delegation();
assert.deepEqual([active, thawing[0].amount], ["0", AMOUNT.toString()], "all of it thaws");
const early = submit(api.tx.stake.withdrawDelegated(operator), eve);
await assert.rejects(early, /the call failed/, "it is not withdrawn early");

const { due } = thawing[0];
console.log(`10 GRM behind ${operator} earned ${owed} plancks and thaw until era ${due}`);
clearTimeout(timer);
await api.disconnect();
