//! The card of `MessageWebSocket`: connecting, sending, receiving, and every way to end.

use anyhow::{Result, ensure};
use serde_json::json;

use super::person::Person;
use super::servers::{self, FLOOD, Server};

/// Text by the button and by the enter key, bytes, round trips, the plot, a subprotocol, a close.
pub(super) async fn are_sent_and_come_back(person: &Person<'_>) -> Result<()> {
    person.open("text and bytes are sent and come back").await?;
    person.types("protocols", "chat, superchat").await?;
    person.presses("#connect").await?;
    person.sees(STATE, "^open$").await?;
    person.sees(&fact("backend"), "^WebSocket$").await?;
    person.sees(&fact("protocol"), "^chat$").await?;

    person.types("message", "Grüße!").await?;
    person.presses("#send").await?;
    person.sees("#log li.sent", &format!("{TIME}.*sent, text, 8 B.*Grüße!$")).await?;
    person.sees("#log li.received", &format!("{TIME}.*received, text, 8 B.*Grüße!$")).await?;
    person.types("message", "by the enter key\u{e007}").await?;
    person.sees("#log li.received:last-child", "16 B.*by the enter key$").await?;

    person.presses("label[for=kind-binary]").await?;
    person.types("message", "00 2a ff").await?;
    person.presses("#send").await?;
    person.sees("#log li.received:last-child", "received, binary, 3 B.*00 2a ff$").await?;
    person.sees("#log-count", "^6 messages$").await?;

    person.sees("#trip-last", r"^\d+\.\d ms$").await?;
    person.sees(&fact("sent"), r"^\d+ messages, ").await?;
    // A line that is not flat.
    person.waits_for("/L\\d+ ([0-9]|[0-9][0-9]|[123][0-9][0-9])(L|$)/.test(document.querySelector('#bandwidth .sent.line').getAttribute('d'))").await?;
    person.picture("open").await?;

    person.types("close-code", "3000").await?;
    person.types("close-reason", "enough").await?;
    person.presses("#close").await?;
    person.sees(STATE, "^closed$").await?;
    person.sees(&fact("closed"), "^3000, “enough”, clean$").await?;
    person.sees(FAILURE, "^$").await?;
    person.picture("closed").await
}

/// What cannot be sent is told before it is sent, and costs nothing.
pub(super) async fn bad_input_is_told(person: &Person<'_>) -> Result<()> {
    person.open("bad input is told").await?;
    person.presses("#send").await?;
    person.sees("#composer-note", "press Connect first").await?;
    person.presses("#connect").await?;
    person.sees(STATE, "^open$").await?;
    person.presses("label[for=kind-binary]").await?;
    person.types("message", "0g").await?;
    person.presses("#send").await?;
    person.sees("#composer-note", "“g” is no hexadecimal digit").await?;
    person.waits_for("document.querySelector('#message').getAttribute('aria-invalid') === 'true'").await?;

    person.types("close-code", "1001").await?;
    person.presses("#close").await?;
    person.sees(&fact("kind"), "^InvalidArgument$").await?;
    person.sees(STATE, "^open$").await?;
    person.types("close-code", "many").await?;
    person.presses("#close").await?;
    person.sees(FAILURE, "“many” is no close code").await?;
    person.picture("bad-input").await?;

    person.types("message", "0a").await?;
    person.presses("#send").await?;
    person.sees("#log li.received", "binary, 1 B.*0a$").await?;
    person.sees("#composer-note", "^$").await?;
    person.sees(FAILURE, "^$").await?;
    person.presses("#connect").await?;
    person.sees("#composer-note", "^Not while there is a connection").await.map(drop)
}

/// A server that says nothing keeps nobody waiting.
pub(super) async fn an_attempt_can_be_given_up(person: &Person<'_>) -> Result<()> {
    person.open("an attempt to connect can be given up").await?;
    let (listener, address) = servers::silent()?;
    person.types("url", &format!("ws://{address}/")).await?;
    person.presses("#connect").await?;
    person.sees(STATE, "^connecting").await?;
    person.picture("connecting").await?;
    person.presses("#close").await?;
    person.sees(STATE, "^not connected$").await?;
    drop(listener);
    Ok(())
}

