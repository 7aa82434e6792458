//! The server's side of the negotiation: RFC 7692 section 7.1.

use websocket_anywhere::{
    Compression,
    protocol::deflate::{Agreement, accept, offer},
};

#[test]
fn offers_and_what_is_answered() {
    let none = Compression::new;
    let small = || Compression::new().server_max_window_bits(10).client_max_window_bits(11);
    let fresh = || Compression::new().server_no_context_takeover(true).client_no_context_takeover(true);
    for (offers, ours, answer) in [
        ("", none(), None),
        ("x-other", none(), None),
        ("permessage-deflate", none(), Some("")),
        (" permessage-deflate ; client_max_window_bits ", none(), Some("")),
        ("permessage-deflate; server_no_context_takeover", none(), Some("; server_no_context_takeover")),
        ("permessage-deflate; client_no_context_takeover", none(), Some("; client_no_context_takeover")),
        ("permessage-deflate; server_max_window_bits=15", none(), Some("; server_max_window_bits=15")),
        ("permessage-deflate; server_max_window_bits=\"9\"", none(), Some("; server_max_window_bits=9")),
        ("permessage-deflate; client_max_window_bits=9", none(), Some("; client_max_window_bits=9")),
        // The smaller of two windows, and nothing of the client that it does not offer.
        ("permessage-deflate", small(), Some("; server_max_window_bits=10")),
        ("permessage-deflate; server_max_window_bits=12", small(), Some("; server_max_window_bits=10")),
        ("permessage-deflate; server_max_window_bits=9", small(), Some("; server_max_window_bits=9")),
        (
            "permessage-deflate; client_max_window_bits",
            small(),
            Some("; server_max_window_bits=10; client_max_window_bits=11"),
        ),
        (
            "permessage-deflate; client_max_window_bits=9",
            small(),
            Some("; server_max_window_bits=10; client_max_window_bits=9"),
        ),
        ("permessage-deflate", fresh(), Some("; server_no_context_takeover; client_no_context_takeover")),
        // An offer that breaks a rule is declined, and the next one is looked at.
        ("permessage-deflate; x", none(), None),
        ("permessage-deflate;", none(), None),
        ("permessage-deflate; server_max_window_bits", none(), None),
        ("permessage-deflate; server_max_window_bits=16", none(), None),
        ("permessage-deflate; client_max_window_bits=7", none(), None),
        ("permessage-deflate; client_max_window_bits=09", none(), None),
        ("permessage-deflate; client_max_window_bits; client_max_window_bits", none(), None),
        ("permessage-deflate; server_no_context_takeover=1", none(), None),
        ("permessage-deflate; server_no_context_takeover; server_no_context_takeover", none(), None),
        (
            "permessage-deflate; x, permessage-deflate; server_max_window_bits=9, permessage-deflate",
            none(),
            Some("; server_max_window_bits=9"),
        ),
    ] {
        let accepted = accept(offers.split(','), &ours).map(|(accepted, _)| accepted);
        assert_eq!(accepted, answer.map(|rest| format!("permessage-deflate{rest}")), "{offers}");
    }
}

/// Whatever is offered and wanted, a client of ours takes the answer, and both mean the same.
#[test]
fn a_client_agrees_with_every_answer() {
    let all = (8..=15).flat_map(|server| (8..=15).map(move |client| (server, client)));
    let settings = all.flat_map(|(server, client)| {
        [false, true].map(|alone| {
            let windows = Compression::new().server_max_window_bits(server).client_max_window_bits(client);
            windows.server_no_context_takeover(alone).client_no_context_takeover(!alone)
        })
    });
    let settings: Vec<_> = settings.collect();
    for theirs in &settings {
        for ours in settings.iter().step_by(5) {
            let offered = offer(theirs);
            let (answer, agreement) = accept(offered.split(','), ours).unwrap();
            let client =
                Agreement::parse(&answer, theirs).unwrap_or_else(|refusal| panic!("{offered}: {answer}: {refusal}"));
            assert_eq!(client.deflater().is_some(), !answer.contains("client_max_window_bits=8"), "{answer}");
            assert_eq!(agreement.deflater().is_some(), !answer.contains("server_max_window_bits=8"), "{answer}");
        }
    }
}
