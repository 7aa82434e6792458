//! All that the window shows, without the window.

use std::time::Instant;

use tokio::runtime::Handle;

use crate::{Wake, chat::Chat, feed::Feed, server::Server, transfer::Transfer};

/// The three sockets of the window.
pub struct Model {
    /// The conversation.
    pub chat: Chat,
    /// The transfer.
    pub transfer: Transfer,
    /// What the server tells about itself.
    pub feed: Feed,
}

impl Model {
    /// Connects to nothing but the server's feed. `wake` is called when there is something new to show.
    pub fn new(runtime: &Handle, server: &Server, wake: Wake) -> Self {
        Self {
            chat: Chat::new(runtime.clone(), wake.clone()),
            transfer: Transfer::new(runtime.clone(), wake.clone()),
            feed: Feed::new(runtime, wake, server.url("/feed")),
        }
    }

    /// To be called in every frame; never waits.
    pub fn update(&mut self) {
        self.feed.update(Instant::now());
    }
}
