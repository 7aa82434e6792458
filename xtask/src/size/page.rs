//! A module that does not start would weigh nothing worth knowing: each is seen to work in headless Chromium.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use axum::{Router, routing};
use fantoccini::Client;
use serde_json::json;
use tower_http::services::ServeDir;

use super::app::CLIENTS;
use crate::browser::Colours;
use crate::serve;
use crate::setup::Driven;
use crate::web::Driver;

/// Runs each program against an echo server.
pub(super) async fn all_work(folder: &Path, driven: &Driven) -> Result<()> {
    let (listener, address) = serve::listen(0).await?;
    let page = routing::get(async || axum::response::Html("<!doctype html><title>Sizes</title>"));
    let site = Router::new().route("/", page).route("/echo", serve::echo_route());
    tokio::spawn(axum::serve(listener, site.fallback_service(ServeDir::new(folder))).into_future());
    let driver = Driver::start(&driven.driver)?;
    let browser = driver.open(driven, Colours::Light).await?;
    let worked = each(&browser, &address.to_string()).await;
    browser.close().await.context("the browser does not close")?;
    worked
}

async fn each(browser: &Client, address: &str) -> Result<()> {
    for client in CLIENTS {
        browser.goto(&format!("http://{address}/")).await?;
        let script = "const [client, url, text, done] = arguments;
            import(`/${client}/bench_size.js`)
                .then(async (module) => { await module.default(); return module.echo(url, text); })
                .then(done, (error) => done(String(error)));";
        let arguments = vec![json!(client), json!(format!("ws://{address}/echo")), json!(TEXT)];
        let told = browser.execute_async(script, arguments).await?;
        ensure!(told == TEXT, "the program with {client} gives {told} instead of {TEXT:?}");
    }
    Ok(())
}

const TEXT: &str = "Hello, World!";
