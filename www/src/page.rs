//! The elements of index.html, by their ids.

use std::error::Error;
use std::iter;

use wasm_bindgen::JsCast as _;
use web_sys::{Document, Element, HtmlProgressElement, Location, UrlSearchParams, Window};

/// The page that this program was loaded by.
#[derive(Debug)]
pub(crate) struct Page {
    document: Document,
    location: Location,
}

impl Page {
    pub(crate) fn open() -> Self {
        let window: Window = js_sys::global().unchecked_into();
        let document = window.document().expect("a window has a document");
        Self { document, location: window.location() }
    }

    /// The URL of the echo server: the one that the page was asked for, or the one beside the page.
    pub(crate) fn server(&self) -> String {
        self.asked_for().unwrap_or_else(|| self.beside())
    }

    pub(crate) fn show(&self, id: &str, text: &str) {
        self.element(id).set_text_content(Some(text));
    }

    pub(crate) fn show_progress(&self, id: &str, fraction: f64) {
        self.element(id).unchecked_into::<HtmlProgressElement>().set_value(fraction);
    }

    /// Shows the end of the program, the state last: whoever waits for it finds the text in place.
    pub(crate) fn finish(&self, state: &str, text: &str) {
        self.show("result", text);
        self.element("result").set_attribute("data-state", state).expect("the name is valid");
    }

    fn asked_for(&self) -> Option<String> {
        let query = self.location.search().ok()?;
        UrlSearchParams::new_with_str(&query).ok()?.get("url")
    }

    fn beside(&self) -> String {
        let secure = self.location.protocol().is_ok_and(|protocol| protocol == "https:");
        let scheme = if secure { "wss" } else { "ws" };
        let host = self.location.host().unwrap_or_default();
        format!("{scheme}://{host}/echo")
    }

    fn element(&self, id: &str) -> Element {
        self.document.get_element_by_id(id).expect("index.html has every id")
    }
}

/// The error and what caused it, in one line.
pub(crate) fn with_causes(error: &(dyn Error + 'static)) -> String {
    let causes = iter::successors(Some(error), |&error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
