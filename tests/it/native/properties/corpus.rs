//! The properties whose inputs are seeds of a fuzzer's corpus, damaged: the seeds have the structure.

use std::{fs, path::Path};

use properties::{challenge, closing, data_reader, proxy, request, settings};
use proptest::{collection::vec, prelude::*, sample::Index, test_runner::Config};

/// A change to a seed.
#[derive(Clone, Debug)]
enum Change {
    Flip(Index, u8),
    Insert(Index, Vec<u8>),
    Remove(Index, u8),
    /// The end of another seed behind the beginning of this one.
    Splice(Index, Index),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, bits)| Change::Flip(at, bits)),
        (any::<Index>(), vec(any::<u8>(), 1..6)).prop_map(|(at, bytes)| Change::Insert(at, bytes)),
        (any::<Index>(), 1..8_u8).prop_map(|(at, len)| Change::Remove(at, len)),
        (any::<Index>(), any::<Index>()).prop_map(|(seed, at)| Change::Splice(seed, at)),
    ]
}

/// Inputs of a fuzzer: seeds with some changes, or none.
fn damaged(target: &str) -> impl Strategy<Value = Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut seeds: Vec<_> = files.map(|entry| fs::read(entry.unwrap().path()).unwrap()).collect();
    seeds.sort_unstable();
    (any::<Index>(), vec(change(), 0..4)).prop_map(move |(seed, changes)| {
        let mut bytes = seed.get(&seeds).clone();
        for change in changes {
            apply(change, &mut bytes, &seeds);
        }
        bytes
    })
}

fn apply(change: Change, bytes: &mut Vec<u8>, seeds: &[Vec<u8>]) {
    let place = |at: Index, bytes: &[u8]| at.index(bytes.len() + 1);
    match change {
        Change::Flip(at, bits) => {
            let at = place(at, bytes);
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= bits;
            }
        }
        Change::Insert(at, new) => {
            let at = place(at, bytes);
            bytes.splice(at..at, new);
        }
        Change::Remove(at, len) => {
            let at = place(at, bytes);
            let end = bytes.len().min(at + usize::from(len));
            bytes.drain(at..end);
        }
        Change::Splice(seed, at) => {
            let other = seed.get(seeds);
            bytes.truncate(place(at, bytes));
            bytes.extend_from_slice(&other[place(at, other)..]);
        }
    }
}

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::with_cases(super::cases()) })]

    #[test]
    fn a_request_is_accepted_only_if_it_may_be(bytes in damaged("request")) {
        request::check(&request::Case::read(&bytes));
    }

    #[test]
    fn a_challenge_is_answered_by_requests_alone(bytes in damaged("challenge")) {
        challenge::check(&challenge::Case::read(&bytes));
    }

    #[test]
    fn values_are_read_out_of_what_is_there(bytes in damaged("data_reader")) {
        data_reader::check(&data_reader::Case::read(&bytes));
    }

    #[test]
    #[cfg_attr(not(feature = "proxy"), ignore = "it needs the feature proxy")]
    fn a_request_goes_only_into_a_tunnel(bytes in damaged("proxy")) {
        proxy::check(&proxy::Case::read(&bytes));
    }

    #[test]
    fn a_request_says_what_was_set_and_nothing_else(bytes in damaged("settings")) {
        settings::check(&settings::Case::read(&bytes));
    }
}

proptest! {
    // Two connections on a clock and a wire of their own: each case is quick, and what goes wrong between tasks is rare.
    #![proptest_config(Config { failure_persistence: None, ..Config::with_cases(super::cases().max(4096)) })]

    #[test]
    fn two_peers_come_to_an_end(bytes in damaged("closing")) {
        closing::check(&closing::Case::read(&bytes));
    }
}

#[test]
fn the_corpora_of_these_fuzzers_hold() {
    super::replay("request", |bytes| request::check(&request::Case::read(bytes)));
    super::replay("challenge", |bytes| challenge::check(&challenge::Case::read(bytes)));
    super::replay("data_reader", |bytes| data_reader::check(&data_reader::Case::read(bytes)));
    if cfg!(feature = "proxy") {
        super::replay("proxy", |bytes| proxy::check(&proxy::Case::read(bytes)));
    }
    super::replay("settings", |bytes| settings::check(&settings::Case::read(bytes)));
    super::replay("closing", |bytes| closing::check(&closing::Case::read(bytes)));
}
