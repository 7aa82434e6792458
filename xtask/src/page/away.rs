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

/// A browser that thinks itself offline keeps what is open and opens nothing.
pub(super) async fn an_offline_browser_opens_nothing(person: &Person<'_>) -> Result<()> {
    person.open("an offline browser keeps what is open and opens nothing").await?;
    person.presses("#connect").await?;
    person.sees(STATE, "^open$").await?;
    is_offline(person, true).await?;
    let told = stays_open_and_fails_to_open(person).await;
    is_offline(person, false).await?;
    told?;
    person.presses("#connect").await?;
    person.sees(STATE, "^open$").await.map(drop)
}

async fn stays_open_and_fails_to_open(person: &Person<'_>) -> Result<()> {
    person.presses("#send").await?;
    person.sees("#log li.received", "Hello, World!$").await?;
    person.presses("#close").await?;
    person.sees(STATE, "^closed$").await?;
    person.presses("#connect").await?;
    person.sees(STATE, "^failed$").await?;
    person.sees(&fact("kind"), "^CannotConnect$").await.map(drop)
}

async fn is_offline(person: &Person<'_>, offline: bool) -> Result<()> {
    let conditions = json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
    DevTools("Network.emulateNetworkConditions", conditions).issue(person.client).await.map(drop)
}
