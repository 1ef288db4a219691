//! What endpoints say of the present window, and whether enough of them say the same. Each speaks
//! for itself, and those that are one node count once.

use std::{cmp::Reverse, collections::BTreeSet, sync::Arc};

use groma_core::{
	api::WindowInfo,
	protocol::{SLOT_MS_MAX, WINDOW_BLOCKS_MAX},
};

use super::{Agreed, BlockRef, Heads};

/// By which a node names itself, under any URL: its peer id.
pub(super) type NodeId = Arc<str>;

/// What an endpoint says of the chain.
#[derive(Clone, Debug)]
pub(super) struct Word {
	pub(super) node: NodeId,
	/// Number of its best block.
	pub(super) best: u32,
	/// Its last finalized block.
	pub(super) finalized: BlockRef,
	/// The window of that block.
	pub(super) window: WindowInfo,
}

/// The words of endpoints, each with the number of the endpoint, once they are counted.
pub(super) struct Tally {
	/// What enough of them say.
	pub(super) agreed: Option<Agreed>,
	/// The endpoints that say it.
	pub(super) agreeing: Vec<usize>,
	/// Endpoints that say what cannot be, or what cannot be if that is true; and what it is about.
	pub(super) contradicting: Vec<(usize, &'static str)>,
	/// If nothing is agreed: two endpoints of which one lies, and about what.
	pub(super) split: Option<(usize, usize, &'static str)>,
}

type Group<'a> = Vec<&'a (usize, Word)>;

impl Tally {
	/// Counts words, of which `required` different nodes have to say the same.
	pub(super) fn of(words: &[(usize, Word)], required: usize) -> Self {
		let mut contradicting = Vec::new();
		let mut groups: Vec<Group<'_>> = Vec::new();
		for entry in words {
			if let Some(about) = entry.1.fault() {
				contradicting.push((entry.0, about));
				continue;
			}
			match groups.iter_mut().find(|group| window_of(group) == Some(&entry.1.window)) {
				Some(group) => group.push(entry),
				None => groups.push(vec![entry]),
			}
		}
		let Some(chosen) = choose(&groups, required) else {
			let split = split(&groups);
			return Self { agreed: None, agreeing: Vec::new(), contradicting, split };
		};
		for group in &groups {
			let about = window_of(group)
				.zip(window_of(chosen))
				.and_then(|(one, other)| contradiction(one, other));
			if let Some(about) = about {
				contradicting.extend(group.iter().map(|(endpoint, _)| (*endpoint, about)));
			}
		}
		Self {
			agreed: agreed(chosen, required),
			agreeing: chosen.iter().map(|(endpoint, _)| *endpoint).collect(),
			contradicting,
			split: None,
		}
	}
}

impl Word {
	/// What about it cannot be, whatever others say.
	fn fault(&self) -> Option<&'static str> {
		let WindowInfo { index, first_block, blocks, duration_ms, .. } = self.window;
		if !(1..=WINDOW_BLOCKS_MAX).contains(&blocks)
			|| duration_ms / u64::from(blocks) > SLOT_MS_MAX
		{
			return Some("the length of the window");
		}
		// Every window before had a block.
		if index > first_block {
			return Some("the number of the window");
		}
		let is_within =
			(first_block..first_block.saturating_add(blocks)).contains(&self.finalized.number);
		(!is_within).then_some("the first block of the window")
	}
}

/// What two windows of one chain contradict each other about; `None` if both can be.
pub(crate) fn contradiction(one: &WindowInfo, other: &WindowInfo) -> Option<&'static str> {
	if one.index == other.index {
		return [
			(one.first_block == other.first_block, "the first block of the window"),
			(
				(one.blocks, one.duration_ms) == (other.blocks, other.duration_ms),
				"the length of the window",
			),
			(one.seed == other.seed, "the seed of the window"),
			(one.thresholds == other.thresholds, "who is challenged in the window"),
			(one.started_at_ms == other.started_at_ms, "when the window began"),
		]
		.into_iter()
		.find_map(|(is_same, about)| (!is_same).then_some(about));
	}
	let (earlier, later) = if one.index < other.index { (one, other) } else { (other, one) };
	let between = later.first_block.checked_sub(earlier.first_block.saturating_add(earlier.blocks));
	// The windows between the two have at least a block each.
	let can_be =
		between.is_some_and(|blocks| later.index - earlier.index <= blocks.saturating_add(1));
	(!can_be).then_some("the number of the window")
}

