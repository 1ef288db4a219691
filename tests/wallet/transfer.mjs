// A transfer as a hardware wallet signs it: with the hash of the metadata from which it showed the
// transfer to its owner (RFC 78). The hash is computed here, from what the node says of itself; the
// runtime compares it with its own.
//
// Usage: node transfer.mjs ws://127.0.0.1:9944

import { merkleizeMetadata } from "@polkadot-api/merkleize-metadata";
import { ApiPromise, Keyring, WsProvider } from "@polkadot/api";
import { compactStripLength, hexToU8a, u8aToHex } from "@polkadot/util";
import assert from "node:assert/strict";

const TOKEN = { decimals: 12, tokenSymbol: "GRM" };
const AMOUNT = 1_000_000_000_000n;
const PATIENCE_MS = 60_000;

const [url] = process.argv.slice(2);
assert(url, "usage: node transfer.mjs URL");

const timer = setTimeout(() => {
	console.error(`not done within ${PATIENCE_MS / 1000} s`);
	process.exit(1);
}, PATIENCE_MS);

const api = await ApiPromise.create({ provider: new WsProvider(url), noInitWarn: true });
const keyring = new Keyring({ type: "sr25519" });
const alice = keyring.addFromUri("//Alice");
const bob = keyring.addFromUri("//Bob").address;

// The answer is an optional list of bytes: a one, a length, the bytes.
const answer = await api.rpc.state.call("Metadata_metadata_at_version", "0x0f000000");
const [some, ...list] = hexToU8a(answer.toHex());
assert.equal(some, 1, "the runtime has metadata of version 15");
const [, metadata] = compactStripLength(Uint8Array.from(list));
const metadataHash = u8aToHex(merkleizeMetadata(metadata, TOKEN).digest());

const free = async () => (await api.query.system.account(bob)).data.free.toBigInt();

// Submits a transfer whose signature covers the hash, and returns once a block includes it.
const transfer = (hash) =>
	new Promise((done, failed) => {
		const report = ({ status, dispatchError, isError }) => {
			if (dispatchError) failed(new Error(`the transfer failed: ${dispatchError}`));
			else if (status.isInBlock) done(status.asInBlock.toHex());
			else if (isError) failed(new Error(`the transfer is ${status.type}`));
		};
		api.tx.balances
			.transferKeepAlive(bob, AMOUNT)
			.signAndSend(alice, { mode: 1, metadataHash: hash }, report)
			.catch(failed);
	});

const wrong = `0x${"ab".repeat(32)}`;
await assert.rejects(transfer(wrong), /bad signature/i, "the hash of another runtime is refused");

const before = await free();
const block = await transfer(metadataHash);
const gained = (await free()) - before;
assert.equal(gained, AMOUNT, "the transfer did what it says");

console.log(`a transfer with metadata hash ${metadataHash} is included in block ${block}`);
clearTimeout(timer);
await api.disconnect();
