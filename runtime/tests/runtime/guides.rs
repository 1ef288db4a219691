//! Calls that guides write out.

use frame_metadata::{RuntimeMetadata, v14::PalletMetadata};
use groma_runtime::Runtime;
use scale_info::{PortableRegistry, TypeDef, Variant, form::PortableForm};

use crate::chain::Chain;

/// A call that a guide writes out: its pallet, its name, and the names of its arguments.
pub(crate) struct Written {
	pub(crate) name: String,
	pub(crate) arguments: Vec<String>,
}

/// The calls that a guide writes out, each in a separate indented line.
pub(crate) fn calls_in(guide: &str) -> Vec<Written> {
	let calls = guide.lines().filter_map(|line| {
		let call = line.strip_prefix("    ")?.strip_suffix(')')?;
		let (name, arguments) = call.split_once('(')?;
		let arguments = arguments.split(", ").filter(|argument| !argument.is_empty());
		let arguments = arguments.map(str::to_owned).collect();
		name.contains('.').then(|| Written { name: name.to_owned(), arguments })
	});
	calls.collect()
}

/// What the metadata says of the pallets, and of types.
pub(crate) struct Pallets {
	pallets: Vec<PalletMetadata<PortableForm>>,
	types: PortableRegistry,
}

impl Pallets {
	pub(crate) fn of_the_runtime() -> Self {
		let metadata = Chain::development().with(Runtime::metadata).1;
		let RuntimeMetadata::V14(metadata) = metadata else {
			panic!("the metadata is of version 14");
		};
		Self { pallets: metadata.pallets, types: metadata.types }
	}

	fn pallet(&self, name: &str) -> &PalletMetadata<PortableForm> {
		self.pallets.iter().find(|it| it.name == name).expect(name)
	}

	fn variants(&self, id: u32) -> &[Variant<PortableForm>] {
		let found = self.types.resolve(id).expect("the type is registered");
		let TypeDef::Variant(found) = &found.type_def else { panic!("type {id} has variants") };
		&found.variants
	}

	/// The names of the errors of a pallet.
	pub(crate) fn errors_of(&self, pallet: &str) -> Vec<&str> {
		let errors = self.pallet(pallet).error.as_ref().expect("it has errors").ty.id;
		self.variants(errors).iter().map(|it| it.name.as_str()).collect()
	}

	/// The arguments of a written call are those of the runtime, in their order.
	pub(crate) fn expect_arguments(&self, written: &Written) {
		let Written { name, arguments } = written;
		let (pallet, call) = name.split_once('.').expect("it names a pallet");
		let calls = self.pallet(pallet).calls.as_ref().expect("it has calls").ty.id;
		let found = self.variants(calls).iter().find(|it| it.name == call).expect(name);
		let fields: Vec<_> = found.fields.iter().filter_map(|it| it.name.clone()).collect();
		assert_eq!(&fields, arguments, "{name}");
	}
}
