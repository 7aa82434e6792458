//! The opening handshake over HTTP/2: the extended CONNECT of RFC 8441 section 4, and its answer.

use std::sync::Arc;

use bytes::BytesMut;
use h2::{Reason, RecvStream, ext::Protocol};
use httparse::Header;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::{
    self,
    http::{self, HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri, Version},
};
use url::{Position, Url};

use super::{
    Again,
    client::{self, Client},
    stream::{self, Reader},
    users::User,
};
use crate::{
    backend::native::{
        credentials::{ChallengeOutcome, Login},
        dial::Transport,
        response,
        upgrade::{Upgraded, add_fields, check_size, granted, refused, target},
    },
    control::{Control, HttpVersion},
    error::{Error, ErrorKind, Result},
    response::HttpResponse,
};

/// Opens a stream of the connection as a WebSocket; it has time until `end`.
pub(super) async fn open(
    client: &Client,
    user: Arc<User>,
    url: &Url,
    control: &Control,
    end: Instant,
) -> Result<(Transport, Upgraded)> {
    let mut login = Login::new(url, control.extras(), "CONNECT");
    let mut challenge = None;
    loop {
        let request = request(url, control, login.authorization()?.as_ref())?;
        let sent = Instant::now();
        let (response, sender) = match ask(client, request).await {
            Ok(answered) => answered,
            Err(error) => return Err(challenge.map_or(error, |challenge| login.needs_fresh_connection(challenge))),
        };
        let (head, body) = response.into_parts();
        if head.status.is_success() {
            let round_trip = sent.elapsed();
            let offered = &control.extras().supported_protocols;
            let granted =
                read(&head.headers, |headers| granted(&response::Response::parsed(head.status, headers), offered));
            let mut upgraded = Upgraded::granted(granted.map_err(invalid)?, round_trip, control)?;
            upgraded.http_version = Some(HttpVersion::Http2);
            return Ok((stream::transport(body, sender, user), upgraded));
        }
        // Boxed, as most handshakes need none of it.
        let response = Box::pin(refusal(&head, body, user.clone(), end)).await;
        match login.answer(&response, target(url)) {
            ChallengeOutcome::None => return Err(refused("the server refused the upgrade", response)),
            ChallengeOutcome::Forbidden(why) => return Err(refused(why, response)),
            // Another stream of the same connection.
            ChallengeOutcome::Given => challenge = Some(refused("the server refused the upgrade", response)),
        }
    }
}

type Sender = h2::SendStream<bytes::Bytes>;

async fn ask(client: &Client, request: Request<()>) -> Result<(Response<RecvStream>, Sender)> {
    let mut requests = client.requests().ready().await.map_err(unsent)?;
    let (response, sender) = requests.send_request(request, false).map_err(unsent)?;
    Ok((response.await.map_err(unanswered)?, sender))
}

/// Nothing has been sent: the connection has ended, or is about to, or it is the request's fault.
fn unsent(error: h2::Error) -> Error {
    if error.is_io() || error.is_go_away() || error.is_reset() {
        return Again::Anew.because(ErrorKind::CannotConnect, "the HTTP/2 connection has ended");
    }
    unfit(error)
}

fn unfit(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::with_source(ErrorKind::InvalidArgument, "the request cannot be sent by HTTP/2", error)
}

/// "The :scheme and :path pseudo-header fields MUST be included", the authority as for any request; neither `Connection` nor
/// `Upgrade`, and no key, for the stream itself shows that the server understands (RFC 8441 sections 4 and 5).
fn request(url: &Url, control: &Control, authorization: Option<&HeaderValue>) -> Result<Request<()>> {
    let mut headers = HeaderMap::new();
    let mut size = url.as_str().len();
    let mut bad = None;
    add_fields(control, authorization, |name, value| {
        size += name.len() + value.len();
        match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            (Ok(name), Ok(value)) => drop(headers.append(name, value)),
            (Err(error), _) => bad = Some(http::Error::from(error)),
            (_, Err(error)) => bad = Some(http::Error::from(error)),
        }
    });
    if let Some(error) = bad {
        return Err(unfit(error));
    }
    check_size(size)?;
    let uri = Uri::builder()
        .scheme(if url.scheme() == "wss" { "https" } else { "http" })
        .authority(&url[Position::BeforeHost..Position::AfterPort])
        .path_and_query(target(url))
        .build()
        .map_err(unfit)?;
    let request = Request::builder().method(Method::CONNECT).uri(uri).version(Version::HTTP_2);
    let mut request = request.extension(Protocol::from_static("websocket")).body(()).map_err(unfit)?;
    *request.headers_mut() = headers;
    Ok(request)
}

/// Has headers looked at as those of HTTP/1.1 are.
fn read<T>(headers: &HeaderMap, look: impl FnOnce(&[Header<'_>]) -> T) -> T {
    let headers: Vec<_> =
        headers.iter().map(|(name, value)| Header { name: name.as_str(), value: value.as_bytes() }).collect();
    look(&headers)
}

async fn refusal(head: &http::response::Parts, body: RecvStream, user: Arc<User>, end: Instant) -> HttpResponse {
    let refused = read(&head.headers, |headers| response::Response::parsed(head.status, headers).refused());
    let mut body = Reader::new(body, user);
    refused.read(&mut body, &mut BytesMut::new(), end).await.0
}

fn invalid(error: tungstenite::error::ProtocolError) -> Error {
    let message = "the server's answer opens no WebSocket";
    Error::with_source(ErrorKind::InvalidResponse, message, tungstenite::Error::Protocol(error))
}

/// The stream ended before there was an answer.
fn unanswered(error: h2::Error) -> Error {
    match error.reason() {
        // "the server refused the stream prior to performing any application processing" (RFC 9113 section 7).
        Some(Reason::REFUSED_STREAM) if error.is_reset() => {
            Error::with_source(ErrorKind::CannotConnect, "the server refused the stream", error)
        }
        _ => client::lost(error),
    }
}
