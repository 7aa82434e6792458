//! The same of the types that are native only, that no public type is forgotten, and how large the futures of users are.

use std::{collections::BTreeSet, mem::size_of_val};

use tokio::io::DuplexStream;
use websocket_anywhere::{
    MessageWebSocket, ServerControl, ServerDecision, ServerMessageWebSocket, ServerRequest, ServerResponse,
    ServerStreamWebSocket, StreamWebSocket,
};

use crate::types::{is_free, is_send};

/// Every public type.
const _: () = {
    is_free::<ServerDecision>();
    is_free::<ServerControl>();
    is_free::<ServerMessageWebSocket>();
    is_free::<ServerRequest>();
    is_free::<ServerResponse>();
    is_free::<ServerStreamWebSocket>();
};

#[test]
fn futures_of_servers_are_send() {
    let transport = || -> DuplexStream { tokio::io::duplex(1).0 };
    is_send(ServerMessageWebSocket::accept(transport(), ServerControl::new()));
    is_send(ServerStreamWebSocket::accept(transport(), ServerControl::new()));
}

/// They are inside of the futures of those who connect, and are copied when these are spawned.
#[test]
fn connecting_takes_no_large_future() {
    let sizes = [
        size_of_val(&MessageWebSocket::connect("ws://example.com/")),
        size_of_val(&StreamWebSocket::connect("wss://example.com/")),
    ];
    assert!(sizes.iter().all(|size| *size <= 6 << 10), "{sizes:?}");
}

#[test]
fn every_public_type_is_looked_at() {
    let (shared, native) = (include_str!("../../../src/lib.rs"), include_str!("../../../src/backend.rs"));
    let exported = names(between(shared, "pub use crate::{", "};")).chain(names(between(native, "native::{\n", "}")));
    let exported = exported.chain(names(between(shared, "pub use crate::shared_connections::", ";")));
    let exported: BTreeSet<_> = exported.filter(|name| !NO_TYPES.contains(name)).collect();
    let rows = [include_str!("../types.rs"), include_str!("types.rs")].into_iter().flat_map(str::lines);
    let looked_at = rows.filter_map(|row| row.trim().strip_prefix("is_free::<")?.split(['<', '>']).next());
    assert_eq!(looked_at.collect::<BTreeSet<_>>(), exported);
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    text.split_once(start).and_then(|(_, rest)| rest.split_once(end)).expect(start).0
}

/// The words in it that start as types and traits do.
fn names(list: &str) -> impl Iterator<Item = &str> {
    list.split(|c: char| !c.is_alphanumeric()).filter(|word| word.starts_with(char::is_uppercase))
}

/// Traits, and an alias.
const NO_TYPES: [&str; 4] = ["Connect", "DataInput", "DataOutput", "Result"];
