//! The test of the demo page: a person in a real browser, who reads what it shows.

mod access;
mod away;
mod files;
mod messages;
mod person;
pub(crate) mod served;
mod servers;
mod transfers;

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use fantoccini::Client;
use wasmparser::{Parser, Payload};

use self::person::Person;
use self::servers::Server;
use crate::browser::{Browser, Colours};
use crate::setup::Driven;
use crate::web::Driver;
use crate::{project, reaper};

/// The page, served on a free port, does in this browser what people want of it. Pictures are left in target/screenshots.
pub(crate) fn works_in(driven: &Driven) -> Result<()> {
    let worked = tokio::runtime::Runtime::new()?.block_on(use_all(driven));
    reaper::end_descendants();
    worked
}

/// A page can give a module only what the JavaScript beside it exports: native code shows up as other imports.
pub(crate) fn imports_only_its_glue() -> Result<()> {
    let path = project::root().join("www/pkg/www_bg.wasm");
    let wasm = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let modules = imported_modules(&wasm)?;
    let strange: Vec<_> = modules.iter().filter(|module| *module != "./www_bg.js").collect();
    ensure!(strange.is_empty(), "{} imports from {strange:?}", path.display());
    ensure!(!modules.is_empty(), "{} imports nothing", path.display());
    Ok(())
}

async fn use_all(driven: &Driven) -> Result<()> {
    let pictures = person::pictures(driven.browser)?;
    let server = Server::start()?;
    let visits = [Visit::Light, Visit::Dark, Visit::Away];
    for visit in visits.into_iter().filter(|visit| driven.browser == Browser::Chromium || *visit != Visit::Away) {
        // Each kind of driver serves one browser at a time.
        let driver = Driver::start(&driven.driver)?;
        let client = driver.open(driven, visit.colours()).await?;
        let used = use_as(driven, &client, &server, &pictures, visit).await;
        let closed = client.close().await;
        used?;
        closed.context("the browser does not close")?;
    }
    Ok(())
}

/// What is done in one session of a browser.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Visit {
    Light,
    Dark,
    /// In a session of its own: behind it, Chromium's driver saw no text in the frame that stands for a phone.
    Away,
}

impl Visit {
    const fn colours(self) -> Colours {
        match self {
            Self::Light | Self::Away => Colours::Light,
            Self::Dark => Colours::Dark,
        }
    }
}

async fn use_as(driven: &Driven, client: &Client, server: &Server, pictures: &Path, visit: Visit) -> Result<()> {
    let person = Person::new(client, &server.address, pictures, driven.browser, visit.colours()).await?;
    let used = match visit {
        Visit::Light => in_light(&person).await,
        Visit::Dark => in_dark(&person).await,
        Visit::Away => away(&person).await,
    };
    if used.is_err() {
        // It shows more than the error says; without it the error still says enough.
        let _ = person.picture("failed").await;
    }
    used
}

/// Everything that the page can do, at a desk; then a look at it on a phone.
async fn in_light(person: &Person<'_>) -> Result<()> {
    access::everything_has_a_label_and_can_be_reached(person).await?;
    access::everything_can_be_read(person).await?;
    access::a_keyboard_is_enough(person).await?;
    messages::are_sent_and_come_back(person).await?;
    messages::bad_input_is_told(person).await?;
    messages::an_attempt_can_be_given_up(person).await?;
    messages::a_close_without_answer_ends(person).await?;
    messages::a_refused_address_is_told(person).await?;
    messages::a_server_closes(person).await?;
    messages::a_server_goes_away(person).await?;
    messages::the_log_is_bounded(person).await?;
    transfers::a_dropped_file_comes_back(person).await?;
    transfers::a_picked_file_comes_back(person).await?;
    transfers::other_bytes_are_noticed(person).await?;
    transfers::a_transfer_is_cancelled(person).await?;
    transfers::a_server_goes_away(person).await?;
    person.on_a_phone().await?;
    access::nothing_is_wider_than_the_window(person).await
}

/// Once more on a phone, at night.
async fn in_dark(person: &Person<'_>) -> Result<()> {
    access::everything_can_be_read(person).await?;
    messages::are_sent_and_come_back(person).await?;
    transfers::the_sample_comes_back(person).await?;
    person.on_a_phone().await?;
    messages::are_sent_and_come_back(person).await?;
    transfers::the_sample_comes_back(person).await?;
    access::nothing_is_wider_than_the_window(person).await
}

/// Where the page is frozen, and the network goes.
async fn away(person: &Person<'_>) -> Result<()> {
    away::a_frozen_page_has_lost_its_connection(person).await?;
    away::an_offline_browser_opens_nothing(person).await
}

fn imported_modules(wasm: &[u8]) -> Result<Vec<String>> {
    let mut modules = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::ImportSection(imports) = payload? {
            for import in imports.into_imports() {
                modules.push(import?.module.to_owned());
            }
        }
    }
    Ok(modules)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_found() {
        // One function, env.f, of type () -> ().
        let wasm = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x02\x09\x01\x03env\x01f\0\0";
        assert_eq!(imported_modules(wasm).expect("sound"), ["env"]);
        assert!(imported_modules(b"\0asm").is_err());
    }
}
