//! The page of the benchmark, and the CPU time of the thread that runs it.

use std::time::Duration;

use anyhow::{Context as _, Result};
use fantoccini::Client;
use serde_json::{Value, json};

use super::results::Run;
use crate::devtools::DevTools;

/// Runs one job in a page of its own.
pub(super) async fn run(client: &Client, page: &str, job: &Value, milliseconds: u64) -> Result<Run> {
    client.goto(page).await?;
    call(client, "prepare", job).await?;
    let before = thread_time(client).await?;
    let took = call(client, "measure", &json!(milliseconds)).await?;
    let cpu = thread_time(client).await?.saturating_sub(before);
    let number = |name: &str| took[name].as_f64().with_context(|| format!("the page gives no {name}: {took}"));
    let wall = Duration::try_from_secs_f64(number("milliseconds")? / 1000.0)?;
    Ok(Run { messages: number("messages")?, cpu, wall })
}

/// Turns on what [`thread_time`] reads.
pub(super) async fn enable(client: &Client) -> Result<()> {
    DevTools("Performance.enable", json!({})).issue(client).await.map(drop)
}

/// Calls a function of the page, which is a module and may not have been loaded yet.
async fn call(client: &Client, function: &str, argument: &Value) -> Result<Value> {
    let script = "const [name, argument, done] = arguments;
        const call = () => globalThis[name]
            ? globalThis[name](argument).then((value) => done({ value }), (error) => done({ error: String(error) }))
            : setTimeout(call, 1);
        call();";
    let mut result = client.execute_async(script, vec![json!(function), argument.clone()]).await?;
    match result.get("error") {
        Some(error) => anyhow::bail!("{function} fails: {error}"),
        None => Ok(result["value"].take()),
    }
}

/// How long the main thread of the page has computed.
async fn thread_time(client: &Client) -> Result<Duration> {
    let told = DevTools("Performance.getMetrics", json!({})).issue(client).await?;
    let metrics = told["metrics"].as_array().context("the browser gives no metrics")?;
    let metric = metrics.iter().find(|metric| metric["name"] == "ThreadTime");
    let seconds = metric.and_then(|metric| metric["value"].as_f64()).context("the browser gives no ThreadTime")?;
    Ok(Duration::try_from_secs_f64(seconds)?)
}
