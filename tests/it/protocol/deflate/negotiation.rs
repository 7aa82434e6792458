//! RFC 7692 sections 5 and 7.1: the offer and the answers to it.

use websocket_anywhere::{
    Compression,
    protocol::deflate::{Agreement, Refusal, offer},
};

#[test]
fn the_offer_says_what_was_set() {
    let offers = [
        (Compression::new(), "permessage-deflate; client_max_window_bits"),
        (Compression::new().level(0).threshold(9), "permessage-deflate; client_max_window_bits"),
        (
            Compression::new().server_no_context_takeover(true),
            "permessage-deflate; server_no_context_takeover; client_max_window_bits",
        ),
        (
            Compression::new().client_no_context_takeover(true),
            "permessage-deflate; client_no_context_takeover; client_max_window_bits",
        ),
        (
            Compression::new().server_max_window_bits(10).client_max_window_bits(9),
            "permessage-deflate; server_max_window_bits=10; client_max_window_bits=9",
        ),
        (
            Compression::new()
                .server_no_context_takeover(true)
                .client_no_context_takeover(true)
                .server_max_window_bits(8)
                .client_max_window_bits(8),
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=8; \
             client_max_window_bits=8",
        ),
    ];
    for (compression, expected) in offers {
        assert_eq!(offer(&compression), expected);
    }
}

#[test]
fn answers_that_fit_the_offer_are_accepted() {
    for answer in [
        "permessage-deflate",
        " permessage-deflate ",
        "permessage-deflate, ",
        "permessage-deflate; server_no_context_takeover",
        "permessage-deflate;client_no_context_takeover",
        "permessage-deflate ; server_max_window_bits = 8",
        "permessage-deflate; server_max_window_bits=\"10\"",
        "permessage-deflate; client_max_window_bits=8",
        "permessage-deflate; client_max_window_bits=15; server_max_window_bits=15",
        "permessage-deflate; client_max_window_bits=9; client_no_context_takeover; server_max_window_bits=12; \
         server_no_context_takeover",
    ] {
        let accepted = Agreement::parse(answer, &Compression::new());
        assert!(accepted.is_ok(), "{answer}: {accepted:?}");
    }
}

#[test]
fn answers_that_break_a_rule_are_refused() {
    for (answer, refusal) in [
        ("", Refusal::UnknownExtension),
        (",", Refusal::UnknownExtension),
        ("permessage-bzip2", Refusal::UnknownExtension),
        ("permessage-deflate2", Refusal::UnknownExtension),
        ("x-webkit-deflate-frame", Refusal::UnknownExtension),
        ("foo, permessage-deflate", Refusal::UnknownExtension),
        ("permessage-deflate, foo", Refusal::SecondExtension),
        ("permessage-deflate, permessage-deflate", Refusal::SecondExtension),
        ("permessage-deflate; ", Refusal::UnknownParameter),
        ("permessage-deflate; foo", Refusal::UnknownParameter),
        ("permessage-deflate; foo=1", Refusal::UnknownParameter),
        ("permessage-deflate; max_window_bits=10", Refusal::UnknownParameter),
        ("permessage-deflate; server_no_context_takeover=1", Refusal::InvalidValue),
        ("permessage-deflate; client_no_context_takeover=", Refusal::InvalidValue),
        ("permessage-deflate; server_no_context_takeover; server_no_context_takeover", Refusal::RepeatedParameter),
        ("permessage-deflate; client_no_context_takeover; client_no_context_takeover", Refusal::RepeatedParameter),
        ("permessage-deflate; server_max_window_bits=9; server_max_window_bits=9", Refusal::RepeatedParameter),
        ("permessage-deflate; client_max_window_bits=9; client_max_window_bits=10", Refusal::RepeatedParameter),
    ] {
        assert_eq!(Agreement::parse(answer, &Compression::new()), Err(refusal), "{answer}");
    }
}

