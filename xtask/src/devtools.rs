//! Commands of the DevTools protocol, by way of Chromium's driver.

use anyhow::{Context as _, Result};
use fantoccini::Client;
use fantoccini::wd::WebDriverCompatibleCommand;
use http::Method;
use serde_json::{Value, json};
use url::{ParseError, Url};

/// A command with its parameters.
#[derive(Debug)]
pub(crate) struct DevTools(pub(crate) &'static str, pub(crate) Value);

impl DevTools {
    /// What the browser answers.
    pub(crate) async fn issue(self, client: &Client) -> Result<Value> {
        let name = self.0;
        client.issue_cmd(self).await.with_context(|| format!("{name} fails"))
    }
}

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base_url: &Url, session_id: Option<&str>) -> Result<Url, ParseError> {
        base_url.join(&format!("session/{}/goog/cdp/execute", session_id.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        let Self(name, parameters) = self;
        (Method::POST, Some(json!({ "cmd": name, "params": parameters }).to_string()))
    }
}
