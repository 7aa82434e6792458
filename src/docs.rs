//! Guides: what a connection does and when, what to write for each member of UWP, what differs in a browser, and all errors.
//!
//! * [`lifecycle`]: from connecting to the end, what waits for what and how long.
//! * [`migration`]: each class and member of UWP, and what to write here; the samples of UWP's page, each with its twin.
//! * [`platforms`]: what differs between a native program and one in a browser, and why.
//! * [`features`]: what each feature of the package brings, what is missing without it, and what it costs to build.
//! * [`tokens`]: how a program proves who it is without headers, as in a browser, and what each way risks.
//! * [`other_crates`]: tokio-tungstenite, gloo-net and ewebsock side by side with this crate.
//! * [`security`]: what a peer, a network and a careless setting cannot do.
//! * [`errors`]: every kind of error with its HRESULT and its `WebErrorStatus`.

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
