//! Names and shapes of types. A name ends in a hash of the shape: `NetworkTerms#1a2b3c4d`.
//!
//! The shape of a struct is that of its fields, down to integers. The shape of an enum is its name
//! alone: its variants have separate lines, so that one which is appended is one new line, and
//! nothing that holds the enum counts as changed.

use std::{cell::RefCell, collections::BTreeSet};

use scale_info::{Field, PortableRegistry, Type, TypeDef, form::PortableForm};
use sp_io::hashing::blake2_256;

/// An enum with more variants has one line with a hash of them all: the eras of a transaction.
const VARIANTS_MAX: usize = 100;

/// The parameters of a type are left out of a name that would be longer, in bytes.
const LABEL_MAX: usize = 60;

/// The types of the metadata.
pub(super) struct Shapes<'a> {
	registry: &'a PortableRegistry,
	/// Enums that something has, whose variants are to be listed.
	enums: RefCell<BTreeSet<u32>>,
}

impl<'a> Shapes<'a> {
	pub(super) fn new(registry: &'a PortableRegistry) -> Self {
		Self { registry, enums: RefCell::default() }
	}

	/// A type by its number.
	pub(super) fn get(&self, id: u32) -> &'a Type<PortableForm> {
		self.registry.resolve(id).expect("the metadata has all types that it names")
	}

	/// The name of a type, with the hash of its shape if the name does not say all of it.
	pub(super) fn name(&self, id: u32) -> String {
		let (mut label, shape) = (self.label(id), self.shape(id));
		if !shape.contains('{') {
			return label;
		}
		if let Some(end) = label.find('<').filter(|_| label.len() > LABEL_MAX) {
			label.replace_range(end.., "<..>");
		}
		format!("{label}#{}", short_hash(shape.as_bytes()))
	}

	/// Fields as `(name:Type, ..)`; nothing if there are none.
	pub(super) fn fields(&self, fields: &[Field<PortableForm>]) -> String {
		if fields.is_empty() {
			return String::new();
		}
		let fields: Vec<String> = fields
			.iter()
			.map(|field| match &field.name {
				Some(name) => format!("{name}:{}", self.name(field.ty.id)),
				None => self.name(field.ty.id),
			})
			.collect();
		format!("({})", fields.join(", "))
	}

	/// The variants of all enums that names were asked of, and of those inside of these, except
	/// those of `listed`, which have lines elsewhere: (name of the enum and number, variant).
	pub(super) fn variants(&self, listed: &BTreeSet<u32>) -> Vec<(String, String)> {
		let mut done = listed.clone();
		let mut found = BTreeSet::new();
		loop {
			let next = self.enums.borrow().iter().find(|id| !done.contains(id)).copied();
			let Some(id) = next else { break };
			done.insert(id);
			let TypeDef::Variant(of) = &self.get(id).type_def else { continue };
			let name = self.full_label(id);
			if of.variants.len() > VARIANTS_MAX {
				let all = of.variants.iter().map(|variant| {
					format!("{}{}{}", variant.index, variant.name, self.fields(&variant.fields))
				});
				let hash = short_hash(all.collect::<String>().as_bytes());
				let text = format!("{} variants#{hash}", of.variants.len());
				found.insert((name, None, text));
				continue;
			}
			for variant in &of.variants {
				if !is_native_only(&name, variant.index) {
					let text = format!("{}{}", variant.name, self.fields(&variant.fields));
					found.insert((name.clone(), Some(variant.index), text));
				}
			}
		}
		let key = |name: String, index: Option<u8>| match index {
			Some(index) => format!("{name}.{index}"),
			None => name,
		};
		found.into_iter().map(|(name, index, text)| (key(name, index), text)).collect()
	}

	/// What people call a type.
	fn label(&self, id: u32) -> String {
		let path = &self.get(id).path.segments;
		self.label_as(id, path.last().map(|name| name.to_string()))
	}

	/// The same with all modules in front.
	fn full_label(&self, id: u32) -> String {
		let path = &self.get(id).path.segments;
		self.label_as(id, (!path.is_empty()).then(|| path.join("::")))
	}

	fn label_as(&self, id: u32, path: Option<String>) -> String {
		let all =
			|ids: Vec<u32>| ids.into_iter().map(|id| self.label(id)).collect::<Vec<_>>().join(",");
		let found = self.get(id);
		if let Some(path) = path {
			let params: Vec<u32> =
				found.type_params.iter().filter_map(|param| Some(param.ty?.id)).collect();
			return if params.is_empty() { path } else { format!("{path}<{}>", all(params)) };
		}
		match &found.type_def {
			TypeDef::Primitive(primitive) => format!("{primitive:?}").to_lowercase(),
			TypeDef::Sequence(of) => format!("[{}]", self.label(of.type_param.id)),
			TypeDef::Array(of) => format!("[{};{}]", self.label(of.type_param.id), of.len),
			TypeDef::Compact(of) => format!("Compact<{}>", self.label(of.type_param.id)),
			TypeDef::Tuple(of) => {
				format!("({})", all(of.fields.iter().map(|field| field.id).collect()))
			}
			TypeDef::BitSequence(_) => "bits".to_owned(),
			TypeDef::Composite(_) | TypeDef::Variant(_) => format!("type{id}"),
		}
	}

	/// Everything that decides how a value of a type is read.
	fn shape(&self, id: u32) -> String {
		self.shape_within(id, &mut Vec::new())
	}

	fn shape_within(&self, id: u32, around: &mut Vec<u32>) -> String {
		let found = self.get(id);
		// No type of the runtime contains itself other than through an enum; if one does, its name
		// stands for it.
		if around.contains(&id) {
			return self.full_label(id);
		}
		around.push(id);
		let shape = match &found.type_def {
			TypeDef::Primitive(_) | TypeDef::BitSequence(_) => self.label(id),
			TypeDef::Sequence(of) => format!("[{}]", self.shape_within(of.type_param.id, around)),
			TypeDef::Array(of) => {
				format!("[{};{}]", self.shape_within(of.type_param.id, around), of.len)
			}
			TypeDef::Compact(of) => {
				format!("Compact<{}>", self.shape_within(of.type_param.id, around))
			}
			TypeDef::Tuple(of) => {
				let fields = of.fields.iter().map(|field| self.shape_within(field.id, around));
				format!("({})", fields.collect::<Vec<_>>().join(","))
			}
			TypeDef::Composite(of) => {
				let fields = of.fields.iter().map(|field| {
					let shape = self.shape_within(field.ty.id, around);
					format!("{}:{shape}", field.name.as_deref().unwrap_or_default())
				});
				format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
			}
			TypeDef::Variant(_) => {
				let params = found.type_params.iter().filter_map(|param| Some(param.ty?.id));
				let params: Vec<String> = params.map(|id| self.shape_within(id, around)).collect();
				let name = found.path.segments.join("::");
				if !matches!(&name[..], "Option" | "Result") {
					self.enums.borrow_mut().insert(id);
				}
				if params.is_empty() { name } else { format!("{name}<{}>", params.join(",")) }
			}
		};
		around.pop();
		shape
	}
}

/// The first bytes of the hash of some bytes.
pub(super) fn short_hash(bytes: &[u8]) -> String {
	blake2_256(bytes).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

/// Whether only the native runtime of tests has a variant.
pub(super) fn is_native_only(name: &str, index: u8) -> bool {
	name == "groma_core::terms::Proof" && index == u8::MAX
}
