//! A page that is frozen, and a network that is away, as Chromium can play them.

use anyhow::Result;
use serde_json::json;

use super::messages::{STATE, fact};
use super::person::Person;
use crate::devtools::DevTools;

/// Chromium ends the connections of a page that it freezes: the page learns of it once it goes on, as of any loss.
pub(super) async fn a_frozen_page_has_lost_its_connection(person: &Person<'_>) -> Result<()> {
    person.open("a frozen page has lost its connection").await?;
    person.presses("#connect").await?;
    person.sees(STATE, "^open$").await?;
    for state in ["frozen", "active"] {
        DevTools("Page.setWebLifecycleState", json!({ "state": state })).issue(person.client).await?;
    }
    person.sees(STATE, "^failed$").await?;
    person.sees(&fact("status"), r"^ConnectionAborted \(9\)$").await?;
    person.sees(&fact("closed"), "^1006, no reason, not clean$").await?;
    person.presses("#connect").await?;
    person.sees(STATE, "^open$").await.map(drop)
}

/// A browser that is told to be offline opens nothing, until the network is back.
pub(super) async fn an_offline_browser_opens_nothing(person: &Person<'_>) -> Result<()> {
    person.open("an offline browser opens nothing").await?;
    is_offline(person, true).await?;
    let told = fails_to_open(person).await;
    is_offline(person, false).await?;
    told?;
    person.presses("#connect").await?;
    person.sees(STATE, "^open$").await.map(drop)
}

async fn fails_to_open(person: &Person<'_>) -> Result<()> {
    person.presses("#connect").await?;
    person.sees(STATE, "^failed$").await?;
    person.sees(&fact("kind"), "^CannotConnect$").await.map(drop)
}

async fn is_offline(person: &Person<'_>, offline: bool) -> Result<()> {
    // Without it, WebSockets are opened all the same.
    DevTools("Network.enable", json!({})).issue(person.client).await?;
    let conditions = json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
    DevTools("Network.emulateNetworkConditions", conditions).issue(person.client).await.map(drop)
}
