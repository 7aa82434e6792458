//! The card of `StreamWebSocket`: files that come back, and one that does not.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::files;
use super::person::Person;
use super::servers::Server;
use crate::browser::Browser;

const MEBIBYTE: usize = 1 << 20;

/// 32 MiB by drag and drop, through the backend that can wait; and nothing at all.
pub(super) async fn a_dropped_file_comes_back(person: &Person<'_>) -> Result<()> {
    person.open("a file of 32 MiB is dropped and comes back").await?;
    person.chooses("backend", "waiting").await?;
    person.runs(files::DROP, dropped("holiday.mp4", 32 * MEBIBYTE, 1)).await?;
    person.sees(VERDICT, "^holiday.mp4, 32.0 MiB, is on its way").await?;
    person.sees(VERDICT, "^holiday.mp4, 32.0 MiB, came back as it was sent").await?;
    all_is_there(person, 32 * MEBIBYTE).await?;
    let backend = match person.browser {
        Browser::Chromium => "^WebSocketStream$",
        Browser::Firefox => "^WebSocket$",
    };
    person.sees(&fact("backend"), backend).await?;
    person.sees(&fact("closed"), "^1000, .*, clean$").await?;
    person.sees("#rate", r"^\d+\.\d MiB/s each way, \d+\.\d s$").await?;
    person.sees("#bandwidth-scale", "Mbit/s|Gbit/s").await?;
    person.picture("transfer-done").await?;

    person.runs(files::DROP, dropped("empty.txt", 0, 1)).await?;
    person.sees(VERDICT, "^empty.txt, 0 B, came back").await?;
    all_is_there(person, 0).await
}

/// 32 MiB by the file dialogue, through the backend that every browser has.
pub(super) async fn a_picked_file_comes_back(person: &Person<'_>) -> Result<()> {
    person.open("a file of 32 MiB is picked and comes back").await?;
    let file = files::on_disk(32 * MEBIBYTE)?;
    person.picks("file", file.path().to_str().context("the path is not UTF-8")?).await?;
    person.sees(VERDICT, "^picked-.*32.0 MiB, came back as it was sent").await?;
    all_is_there(person, 32 * MEBIBYTE).await?;
    person.sees(&fact("backend"), "^WebSocket$").await.map(drop)
}

/// Without a file.
pub(super) async fn the_sample_comes_back(person: &Person<'_>) -> Result<()> {
    person.open("the sample comes back").await?;
    person.presses("#connect").await?;
    person.presses("#sample").await?;
    person.sees(VERDICT, "^The sample, 16.0 MiB, came back as it was sent").await?;
    all_is_there(person, 16 * MEBIBYTE).await?;
    person.presses("#send").await?;
    person.sees("#log li.received", "Hello, World!$").await?;
    person.sees("#trip-last", " ms$").await?;
    person.picture("sample").await
}

/// A server that returns something else is caught, one that is not there as well.
pub(super) async fn other_bytes_are_noticed(person: &Person<'_>) -> Result<()> {
    person.open("bytes that changed on the way are noticed").await?;
    person.types("url", &format!("ws://{}/spoil", person.site)).await?;
    person.presses("#sample").await?;
    person.sees(VERDICT, "^Other bytes came back than were sent").await?;
    person.sees("#hash-sent", &format!("^{}$", files::hash(16 * MEBIBYTE))).await?;
    person.picture("transfer-spoilt").await?;
    person.types("url", &format!("ws://{}/nowhere", person.site)).await?;
    person.presses("#sample").await?;
    person.sees(VERDICT, "^The transfer failed").await?;
    person.sees(&fact("kind"), "^CannotConnect$").await.map(drop)
}

/// A transfer that would take long is stopped in the middle, with a clean close; then another one works.
pub(super) async fn a_transfer_is_cancelled(person: &Person<'_>) -> Result<()> {
    person.open("a transfer is cancelled").await?;
    person.presses("#cancel").await?;
    person.sees(VERDICT, "^There is nothing to cancel").await?;
    person.chooses("backend", "waiting").await?;
    person.runs(files::DROP, dropped("backup.iso", MEBIBYTE, 4096)).await?;
    person.waits_for("document.querySelector('#progress-returned').value > 0.001").await?;
    person.sees(STATE, "^open$").await?;
    person.runs(files::DROP, dropped("another", 1, 1)).await?;
    person.sees(VERDICT, "^One file at a time").await?;
    person.picture("transfer").await?;
    person.presses("#cancel").await?;
    person.sees(VERDICT, r"^backup.iso was cancelled: .*iB sent, .*iB returned").await?;
    person.sees(STATE, "^closed$").await?;
    person.sees(&fact("closed"), "^1000, “cancelled”, clean$").await?;
    person.picture("transfer-cancelled").await?;
    person.presses("#sample").await?;
    person.sees(VERDICT, "^The sample, 16.0 MiB, came back").await.map(drop)
}

/// A server that goes away in the middle is an error, and the page goes on.
///
/// Not by a `WebSocketStream`: Chromium 156 crashes a page that loses one while a write waits.
pub(super) async fn a_server_goes_away(person: &Person<'_>) -> Result<()> {
    person.open("a server goes away during a transfer").await?;
    let server = Server::start()?;
    person.types("url", &format!("ws://{}/echo", server.address)).await?;
    person.runs(files::DROP, dropped("backup.iso", MEBIBYTE, 4096)).await?;
    person.waits_for("document.querySelector('#progress-returned').value > 0.001").await?;
    drop(server);
    person.sees(STATE, "^failed$").await?;
    person.sees(VERDICT, "^The transfer failed").await?;
    person.sees(&fact("status"), r"^ConnectionAborted \(9\)$").await?;
    person.sees(&fact("closed"), "^1006, no reason, not clean$").await?;
    person.picture("transfer-gone").await
}

async fn all_is_there(person: &Person<'_>, size: usize) -> Result<()> {
    let hash = format!("^{}$", files::hash(size));
    person.sees("#hash-sent", &hash).await?;
    person.sees("#hash-returned", &hash).await?;
    person.waits_for("document.querySelector('#progress-sent').value === 1").await?;
    person.waits_for("document.querySelector('#progress-returned').value === 1").await?;
    person.sees(STATE, "^closed$").await.map(drop)
}

fn dropped(name: &str, size: usize, copies: usize) -> Vec<Value> {
    vec![json!(name), json!(size), json!(copies)]
}

/// What the card tells by this name.
fn fact(name: &str) -> String {
    format!("#transfer [data-fact={name}]")
}

const STATE: &str = "#transfer [data-fact=state]";
const VERDICT: &str = "#verdict";
