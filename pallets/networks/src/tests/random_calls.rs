//! No bytes break a call.

use codec::Decode;
use proptest::prelude::*;
use sp_runtime::traits::Dispatchable;

use crate::mock::*;

proptest! {
	#[test]
	fn random_bytes_never_break_a_call(bytes in prop::collection::vec(any::<u8>(), 0..260), call in 0u8..9) {
		let mut encoded = vec![1, call];
		encoded.extend(bytes);
		if let Ok(call) = RuntimeCall::decode(&mut &encoded[..]) {
			ExtBuilder::default().build_and_execute(|| {
				let before = System::event_count();
				let result = call.dispatch(RuntimeOrigin::root());
				assert_eq!(result.is_ok(), System::event_count() > before);
			});
		}
	}
}
