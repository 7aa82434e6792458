//! The demo page: sends messages and a stream of bytes to an echo server, and shows what comes back.
//!
//! The server is the one that serves the page, or the one in `?url=`.

mod messages;
mod page;
mod stream;

use std::error::Error;

use wasm_bindgen::prelude::wasm_bindgen;

use crate::page::Page;

/// Whatever goes wrong is shown as text.
type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Runs both demonstrations once the page is loaded.
#[wasm_bindgen(start)]
pub async fn start() {
    let page = Page::open();
    match run(&page).await {
        Ok(()) => page.finish("ok", "Everything came back as it was sent."),
        Err(error) => page.finish("failed", &page::with_causes(error.as_ref())),
    }
}

async fn run(page: &Page) -> Result<()> {
    let url = page.server();
    page.show("url", &url);
    messages::run(page, &url).await?;
    stream::run(page, &url).await
}