/// A server that does not answer the Close is given up after 10 s; until then there is no other connection.
pub(super) async fn a_close_without_answer_ends(person: &Person<'_>) -> Result<()> {
    person.open("a close without an answer ends").await?;
    let own = person.asks("return document.querySelector('#url').value").await?;
    person.types("url", &format!("ws://{}/deaf\u{e007}", person.site)).await?;
    person.sees(STATE, "^open$").await?;
    person.presses("#close").await?;
    person.sees(STATE, "^closing").await?;
    person.presses("#connect").await?;
    person.sees("#composer-note", "^Not while there is a connection").await?;
    person.sees(STATE, "^closed$").await?;
    person.sees(&fact("closed"), "^1006, no reason, not clean$").await?;
    person.types("url", own.as_str().unwrap_or_default()).await?;
    person.presses("#connect").await?;
    person.sees(STATE, "^open$").await.map(drop)
}

/// Nobody listens there, and what is no URL is none.
pub(super) async fn a_refused_address_is_told(person: &Person<'_>) -> Result<()> {
    person.open("an address that is refused is told").await?;
    person.types("url", &format!("ws://{}/", servers::refused()?)).await?;
    let is_measured = person.asks("return document.querySelector('#probe').checked").await?;
    ensure!(is_measured == json!(false), "a foreign server would be sent what nobody has typed");
    person.presses("#connect").await?;
    person.sees(STATE, "^failed$").await?;
    person.sees(&fact("kind"), "^CannotConnect$").await?;
    person.sees(&fact("status"), r"^CannotConnect \(14\)$").await?;
    person.sees(&fact("hresult"), "^0x80072EFD$").await?;
    person.sees(FAILURE, "connect").await?;
    person.picture("refused").await?;
    person.types("url", "http://example.com/#here").await?;
    person.presses("#connect").await?;
    person.sees(&fact("kind"), "^InvalidUrl$").await?;
    person.sees(STATE, "^failed$").await.map(drop)
}

/// The server's code and reason are shown, and it is no error.
pub(super) async fn a_server_closes(person: &Person<'_>) -> Result<()> {
    person.open("a server closes").await?;
    person.types("url", &format!("ws://{}/bye", person.site)).await?;
    person.presses("#connect").await?;
    person.sees(STATE, "^open$").await?;
    person.presses("#send").await?;
    person.sees(STATE, "^closed$").await?;
    person.sees(&fact("closed"), "^4001, “closing time”, clean$").await?;
    person.sees(&fact("kind"), "^$").await?;
    person.sees("#log", "sent, text, 13 B.*closed").await.map(drop)
}

/// A connection that is lost is an error; then one can connect again.
pub(super) async fn a_server_goes_away(person: &Person<'_>) -> Result<()> {
    person.open("a server goes away").await?;
    let server = Server::start()?;
    let own = person.asks("return document.querySelector('#url').value").await?;
    person.types("url", &format!("ws://{}/echo", server.address)).await?;
    person.presses("#connect").await?;
    person.sees(STATE, "^open$").await?;
    person.presses("#send").await?;
    person.sees("#log li.received", "Hello, World!$").await?;
    drop(server);
    person.sees(STATE, "^failed$").await?;
    person.sees(&fact("status"), r"^ConnectionAborted \(9\)$").await?;
    person.sees(&fact("closed"), "^1006, no reason, not clean$").await?;
    person.picture("gone").await?;

    person.types("url", own.as_str().unwrap_or_default()).await?;
    person.presses("#connect").await?;
    person.sees(STATE, "^open$").await?;
    person.sees(&fact("kind"), "^$").await.map(drop)
}

/// However much arrives, the page stays small; it can be cleared.
pub(super) async fn the_log_is_bounded(person: &Person<'_>) -> Result<()> {
    person.open("the log is bounded").await?;
    person.types("url", &format!("ws://{}/flood", person.site)).await?;
    person.chooses("backend", "waiting").await?;
    person.presses("#connect").await?;
    person.sees("#log-count", &format!("^{FLOOD} messages, the last 200 lines are shown$")).await?;
    person.sees("#log li:last-child", &format!("text, 4 B.*{FLOOD}$")).await?;
    let count = person.asks("return document.querySelectorAll('#log li').length").await?;
    ensure!(count == json!(200), "the log has {count} lines");
    person.presses("#clear").await?;
    person.sees("#log-count", "^empty$").await?;
    person.sees("#log", "^$").await.map(drop)
}

/// What the card tells by this name.
pub(super) fn fact(name: &str) -> String {
    format!("#messages [data-fact={name}]")
}

pub(super) const STATE: &str = "#messages [data-fact=state]";
const FAILURE: &str = "#messages [data-fact=failure]";
const TIME: &str = r"\d\d:\d\d:\d\d\.\d\d\d";
