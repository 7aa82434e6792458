//! The properties that the fuzzers check, here for inputs with structure and for the fuzzers' corpus.

mod corpus;
mod strategies;

use std::{fs, path::Path};

use properties::{connection, decoder, deflate, differential, inflate, upgrade};
use proptest::{prelude::*, test_runner::Config};

proptest! {
    #![proptest_config(Config { failure_persistence: None, ..Config::with_cases(cases()) })]

    #[test]
    fn a_stream_is_read_alike_wherever_it_is_cut(case in strategies::decoder()) {
        decoder::check(&case);
    }

    #[test]
    fn a_stream_is_read_as_tungstenite_reads_it(case in strategies::differential()) {
        differential::check(&case);
    }

    #[test]
    fn a_message_is_inflated_as_zlib_does(case in strategies::inflate()) {
        inflate::check(&case);
    }

    #[test]
    fn a_message_is_deflated_for_every_server(case in strategies::deflate()) {
        deflate::check(&case);
    }

    #[test]
    fn a_response_makes_a_connection_only_if_it_may(case in strategies::upgrade()) {
        upgrade::check(&case);
    }

    #[test]
    fn a_connection_delivers_all_and_ends(case in strategies::connection()) {
        connection::check(&case);
    }
}

#[test]
fn the_corpus_of_the_decoder_holds() {
    replay("decoder", |bytes| decoder::check(&decoder::Case::read(bytes)));
}

#[test]
fn the_corpus_of_the_differential_fuzzer_holds() {
    replay("differential", |bytes| {
        differential::check(&differential::Case::read(bytes));
    });
}

#[test]
fn the_corpus_of_the_inflater_holds() {
    replay("inflate", |bytes| inflate::check(&inflate::Case::read(bytes)));
}

#[test]
fn the_corpus_of_the_deflater_holds() {
    replay("deflate", |bytes| deflate::check(&deflate::Case::read(bytes)));
}

#[test]
fn the_corpus_of_the_handshake_holds() {
    replay("upgrade", |bytes| upgrade::check(&upgrade::Case::read(bytes)));
}

#[test]
fn the_corpus_of_the_connection_holds() {
    replay("connection", |bytes| connection::check(&connection::Case::read(bytes)));
}

/// Checks a property for each file of a fuzzer's corpus.
fn replay(target: &str, check: impl Fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let mut seeds = 0;
    for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        println!("{}", path.display());
        check(&fs::read(path).unwrap());
        seeds += 1;
    }
    assert!(seeds >= 10, "{seeds} files in {}", folder.display());
}

/// How many inputs a property gets; `SOAK_CASES` says more. `PROPTEST_RNG_SEED` repeats a run.
fn cases() -> u32 {
    std::env::var("SOAK_CASES").ok().map_or(256, |cases| cases.parse().expect("a number"))
}
