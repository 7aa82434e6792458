//! The demo page: both sockets live, against the server that serves the page or any other.
//!
//! [`messages`] and [`transfer`] are the two programs that it shows; [`live`] plots what both do. The rest is the page:
//! [`page`] finds its elements, [`card`] shows what a socket tells, [`log`] what it carried.

mod card;
mod format;
mod live;
mod log;
mod messages;
mod page;
mod plot;
mod round_trip;
mod server;
mod ticker;
mod transfer;

use std::rc::Rc;

use wasm_bindgen::prelude::wasm_bindgen;

use crate::live::Live;
use crate::messages::Messages;
use crate::page::Page;
use crate::server::Server;
use crate::transfer::Transfer;

/// Brings the page to life. All of it lives as long as the page, by the listeners that the page keeps.
#[wasm_bindgen(start)]
pub fn start() {
    let page = Page::open();
    let live = Live::start(&page);
    let server = Rc::new(Server::start(&page));
    Messages::start(&page, &server, &live);
    Transfer::start(&page, &server, &live);
}
