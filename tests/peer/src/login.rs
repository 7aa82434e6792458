//! A server that asks for a user and a password: Basic (RFC 7617) and Digest (RFC 7616), checked by another library than
//! the client's.

use std::io;

use data_encoding::BASE64;
use digest_auth::{AuthContext, AuthorizationHeader};

use crate::connection::Connection;
use crate::http::{self, BadParameter, Head, Query};
use crate::raw_half::Then;

/// Who may enter, and how the others are asked.
#[derive(Debug)]
pub(crate) struct Login {
    user: String,
    password: String,
    /// `Basic`, or the algorithm of a Digest; one challenge each, in this order.
    schemes: Vec<String>,
    refusal: After,
    /// The nonce of the first challenge is too old for the answer.
    is_stale: bool,
}

/// What becomes of the connection of a refusal.
#[derive(Debug, PartialEq)]
enum After {
    /// It ends, and the refusal says so.
    Close,
    /// It ends without a word.
    Drop,
    /// It goes on.
    Keep,
    /// It goes on, behind a body in chunks.
    Chunked,
}

impl Login {
    pub(crate) fn parse(path: &str, query: &Query) -> Result<Option<Self>, BadParameter> {
        if path != "/login" {
            return Ok(None);
        }
        let refusal = match query.get("refusal") {
            None | Some("close") => After::Close,
            Some("drop") => After::Drop,
            Some("keep") => After::Keep,
            Some("chunked") => After::Chunked,
            Some(other) => return Err(BadParameter(format!("refusal={other}"))),
        };
        Ok(Some(Self {
            user: query.get("user").unwrap_or_default().to_owned(),
            password: query.get("password").unwrap_or_default().to_owned(),
            schemes: query.all("scheme").map(str::to_owned).collect(),
            refusal,
            is_stale: query.get("stale").is_some(),
        }))
    }

    pub(crate) async fn serve(self, connection: &mut Connection, head: &Head) -> io::Result<()> {
        let mut next = None;
        loop {
            let head = next.as_ref().unwrap_or(head);
            let Some(accept) = head.accept_key() else {
                return connection.refuse("400 Bad Request", "no Sec-WebSocket-Key").await;
            };
            if self.lets_in(head) {
                connection.record.note("login");
                connection.write(&http::switching_protocols(&accept, &[])).await?;
                return Then::Wait.serve(connection).await;
            }
            connection.write(&self.challenge(head)).await?;
            connection.record.note("challenge");
            if matches!(self.refusal, After::Close | After::Drop) {
                return connection.finish().await;
            }
            let Some(text) = http::read_head(&mut connection.socket).await? else { return Ok(()) };
            for line in text.lines().filter(|line| !line.is_empty()) {
                connection.record.note(format_args!("request {line}"));
            }
            next = Some(Head::parse(text).map_err(io::Error::other)?);
        }
    }

    fn challenge(&self, head: &Head) -> Vec<u8> {
        // A client that answers the first nonce learns that it is too old.
        let is_stale = self.is_stale && said(head).is_some_and(|said| said.contains(OLD));
        let nonce = if self.is_stale && !is_stale { OLD } else { FRESH };
        let stale = if is_stale { ", stale=true" } else { "" };
        let challenges: Vec<String> = self.schemes.iter().map(|scheme| challenge(scheme, nonce, stale)).collect();
        let mut headers: Vec<(&str, &str)> =
            challenges.iter().map(|challenge| ("WWW-Authenticate", challenge.as_str())).collect();
        let body = "who are you?";
        let length = body.len().to_string();
        match self.refusal {
            After::Close => http::refusal(STATUS, &headers, body),
            After::Drop | After::Keep => {
                headers.push(("Content-Length", &length));
                http::response(STATUS, &headers, body)
            }
            After::Chunked => {
                headers.push(("Transfer-Encoding", "chunked"));
                http::response(STATUS, &headers, &format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len()))
            }
        }
    }

    fn lets_in(&self, head: &Head) -> bool {
        let Some(said) = said(head) else { return false };
        match said.split_once(' ') {
            Some(("Basic", pair)) if self.schemes.iter().any(|scheme| scheme == "Basic") => {
                pair == BASE64.encode(format!("{}:{}", self.user, self.password).as_bytes())
            }
            Some(("Digest", _)) => self.checks_digest(head, said),
            _ => false,
        }
    }

    fn checks_digest(&self, head: &Head, said: &str) -> bool {
        let Ok(mut header) = AuthorizationHeader::parse(said) else { return false };
        let target = head.request.uri().path_and_query().map_or("", |target| target.as_str());
        let scheme = if header.qop.is_some() { header.algorithm.to_string() } else { OLD_SCHEME.to_owned() };
        if header.nonce != FRESH || header.uri != target || !self.schemes.contains(&scheme) {
            return false;
        }
        let response = header.response.clone();
        let mut context = AuthContext::new(&*self.user, &*self.password, target);
        if let Some(cnonce) = &header.cnonce {
            context.set_custom_cnonce(cnonce.clone());
        }
        header.digest(&context);
        header.response == response
    }
}

/// What the client says about itself.
fn said(head: &Head) -> Option<&str> {
    head.request.headers().get("Authorization")?.to_str().ok()
}

fn challenge(scheme: &str, nonce: &str, stale: &str) -> String {
    match scheme {
        "Basic" => "Basic realm=\"peer\", charset=\"UTF-8\"".to_owned(),
        OLD_SCHEME => format!("Digest realm=\"peer\", nonce=\"{nonce}\""),
        "broken" => "Digest realm=".to_owned(),
        algorithm if algorithm.starts_with(['M', 'S']) => format!(
            "Digest realm=\"the \\\"peer\\\"\", qop=\"auth\", algorithm={algorithm}, nonce=\"{nonce}\", opaque=\"o\"{stale}"
        ),
        other => format!("{other} realm=\"peer\""),
    }
}

const STATUS: &str = "401 Unauthorized";
/// Digest as old servers do it (RFC 2069).
const OLD_SCHEME: &str = "old";
const OLD: &str = "b2xkIG5vbmNl";
const FRESH: &str = "ZnJlc2ggbm9uY2U";
