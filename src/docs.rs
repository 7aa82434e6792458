//! Guides: how to begin, what a connection does and when, what differs in a browser, how to come from other libraries.
//!
//! | guide | |
//! |---|---|
//! | [`native`] | getting started in a native program |
//! | [`browser`] | getting started in a browser: wasm-pack, trunk, frameworks |
//! | [`messages_and_streams`] | which of the two sockets to use, and what each does with bytes |
//! | [`lifecycle`] | from connecting to the end: every wait, its limit, and what ends it |
//! | [`tls`] | TLS, proxies and credentials of native programs |
//! | [`servers`] | the server's side: on its own, behind hyper or axum, over HTTP/2 |
//! | [`testing`] | tests without a server, with a scripted peer, in a headless browser |
//! | [`performance`] | how to get the most out of a connection |
//! | [`security`] | what a peer, a network and a careless setting cannot do |
//! | [`features`] | what each feature of the package brings, what is missing without it, and what it costs to build |
//! | [`platforms`] | what differs between native programs and browsers, and why |
//! | [`tokens`] | authentication without request headers, as in a browser, and the risks of each way |
//! | [`errors`] | every kind of error with its HRESULT and its `WebErrorStatus` |
//! | [`migration`] | what to write for each class and member of UWP; UWP's samples in Rust |
//! | [`other_crates`] | tokio-tungstenite, gloo-net and ewebsock side by side with this crate |

#[doc = include_str!("docs/native.md")]
pub mod native {}

#[doc = include_str!("docs/browser.md")]
pub mod browser {}

#[doc = include_str!("docs/messages_and_streams.md")]
pub mod messages_and_streams {}

#[doc = include_str!("docs/tls.md")]
#[doc = native_links!()]
pub mod tls {}

#[doc = include_str!("docs/servers.md")]
#[doc = native_links!()]
pub mod servers {}

#[doc = include_str!("docs/testing.md")]
pub mod testing {}

#[doc = include_str!("docs/performance.md")]
pub mod performance {}

#[doc = include_str!("docs/errors.md")]
pub mod errors {}

#[doc = include_str!("docs/features.md")]
pub mod features {}

#[doc = include_str!("docs/lifecycle.md")]
#[doc = native_links!()]
pub mod lifecycle {}

#[doc = include_str!("docs/platforms.md")]
#[doc = native_links!()]
pub mod platforms {}

#[doc = include_str!("docs/other_crates.md")]
pub mod other_crates {}

#[doc = include_str!("docs/security.md")]
#[doc = native_links!()]
pub mod security {}

#[doc = include_str!("docs/tokens.md")]
pub mod tokens {}

/// A sample of UWP's page, and below it the file of the example that does the same.
macro_rules! migration {
    ($($original:literal, $twin:literal;)*) => {
        #[doc = include_str!("docs/migration.md")]
        $(
            #[doc = include_str!(concat!("docs/samples/", $original))]
            #[doc = "In Rust:"]
            #[doc = ""]
            #[doc = "```"]
            #[doc = include_str!(concat!("../examples/seed_samples/", $twin))]
            #[doc = "```"]
        )*
        #[doc = native_links!()]
        pub mod migration {}
    };
}

migration! {
    "secure.md", "secure.rs";
    "message.md", "message.rs";
    "stream.md", "stream.rs";
    "control.md", "control.rs";
    "error_status.md", "error_status.rs";
    "timeout.md", "timeout.rs";
}