/// What at least `required` different nodes answer, if no other answer has as many.
pub(super) fn most<T: PartialEq>(said: &[(usize, (NodeId, T))], required: usize) -> Option<&T> {
	let mut groups: Vec<(&T, BTreeSet<&NodeId>)> = Vec::new();
	for (_, (node, answer)) in said {
		match groups.iter_mut().find(|(other, _)| *other == answer) {
			Some((_, nodes)) => {
				nodes.insert(node);
			}
			None => groups.push((answer, BTreeSet::from([node]))),
		}
	}
	largest(&groups, |(_, nodes)| nodes.len(), required).map(|(answer, _)| *answer)
}

/// How many different nodes there are among them.
pub(super) fn count<'a>(nodes: impl IntoIterator<Item = &'a NodeId>) -> usize {
	nodes.into_iter().collect::<BTreeSet<_>>().len()
}

/// The group with the highest size, of at least `required`, if there is only one of that size.
fn largest<G>(groups: &[G], size: impl Fn(&G) -> usize, required: usize) -> Option<&G> {
	let highest = groups.iter().map(&size).max().filter(|highest| *highest >= required)?;
	let mut found = groups.iter().filter(|group| size(group) == highest);
	found.next().filter(|_| found.next().is_none())
}

/// The latest window that enough nodes name.
fn choose<'a, 'b>(groups: &'b [Group<'a>], required: usize) -> Option<&'b Group<'a>> {
	let enough = groups.iter().filter(|group| nodes_of(group) >= required);
	let latest = enough.filter_map(|group| Some(window_of(group)?.index)).max()?;
	let same: Vec<&Group<'_>> = groups
		.iter()
		.filter(|group| window_of(group).is_some_and(|it| it.index == latest))
		.collect();
	largest(&same, |group| nodes_of(group), required).copied()
}

/// Two endpoints that contradict each other.
fn split(groups: &[Group<'_>]) -> Option<(usize, usize, &'static str)> {
	groups.iter().enumerate().find_map(|(place, group)| {
		groups.iter().skip(place + 1).find_map(|other| {
			let (one, two) = (group.first()?, other.first()?);
			Some((one.0, two.0, contradiction(&one.1.window, &two.1.window)?))
		})
	})
}

fn window_of<'g>(group: &'g Group<'_>) -> Option<&'g WindowInfo> {
	group.first().map(|(_, word)| &word.window)
}

fn nodes_of(group: &Group<'_>) -> usize {
	count(group.iter().map(|(_, word)| &word.node))
}

/// The window of a group, and the highest blocks that so many of its nodes have.
fn agreed(group: &Group<'_>, required: usize) -> Option<Agreed> {
	let best = nth_highest(group, required, |word| word.best)?;
	let finalized = nth_highest(group, required, |word| word.finalized.number)?;
	let heads =
		Heads { best: best.best.max(finalized.finalized.number), finalized: finalized.finalized };
	Some(Agreed { window: finalized.window.clone(), heads })
}

/// The word of the node that comes at place `n`, counted from 1, by a number.
fn nth_highest<'g>(
	group: &'g Group<'_>,
	n: usize,
	number: impl Fn(&Word) -> u32,
) -> Option<&'g Word> {
	let mut words: Vec<&Word> = group.iter().map(|entry| &entry.1).collect();
	words.sort_by_key(|word| Reverse(number(word)));
	let mut nodes = BTreeSet::new();
	words.into_iter().filter(|word| nodes.insert(&word.node)).nth(n.saturating_sub(1))
}

#[cfg(test)]
mod tests {
	use super::*;

	fn window(index: u32) -> WindowInfo {
		WindowInfo {
			index,
			first_block: index * 50,
			blocks: 50,
			duration_ms: 300_000,
			started_at_ms: 0,
			seed: [index as u8; 32],
			thresholds: Vec::new(),
		}
	}

	/// The word of a node at a block of window 11, which has one more as its best.
	fn word(node: &str, block: u32) -> Word {
		Word {
			node: node.into(),
			best: block + 1,
			finalized: BlockRef { number: block, hash: [block as u8; 32] },
			window: window(11),
		}
	}

	fn tally(words: Vec<Word>, required: usize) -> Tally {
		Tally::of(&words.into_iter().enumerate().collect::<Vec<_>>(), required)
	}

	#[test]
	fn window_is_agreed_on_when_enough_nodes_name_it() {
		let tally = tally(vec![word("a", 560), word("b", 557), word("c", 558)], 2);
		let agreed = tally.agreed.expect("agreed");
		assert_eq!(agreed.window, window(11));
		// Two have block 558, and two have seen 559.
		assert_eq!((agreed.heads.finalized.number, agreed.heads.best), (558, 559));
		assert_eq!(tally.agreeing, [0, 1, 2]);
		assert!(tally.contradicting.is_empty());
	}

