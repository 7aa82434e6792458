//! URLs that are relative to the page or the worker.

use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::property;
use crate::address::Address;

/// The whole URL, if it is relative and there is something that it is relative to. Platforms that resolve it by themselves do
/// not agree: Firefox 153 overlooks `<base>`.
pub(super) fn resolve(address: &Address) -> Option<String> {
    if !address.is_relative() {
        return None;
    }
    let (document, location) = (of_global("document"), of_global("location"));
    let base = if document.is_object() {
        property::get(&document, "baseURI")
    } else if location.is_object() {
        property::get(&location, "href")
    } else {
        return None;
    };
    let url = Url::new(address.as_str(), &base).ok()?;
    property::get(&url, "href").as_string()
}

fn of_global(name: &str) -> JsValue {
    property::get(&js_sys::global(), name)
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = URL)]
    type Url;

    #[wasm_bindgen(catch, constructor, js_class = URL)]
    fn new(url: &str, base: &JsValue) -> Result<Url, JsValue>;
}
