//! URLs that are relative to the page or the worker.

use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::{exception, property};
use crate::address::Address;

/// The whole URL, if it is relative and there is something that it is relative to. Platforms that resolve it by themselves do
/// not agree: Firefox 153 overlooks `<base>`. A request does not.
pub(super) fn resolve(address: &Address) -> Option<String> {
    let request = address.is_relative().then(|| Request::new(address.as_str()).ok())??;
    Some(exception::words(&property::get(&request, "url")))
}

#[wasm_bindgen]
extern "C" {
    type Request;

    #[wasm_bindgen(catch, constructor)]
    fn new(url: &str) -> Result<Request, JsValue>;
}