	#[test]
	fn nodes_count_once_under_any_number_of_names() {
		let tally = tally(vec![word("a", 560), word("a", 560), word("a", 560)], 2);
		assert!(tally.agreed.is_none() && tally.split.is_none());
		let both = super::Tally::of(&[(0, word("a", 560)), (1, word("b", 550))], 2);
		assert_eq!(both.agreed.map(|it| it.heads.finalized.number), Some(550));
	}

	#[test]
	fn endpoint_in_another_window_is_no_contradiction() {
		let ahead = Word { window: window(12), ..word("a", 601) };
		let behind = word("b", 599);
		let tally = tally(vec![ahead.clone(), behind.clone()], 2);
		assert!(tally.agreed.is_none() && tally.split.is_none() && tally.contradicting.is_empty());
		let three = super::Tally::of(&[(0, ahead), (1, behind), (2, word("c", 598))], 2);
		assert_eq!(three.agreed.map(|it| it.window.index), Some(11));
		assert!(three.contradicting.is_empty());
	}

	#[test]
	fn later_window_is_chosen_when_enough_name_either() {
		let later = |node| Word { window: window(12), ..word(node, 601) };
		let tally = tally(vec![word("a", 599), word("b", 599), later("c"), later("d")], 2);
		assert_eq!(tally.agreed.map(|it| it.window.index), Some(12));
	}

	#[test]
	fn endpoint_that_contradicts_two_is_named_with_what_it_is_about() {
		let honest = window(11);
		let thresholds = vec![groma_core::api::NetworkThreshold { network: 0, threshold: 0 }];
		for (lie, about) in [
			(WindowInfo { index: 12, ..honest.clone() }, "the number"),
			(WindowInfo { index: 10, ..honest.clone() }, "the number"),
			(WindowInfo { index: 4_000_000_000, ..honest.clone() }, "the number"),
			(WindowInfo { first_block: 549, ..honest.clone() }, "the first block"),
			(WindowInfo { first_block: 570, ..honest.clone() }, "the first block"),
			(WindowInfo { blocks: 2_000, duration_ms: 12_000_000, ..honest.clone() }, "the length"),
			(WindowInfo { blocks: 100_800, ..honest.clone() }, "the length"),
			(WindowInfo { blocks: 0, ..honest.clone() }, "the length"),
			(WindowInfo { duration_ms: u64::MAX, ..honest.clone() }, "the length"),
			(WindowInfo { seed: [9; 32], ..honest.clone() }, "the seed"),
			(WindowInfo { thresholds, ..honest.clone() }, "who is challenged"),
			(WindowInfo { started_at_ms: 5, ..honest.clone() }, "when the window began"),
		] {
			for place in 0..3 {
				let mut words = vec![word("a", 560), word("b", 560)];
				words.insert(place, Word { window: lie.clone(), ..word("liar", 560) });
				let tally = tally(words, 2);
				assert_eq!(tally.agreed.map(|it| it.window), Some(honest.clone()), "{lie:?}");
				let [(endpoint, named)] = tally.contradicting[..] else {
					panic!("{:?}", tally.contradicting)
				};
				assert!(endpoint == place && named.starts_with(about), "{named}: {lie:?}");
			}
		}
	}

	#[test]
	fn nothing_is_agreed_on_when_one_of_two_lies() {
		let lie = Word { window: WindowInfo { seed: [9; 32], ..window(11) }, ..word("b", 560) };
		for required in [1, 2] {
			let tally = tally(vec![word("a", 560), lie.clone()], required);
			assert!(tally.agreed.is_none());
			assert_eq!(tally.split, Some((0, 1, "the seed of the window")));
		}
		// The word of one is enough if there is no other.
		assert!(tally(vec![lie], 1).agreed.is_some());
	}

	#[test]
	fn block_that_only_a_liar_has_is_not_agreed_on() {
		let liar = Word { best: 4_000_000_000, ..word("liar", 599) };
		let agreed = tally(vec![liar, word("a", 560), word("b", 561)], 2).agreed.expect("agreed");
		assert_eq!((agreed.heads.best, agreed.heads.finalized.number), (562, 561));
	}

	#[test]
	fn answer_counts_when_enough_nodes_give_it_and_no_other() {
		let said = |answers: &[(&str, u8)]| -> Vec<(usize, (NodeId, u8))> {
			answers.iter().map(|(node, it)| ((*node).into(), *it)).enumerate().collect()
		};
		assert_eq!(most(&said(&[("a", 1), ("b", 2), ("c", 1)]), 2), Some(&1));
		assert_eq!(most(&said(&[("a", 1), ("b", 2), ("a", 1)]), 2), None);
		assert_eq!(most(&said(&[("a", 1), ("b", 2)]), 1), None);
		assert_eq!(most(&said(&[("a", 1)]), 2), None);
	}
}
