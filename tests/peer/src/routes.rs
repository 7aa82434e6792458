//! The paths of the peer. Any of them takes `id=X`, which names the record of the connection. A URL may have
//! 65,534 bytes.
//!
//! | path | behaviour |
//! |---|---|
//! | **tungstenite half** | *answers Pings and the Close* |
//! | `/echo` | echoes |
//! | `/close?messages=N&code=C&reason=R` | N texts `0`, `1`, …, then a Close, empty without `code` |
//! | `/text?body=B&count=N` | N texts B, then echoes |
//! | `/binary?size=S&count=N` | N binary messages whose byte `i` is `i % 251`, then echoes |
//! | `/protocol?answer=P` | answers with the subprotocol P, or several, whatever was offered, then echoes |
//! | `/mute` | reads, sends no message |
//! | `/request` | sends the head of the request as text, then echoes |
//! | **raw half** | *answers no Ping; `upgrade=U`, `connection=C` and, as often as it stands there, `extensions=E` go into the 101* |
//! | `/raw?hex=H&mode=M&then=T` | exactly these bytes, `whole`, as single `bytes` or `glued` to the 101; then T |
//! | `/deflate` | echoes what it inflates, deflated, each message in one frame |
//! | `/drop?messages=N`, `/reset?messages=N` | N texts, then FIN or RST |
//! | `/half-message` | the first fragment of a text, then FIN |
//! | `/never-close` | reads, ignores the Close |
//! | `/data-after-close` | answers the Close only after three texts `late` |
//! | `/ping?payload=P&count=N`, `/pong?payload=P` | N Pings or one Pong, then a text `after` |
//! | `/flood?bytes=N&size=S` | N bytes in binary messages of S, and records when the client does not take them |
//! | `/big-frame?bytes=N&fragments=K` | one binary message of N bytes in K frames |
//! | `/sink` | reads, counts and hashes |
//! | `/slow-reader?rate=B` | reads B bytes a second, as `/sink`; without a rate nothing until released, then as `/sink` |
//! | `/accept-then-silent` | answers 101 and vanishes |
//! | **faulty handshakes** | |
//! | `/reject/STATUS?header=NAME:VALUE&first=N` | an HTTP status, with these headers besides its own; behind the first N of an id, echoes |
//! | `/redirect` | 302 to `/echo` |
//! | `/stall-upgrade` | no answer |
//! | `/not-http`, `/truncated-upgrade`, `/endless-header` | garbage, half an answer, an answer without end |
//! | `/bad-accept`, `/no-upgrade`, `/extension` | a 101 that a client must refuse |
//! | **credentials** | |
//! | `/login?user=U&password=P&scheme=S&refusal=R&stale=1` | 401 with a challenge for each S, then, once answered, as `/raw` |
//! | **inspection** | |
//! | `/report?id=X&until=PREFIX` | the record of X as one text, once a line of it starts with PREFIX |
//! | `/release?id=X` | releases the slow readers and the held scripts of X |
//!
//! A script may carry `held=1`: it begins once its id is released, so that a client is sure to have seen the 101 first.
//!
//! S is `Basic` or the algorithm of a Digest: `MD5`, `SHA-256`, `MD5-sess` and so on. R says what becomes of the connection of
//! the 401: `close`, the default, or `drop`, which ends it without saying so, `keep`, or `chunked`, which keeps it, too. With
//! `stale` the first nonce is too old.
//!
//! T is one of
//! * `wait`, the default: reads to the client's Close, answers it with the same payload, ends TCP;
//! * `close`: sends a Close 1000, reads to the client's Close, ends TCP;
//! * `closed`: as `close`, for bytes that had a Close in them;
//! * `hold`: reads and answers nothing until the client ends TCP;
//! * `drop`, `reset`: ends TCP at once, with FIN or with RST.

use std::io;

use crate::connection::Connection;
use crate::faults::Fault;
use crate::http::{BadParameter, Head, Query};
use crate::inspection::Inspection;
use crate::login::Login;
use crate::raw_half::Raw;
use crate::record::Records;
use crate::tungstenite_half::WellBehaved;

/// What a URL asks for.
#[derive(Debug)]
pub(crate) enum Route {
    WellBehaved(WellBehaved),
    Raw(Raw),
    Fault(Fault),
    Login(Login),
    Inspect(Inspection),
}

impl Route {
    /// `None`: there is no such path.
    pub(crate) fn parse(path: &str, query: &Query) -> Result<Option<Self>, BadParameter> {
        if let Some(route) = WellBehaved::parse(path, query)? {
            return Ok(Some(Self::WellBehaved(route)));
        }
        if let Some(route) = Raw::parse(path, query)? {
            return Ok(Some(Self::Raw(route)));
        }
        if let Some(route) = Fault::parse(path, query)? {
            return Ok(Some(Self::Fault(route)));
        }
        if let Some(login) = Login::parse(path, query)? {
            return Ok(Some(Self::Login(login)));
        }
        Ok(Inspection::parse(path, query)?.map(Self::Inspect))
    }

    /// Behaves until the client's side of TCP has ended.
    pub(crate) async fn serve(self, connection: &mut Connection, head: &Head, records: &Records) -> io::Result<()> {
        match self {
            Self::WellBehaved(route) => route.serve(connection, head).await,
            Self::Raw(route) => route.serve(connection, head).await,
            Self::Fault(fault) => fault.serve(connection, head).await,
            Self::Login(login) => login.serve(connection, head).await,
            Self::Inspect(inspection) => inspection.serve(connection, head, records).await,
        }
    }
}
