// Referenda as wallets see them, before and after an upgrade that one of them decides: tracks, a
// proposal with its decoded call, votes, and a delegation. Both libraries that wallets are built on
// do all of it, and stay connected through the upgrade: @polkadot/api here, PAPI in papi.mjs.
//
// Usage: node governance.mjs ws://127.0.0.1:9944 CODE
//
// CODE is a file: compressed code of a higher version. The chain is a development chain on which no
// one has voted.

import { ApiPromise, Keyring, WsProvider } from "@polkadot/api";
import { u8aToHex } from "@polkadot/util";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { connect } from "./papi.mjs";
import { submit, until } from "./wallet.mjs";

const GRM = 1_000_000_000_000n;
const PATIENCE_MS = 300_000;
const TRACKS = [
	[0, "root"],
	[1, "whitelisted_caller"],
	[2, "upgrade"],
	[3, "signal"],
	[10, "parameters"],
	[11, "networks"],
	[12, "fellowship_admin"],
	[13, "slash_cancel"],
	[20, "canceller"],
	[21, "killer"],
	[30, "treasury_small"],
	[31, "treasury_medium"],
	[32, "treasury_big"],
];
// Together 18 % of what support is counted against: enough before the time is over.
const VOTERS = [
	"//Alice",
	"//Bob",
	"//Charlie",
	"//Eve",
	"//Alice//stash",
	"//Bob//stash",
	"//Charlie//stash",
	"//Dave//stash",
	"//Eve//stash",
	"//Ferdie//stash",
];
const BALANCE = 900_000n * GRM;
const DELEGATED = 1_000n * GRM;

const [url, path] = process.argv.slice(2);
assert(url && path, "usage: node governance.mjs URL CODE");
const code = readFileSync(path);

const timer = setTimeout(() => {
	console.error(`not done within ${PATIENCE_MS / 1000} s`);
	process.exit(1);
}, PATIENCE_MS);

const api = await ApiPromise.create({ provider: new WsProvider(url), noInitWarn: true });
const keyring = new Keyring({ type: "sr25519" });
const account = (uri) => keyring.addFromUri(uri);
const [proposer, dave, eve] = ["//Charlie", "//Dave", "//Eve"].map(account);

// The tracks as a wallet lists them. Names are padded with zeros.
const tracks = () =>
	api.consts.referenda.tracks.map(([id, { name }]) => [
		id.toNumber(),
		name.toString().replaceAll("\0", ""),
	]);

// Notes the preimage of a call and submits it to the track of an origin, with both deposits.
// Returns the number of the referendum.
const refer = async (origin, call) => {
	const bytes = call.method.toU8a();
	const proposal = { Lookup: { hash: call.method.hash, len: bytes.length } };
	const index = (await api.query.referenda.referendumCount()).toNumber();
	const calls = [
		api.tx.preimage.notePreimage(u8aToHex(bytes)),
		api.tx.referenda.submit({ Origins: origin }, proposal, { After: 0 }),
		api.tx.referenda.placeDecisionDeposit(index),
	];
	await submit(api.tx.utility.batchAll(calls), proposer);
	return index;
};

const ongoing = async (index) =>
	(await api.query.referenda.referendumInfoFor(index)).unwrap().asOngoing;

// What a referendum proposes, decoded.
const proposalOf = async (index) => {
	// Every type has a `hash` of its own, so that a field of that name is called otherwise.
	const { hash_: hash, len } = (await ongoing(index)).proposal.asLookup;
	const preimage = (await api.query.preimage.preimageFor([hash, len])).unwrap();
	return api.registry.createType("Call", preimage.toU8a(true));
};

const voteAye = async (index, voters) => {
	const vote = { Standard: { vote: { aye: true, conviction: "None" }, balance: BALANCE } };
	const call = () => api.tx.convictionVoting.vote(index, vote);
	await Promise.all(voters.map((voter) => submit(call(), account(voter))));
	const support = (await ongoing(index)).tally.support.toBigInt();
	assert.equal(support, BigInt(voters.length) * BALANCE, "every vote counts");
};

// Dave lets Eve vote for him on a track.
const delegate = async (track) => {
	const call = api.tx.convictionVoting.delegate(track, eve.address, "Locked1x", DELEGATED);
	await submit(call, dave);
	const voting = await api.query.convictionVoting.votingFor(dave.address, track);
	assert.equal(voting.asDelegating.target.toString(), eve.address, "the delegation is shown");
	assert.equal(voting.asDelegating.balance.toBigInt(), DELEGATED);
};

// All of it once. Returns the number of the referendum.
const takePart = async (origin, track, call, voters) => {
	assert.deepEqual(tracks(), TRACKS, "the tracks are shown");
	const index = await refer(origin, call);
	assert.equal((await ongoing(index)).track.toNumber(), track);
	const shown = await proposalOf(index);
	assert.equal(shown.toHex(), call.method.toHex(), "the proposal is shown");
	const { section, method, args } = shown.toHuman();
	await voteAye(index, voters);
	await delegate(track);
	const text = `${section}.${method} ${JSON.stringify(args)}`;
	console.log(`referendum ${index} by @polkadot/api: ${text}`);
	return index;
};

const papi = connect(url);
const before = api.runtimeVersion.specVersion.toNumber();
assert.equal(await papi.specVersion(), before);
await papi.takePart(TRACKS, "before the upgrade");
const hash = api.registry.hash(Uint8Array.from(code)).toHex();
await takePart("Upgrade", 2, api.tx.upgrades.authorize(hash), VOTERS);
await until(async () => (await api.query.upgrades.authorized()).isSome);
await submit(api.tx.system.applyAuthorizedUpgrade(u8aToHex(code)), dave);
await until(async () => api.runtimeVersion.specVersion.toNumber() > before);
const after = api.runtimeVersion.specVersion.toNumber();
console.log(`the runtime of version ${before} was replaced by version ${after}`);

await takePart("Signal", 3, api.tx.system.remark("0x61667465727761726473"), VOTERS.slice(0, 2));
await until(async () => (await papi.specVersion()) === after);
await papi.takePart(TRACKS, "after the upgrade");
clearTimeout(timer);
papi.close();
await api.disconnect();