#[test]
fn window_bits_are_numbers_from_8_to_15_without_a_leading_zero() {
    for side in ["client", "server"] {
        for value in
            ["", "=", "=0", "=7", "=16", "=08", "=010", "=+9", "=-9", "=9.0", "=1e1", "=ten", "=\"10", "=10\"", "=\"\""]
        {
            let answer = format!("permessage-deflate; {side}_max_window_bits{value}");
            assert_eq!(Agreement::parse(&answer, &Compression::new()), Err(Refusal::InvalidValue), "{answer}");
        }
        for bits in 8..=15 {
            for answer in [
                format!("permessage-deflate; {side}_max_window_bits={bits}"),
                format!("permessage-deflate; {side}_max_window_bits=\"{bits}\""),
            ] {
                assert!(Agreement::parse(&answer, &Compression::new()).is_ok(), "{answer}");
            }
        }
    }
}

#[test]
fn the_window_of_the_server_may_be_smaller_than_offered_but_not_larger() {
    for offered in 8..=15 {
        let compression = Compression::new().client_max_window_bits(offered).server_max_window_bits(offered);
        for bits in 8..=15 {
            let answer = format!("permessage-deflate; server_max_window_bits={bits}; client_max_window_bits={offered}");
            let expected = if bits > offered { Some(Refusal::WindowTooLarge) } else { None };
            assert_eq!(Agreement::parse(&answer, &compression).err(), expected, "{offered}: {answer}");
        }
    }
}

/// Some servers answer with the largest window instead of the one that was offered: autobahn-python is one.
#[test]
fn the_window_of_the_client_is_the_smaller_of_the_two() {
    let agree = |offered, granted| {
        let answer = format!("permessage-deflate; client_max_window_bits={granted}");
        Agreement::parse(&answer, &Compression::new().client_max_window_bits(offered)).unwrap()
    };
    for offered in 8..=15 {
        for granted in 8..=15 {
            let smaller = u8::min(offered, granted);
            assert_eq!(agree(offered, granted), agree(smaller, smaller), "{offered} was offered, {granted} granted");
        }
    }
}

#[test]
fn what_was_asked_of_the_server_must_be_in_its_answer() {
    let small = Compression::new().server_max_window_bits(12);
    assert_eq!(Agreement::parse("permessage-deflate", &small), Err(Refusal::WindowTooLarge));
    let fresh = Compression::new().server_no_context_takeover(true);
    assert_eq!(Agreement::parse("permessage-deflate", &fresh), Err(Refusal::ContextTakeover));
    assert!(Agreement::parse("permessage-deflate; server_no_context_takeover", &fresh).is_ok());
}

#[test]
fn what_concerns_only_the_client_need_not_be() {
    let compression = Compression::new().client_no_context_takeover(true).client_max_window_bits(9);
    let answers = ["permessage-deflate", "permessage-deflate; client_no_context_takeover; client_max_window_bits=9"];
    let [silent, explicit] = answers.map(|answer| Agreement::parse(answer, &compression).unwrap());
    assert_eq!(silent, explicit);
}

#[test]
fn a_client_held_to_256_bytes_does_not_compress() {
    let agreement =
        |bits| Agreement::parse(&format!("permessage-deflate; client_max_window_bits={bits}"), &Compression::new());
    assert!(agreement(8).unwrap().deflater().is_none());
    assert!(agreement(9).unwrap().deflater().is_some());
    let own_choice = Compression::new().client_max_window_bits(8);
    assert!(Agreement::parse("permessage-deflate", &own_choice).unwrap().deflater().is_none());
}

#[test]
fn a_refusal_names_its_section() {
    for refusal in [
        Refusal::ContextTakeover,
        Refusal::InvalidValue,
        Refusal::RepeatedParameter,
        Refusal::SecondExtension,
        Refusal::UnknownExtension,
        Refusal::UnknownParameter,
        Refusal::WindowTooLarge,
    ] {
        let text = refusal.to_string();
        assert!(text.contains("(RFC ") && text.contains(" section "), "{text}");
    }
}
