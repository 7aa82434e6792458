//! The test of the demo page: opens it in a real browser and reads the result off it.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use fantoccini::{Client, Locator};
use wasmparser::{Parser, Payload};

use crate::setup::Driven;
use crate::web::Driver;
use crate::{project, reaper, serve};

/// From opening the page to its result.
const DEADLINE: Duration = Duration::from_secs(60);

/// What the page shows at the end.
const EXPECTED: &[(&str, &str)] = &[
    ("#text", "Hello, World!"),
    ("#binary", "00 01 02 03 04 05 06 07 08 09"),
    ("#closed", "1000 bye (clean)"),
    ("#bytes", "16 MiB, same hash"),
    ("#result", "Everything came back as it was sent."),
];

/// The page, served on a free port, does its job in this browser.
pub(crate) fn works_in(driven: &Driven) -> Result<()> {
    let worked = tokio::runtime::Runtime::new()?.block_on(open(driven));
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

async fn open(driven: &Driven) -> Result<()> {
    let (listener, address) = serve::listen(0).await?;
    tokio::spawn(serve::serve(listener));
    let driver = Driver::start(&driven.driver)?;
    let client = driver.open(driven).await?;
    let shown = tokio::time::timeout(DEADLINE, check(&client, &format!("http://{address}/"))).await;
    let closed = client.close().await;
    shown.unwrap_or_else(|_| bail!("no result within {} s", DEADLINE.as_secs()))?;
    closed.context("the browser does not close")
}

async fn check(client: &Client, url: &str) -> Result<()> {
    client.goto(url).await?;
    // The state is set last.
    let done = Locator::Css("#result[data-state=ok], #result[data-state=failed]");
    let result = client.wait().at_most(DEADLINE).for_element(done).await.context("no result on the page")?;
    println!("    {}", result.text().await?);
    for (id, expected) in EXPECTED {
        let shown = client.find(Locator::Css(id)).await?.text().await?;
        ensure!(shown == *expected, "{id} shows {shown:?} instead of {expected:?}");
    }
    let state = result.attr("data-state").await?;
    ensure!(state.as_deref() == Some("ok"), "the page says {state:?}");
    Ok(())
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
