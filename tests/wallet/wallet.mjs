// What the programs of this folder share.

const PAUSE_MS = 500;

// Returns once the answer is anything but false.
export const until = async (ask) => {
	while (!(await ask())) await new Promise((done) => setTimeout(done, PAUSE_MS));
};

// Submits a call, and returns once a block includes it.
export const submit = (call, signer) =>
	new Promise((done, failed) => {
		const report = ({ status, dispatchError, isError }) => {
			if (dispatchError) failed(new Error(`the call failed: ${dispatchError}`));
			else if (status.isInBlock) done();
			else if (isError) failed(new Error(`the transaction is ${status.type}`));
		};
		call.signAndSend(signer, { nonce: -1 }, report).catch(failed);
	});
