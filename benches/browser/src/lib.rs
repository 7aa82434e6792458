//! The browser benchmark: this crate and every peer in one module, which `page/` drives and `cargo xtask bench --browser`
//! starts. For any other target than a browser it is empty.

#![cfg(all(target_family = "wasm", target_os = "unknown"))]

mod clients;
mod exchange;

use js_sys::{Error, Promise};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::future_to_promise;

use crate::{clients::Peer, exchange::Job};

/// Whatever goes wrong is told as text.
type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// A connected client at work.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Session {
    inner: exchange::Shared,
}

/// Connects the client of that name; `kind`, `size` and `text` are those of the workload.
#[wasm_bindgen]
pub async fn connect(client: &str, url: String, kind: &str, size: usize, text: bool) -> Result<Session, Error> {
    let peer = Peer::by_name(client).map_err(thrown)?;
    let job = Job::new(kind, size, text).map_err(thrown)?;
    let inner = peer.connect(url, job).await.map_err(thrown)?;
    Ok(Session { inner })
}

#[wasm_bindgen]
impl Session {
    /// Does the work for so many messages.
    pub fn batch(&self, count: u32) -> Promise {
        let batch = exchange::batch(&self.inner, count);
        future_to_promise(async move {
            batch.await.map_err(thrown)?;
            Ok(wasm_bindgen::JsValue::UNDEFINED)
        })
    }
}

fn thrown(error: Box<dyn std::error::Error>) -> Error {
    Error::new(&error.to_string())
}
