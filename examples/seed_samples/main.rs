//! The samples of UWP's page about WebSockets in Rust, against servers of its own: `cargo run --example seed_samples`.
//!
//! `docs::migration` shows each beside its original, and the tests run them on both targets.

mod control;
mod error_status;
mod message;
mod secure;
mod server;
mod stream;
mod timeout;

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use websocket_anywhere::{CloseCode, Control, WebErrorStatus};

use crate::server::Servers;

#[tokio::main]
async fn main() -> Result<()> {
    let servers = Servers::start().await?;

    title("Secure your connection with TLS/SSL");
    let control = Control::new().root_certificate(servers.authority.clone());
    let mut socket = secure::secure(&servers.secure, control).await?;
    say(format!("connected to {}", servers.secure));
    say(format!("closed with {}", socket.close(CloseCode::NORMAL, "").await?));

    title("Use MessageWebSocket to connect");
    message::message_web_socket(&servers.echo, say).await?;

    title("Use StreamWebSocket to connect");
    stream::stream_web_socket(&servers.echo, say).await?;

    title("Advanced options");
    let mut stream = control::no_delay(&servers.echo).await?;
    say("connected with no_delay(false)".to_owned());
    say(format!("closed with {}", stream.close(CloseCode::NORMAL, "").await?));

    title("Handling exceptions");
    let url = format!("{}nothing-here", servers.echo);
    let (hresult, status) = error_status::error_status(&url).await.context("the server accepted any path")?;
    say(format!("{url}: {hresult}, {status:?}"));
    if status != WebErrorStatus::NotFound {
        bail!("the server answered 404");
    }

    title("Setting timeouts on WebSocket operations");
    let limit = Duration::from_millis(500); // 5 s in the original
    match timeout::connect_within(&servers.silent, limit).await? {
        None => say(format!("{} did not answer within {limit:?}", servers.silent)),
        Some(_) => bail!("the silent server answered"),
    }
    timeout::connect_within(&servers.echo, limit).await?.context("the echo server did not answer")?;
    say(format!("{} did", servers.echo));
    Ok(())
}

fn title(title: &str) {
    println!("{title}");
}

fn say(line: String) {
    println!("  {line}");
}
