//! Which of a browser's two sockets the tests use: Chromium has both, and both must pass the whole suite.

use std::path::PathBuf;
use std::{env, fs};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::project;

/// The variable that chooses one for a run of the browser tests.
pub(crate) const VARIABLE: &str = "TEST_TRANSPORT";

/// What all sockets of a run use, in place of what each would by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    /// `WebSocket`: the browser is started without the other, as if it had never had it.
    WebSocket,
    /// `WebSocketStream`: the tests see it in the name of the browser, and ask for back-pressure wherever
    /// sends do not meet the end of a connection, which crashes a page.
    WebSocketStream,
}

impl Transport {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::WebSocket => "WebSocket",
            Self::WebSocketStream => "WebSocketStream",
        }
    }

    fn flag(self) -> &'static str {
        match self {
            Self::WebSocket => "--disable-blink-features=WebSocketStream",
            Self::WebSocketStream => "--user-agent=Chromium (tests by WebSocketStream)",
        }
    }

    fn named(name: &str) -> Result<Self> {
        let known = [Self::WebSocket, Self::WebSocketStream].into_iter().find(|transport| transport.name() == name);
        known.with_context(|| format!("{VARIABLE} must be WebSocket or WebSocketStream, not {name}"))
    }
}

/// The flags of the browsers for this run; a file of its own if the variable chooses a transport.
pub(crate) fn webdriver_json() -> Result<PathBuf> {
    let common = project::webdriver_json();
    let Some(name) = env::var_os(VARIABLE) else { return Ok(common) };
    let transport = Transport::named(&name.to_string_lossy())?;
    let text = fs::read(&common).with_context(|| format!("cannot read {}", common.display()))?;
    let flags = with_flag(serde_json::from_slice(&text)?, transport)?;
    let own = project::root().join("target").join(format!("webdriver-{}.json", transport.name()));
    fs::write(&own, flags.to_string()).with_context(|| format!("cannot write {}", own.display()))?;
    Ok(own)
}

fn with_flag(mut capabilities: Value, transport: Transport) -> Result<Value> {
    let Some(flags) = capabilities.pointer_mut("/goog:chromeOptions/args").and_then(Value::as_array_mut) else {
        bail!("the flags of Chromium are missing");
    };
    flags.push(transport.flag().into());
    Ok(capabilities)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transport_is_chosen_by_its_name() {
        assert_eq!(Transport::named("WebSocket").ok(), Some(Transport::WebSocket));
        assert_eq!(Transport::named("WebSocketStream").ok(), Some(Transport::WebSocketStream));
        assert!(Transport::named("websocket").is_err());
    }

    #[test]
    fn its_flag_is_added_to_those_of_chromium() {
        let common = serde_json::json!({"goog:chromeOptions": {"args": ["--headless=new"]}});
        let flags = with_flag(common, Transport::WebSocket).expect("sound");
        let expected = serde_json::json!(["--headless=new", "--disable-blink-features=WebSocketStream"]);
        assert_eq!(flags["goog:chromeOptions"]["args"], expected);
        assert!(with_flag(serde_json::json!({}), Transport::WebSocket).is_err());
    }
}
