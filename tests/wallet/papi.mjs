// What a wallet that is built on PAPI does in governance. All that it knows of the chain is the
// metadata of the node: nothing is generated for this chain.

import { Keyring } from "@polkadot/api";
import { createClient, Enum } from "polkadot-api";
import { getPolkadotSigner } from "polkadot-api/signer";
import { getWsProvider } from "polkadot-api/ws";
import assert from "node:assert/strict";
import { inspect } from "node:util";
import { WebSocket } from "ws";

const GRM = 1_000_000_000_000n;
const SIGNAL = 3;
// The byte of an aye without conviction.
const AYE = 0x80;
const BALANCE = 100_000n * GRM;
const DELEGATED = 1_000n * GRM;
// The latest block. Without it, PAPI reads the latest final one.
const BEST = { at: "best" };

const keyring = new Keyring({ type: "sr25519" });
const account = (uri) => {
	const pair = keyring.addFromUri(uri);
	const signer = getPolkadotSigner(pair.publicKey, "Sr25519", (bytes) => pair.sign(bytes));
	return { address: pair.address, signer };
};
const [voter, delegator] = ["//Bob", "//Dave//stash"].map(account);

// Submits a call, and returns its events once a block includes it.
const submit = (call, { signer }) =>
	new Promise((done, failed) => {
		const watch = call.signSubmitAndWatch(signer).subscribe({
			next: ({ found, ok, events, dispatchError }) => {
				if (!found) return;
				watch.unsubscribe();
				if (ok) return done(events);
				const reason = inspect(dispatchError, { depth: null });
				failed(new Error(`the call failed: ${reason}`));
			},
			error: failed,
		});
	});

// The fields of the only event of this kind.
const only = (events, pallet, name) => {
	const found = events.filter(({ event }) => event.type === pallet && event.value.type === name);
	assert.equal(found.length, 1, `one event ${pallet}.${name}`);
	return found[0].event.value.value;
};

// A wallet that is connected to a node, until it is closed.
export const connect = (url) => {
	const client = createClient(getWsProvider(url, { websocketClass: WebSocket }));
	const api = client.getUnsafeApi();
	const { ConvictionVoting, Preimage, Referenda } = api.tx;

	const specVersion = async () => (await api.constants.System.Version()).spec_version;

	// The tracks as a wallet lists them. Names are padded with zeros.
	const tracks = async () =>
		(await api.constants.Referenda.Tracks()).map(([id, { name }]) => [
			id,
			name.replaceAll("\0", ""),
		]);

	// Notes the preimage of a call and submits it to the track for signals, with both deposits.
	// Returns the number of the referendum.
	const refer = async (call) => {
		const bytes = await call.getEncodedData();
		const noted = await submit(Preimage.note_preimage({ bytes }), voter);
		const { hash } = only(noted, "Preimage", "Noted");
		const proposal = {
			proposal_origin: Enum("Origins", Enum("Signal")),
			proposal: Enum("Lookup", { hash, len: bytes.length }),
			enactment_moment: Enum("After", 0),
		};
		const submitted = await submit(Referenda.submit(proposal), voter);
		const { index, track } = only(submitted, "Referenda", "Submitted");
		assert.equal(track, SIGNAL);
		await submit(Referenda.place_decision_deposit({ index }), voter);
		return index;
	};

	const ongoing = async (index) => {
		const { type, value } = await api.query.Referenda.ReferendumInfoFor.getValue(index, BEST);
		assert.equal(type, "Ongoing");
		return value;
	};

	// What a referendum proposes, decoded.
	const proposalOf = async (index) => {
		const { type, value } = (await ongoing(index)).proposal;
		assert.equal(type, "Lookup");
		const key = [value.hash, value.len];
		const preimage = await api.query.Preimage.PreimageFor.getValue(key, BEST);
		return (await api.txFromCallData(preimage, BEST)).decodedCall;
	};

	const assertSupport = async (index, support, message) =>
		assert.equal((await ongoing(index)).tally.support, support, message);

	const voteAye = async (index) => {
		const vote = Enum("Standard", { vote: AYE, balance: BALANCE });
		await submit(ConvictionVoting.vote({ poll_index: index, vote }), voter);
		await assertSupport(index, BALANCE, "the vote counts");
	};

	const voting = () =>
		api.query.ConvictionVoting.VotingFor.getValue(delegator.address, SIGNAL, BEST);

	// One account lets the other vote for it, and then no longer.
	const delegateAndUndelegate = async (index) => {
		const delegation = {
			class: SIGNAL,
			to: Enum("Id", voter.address),
			conviction: Enum("Locked1x"),
			balance: DELEGATED,
		};
		await submit(ConvictionVoting.delegate(delegation), delegator);
		const { type, value } = await voting();
		assert.equal(type, "Delegating", "the delegation is shown");
		assert.equal(value.target, voter.address);
		assert.equal(value.balance, DELEGATED);
		await assertSupport(index, BALANCE + DELEGATED, "the delegation counts");

		await submit(ConvictionVoting.undelegate({ class: SIGNAL }), delegator);
		assert.equal((await voting()).type, "Casting", "the delegation is over");
		await assertSupport(index, BALANCE, "the delegation no longer counts");
	};

	// All of it once, with the proposal to remark a text.
	const takePart = async (expected, text) => {
		assert.deepEqual(await tracks(), expected, "the tracks are shown");
		const call = api.tx.System.remark({ remark: new TextEncoder().encode(text) });
		const index = await refer(call);
		const shown = await proposalOf(index);
		assert.deepEqual(shown, call.decodedCall, "the proposal is shown");
		await voteAye(index);
		await delegateAndUndelegate(index);
		const { type, value } = shown;
		const remark = new TextDecoder().decode(value.value.remark);
		console.log(`referendum ${index} by PAPI: ${type}.${value.type} "${remark}"`);
	};

	return { specVersion, takePart, close: () => client.destroy() };
};
