//! The card of the server: where to connect, and with which settings.

use std::rc::Rc;

use web_sys::{HtmlInputElement, HtmlSelectElement, UrlSearchParams};
use websocket_anywhere::Control;

use crate::page::Page;

/// What is typed into the card.
pub(crate) struct Server {
    page: Rc<Page>,
}

impl Server {
    /// Fills in the URL that the page was asked for by `?url=`, or that of the echo endpoint beside the page.
    pub(crate) fn start(page: &Rc<Page>) -> Self {
        let url = asked_for(page).unwrap_or_else(|| beside(page));
        page.element_as::<HtmlInputElement>("url").set_value(&url);
        measure_beside_only(page);
        let own = Rc::clone(page);
        page.on(&page.element("url"), "input", move |_| measure_beside_only(&own));
        Self { page: Rc::clone(page) }
    }

    pub(crate) fn url(&self) -> String {
        self.page.typed("url").trim().to_owned()
    }

    pub(crate) fn control(&self) -> Control {
        let typed = self.page.typed("protocols");
        let protocols = typed.split([',', ' ']).filter(|protocol| !protocol.is_empty());
        let control = Control::new().supported_protocols(protocols);
        control.backpressure(self.page.element_as::<HtmlSelectElement>("backend").value() == "waiting")
    }
}

/// Messages that nobody has written go to the page's own server, and to others on request only.
fn measure_beside_only(page: &Page) {
    let is_beside = page.typed("url").trim() == beside(page);
    page.element_as::<HtmlInputElement>("probe").set_checked(is_beside);
}

fn asked_for(page: &Page) -> Option<String> {
    let query = page.location().search().ok()?;
    UrlSearchParams::new_with_str(&query).ok()?.get("url")
}

fn beside(page: &Page) -> String {
    let location = page.location();
    let secure = location.protocol().is_ok_and(|protocol| protocol == "https:");
    let scheme = if secure { "wss" } else { "ws" };
    format!("{scheme}://{}/echo", location.host().unwrap_or_default())
}
