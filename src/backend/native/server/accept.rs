//! The opening handshake of a server on a fresh transport: RFC 6455 section 4.2.

use std::{io, time::Duration};

use bytes::BytesMut;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    runtime::Handle,
    time::{Instant, timeout, timeout_at},
};

use super::{ServerControl, ServerRequest, ServerResponse};
use crate::{
    backend::native::{
        dial::{Stage, after},
        head::{self, Failure},
        no_runtime,
    },
    error::{Error, ErrorKind, Result},
};

/// Gives the transport, what came together with the request, and the response, which was sent and accepts.
pub(super) async fn accept<T>(mut transport: T, control: &ServerControl) -> Result<(T, BytesMut, ServerResponse)>
where
    T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let runtime = Handle::try_current().map_err(|_| no_runtime())?;
    let end = after(control.settings_of_sockets().connect_timeout);
    let mut input = BytesMut::new();
    let outcome = match control.check() {
        Ok(()) => ask(&mut transport, &mut input, control, end).await,
        Err(error) => Err(Refused { error, status: Some(INTERNAL_SERVER_ERROR) }),
    };
    let (response, error) = match outcome {
        Ok(response) if response.is_accepted() => {
            let writing = async { write(&mut transport, &response).await.map_err(lost) };
            Stage::Handshake.until(end, writing).await?;
            return Ok((transport, input, response));
        }
        Ok(response) => (response.clone(), response.refused()),
        Err(Refused { error, status: Some(status) }) => (ServerResponse::refusal(status), error),
        Err(Refused { error, status: None }) => return Err(error),
    };
    // Whether or not the client hears it, it is refused.
    let writing = async {
        write(&mut transport, &response).await?;
        transport.shutdown().await
    };
    if let Ok(Ok(())) = timeout_at(end.min(Instant::now() + LINGER_TIME), writing).await {
        runtime.spawn(linger(transport));
    }
    Err(error)
}

/// Why a client gets no answer of the program's, and with which status it is told.
struct Refused {
    error: Error,
    status: Option<u16>,
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self { error, status: None }
    }
}

/// Reads the request and has it decided about.
async fn ask<T>(
    transport: &mut T,
    input: &mut BytesMut,
    control: &ServerControl,
    end: Instant,
) -> Result<ServerResponse, Refused>
where
    T: AsyncRead + Unpin,
{
    let told = |status| {
        move |error: Error| match error.kind() {
            ErrorKind::Timeout => Refused { error, status: Some(status) },
            _ => error.into(),
        }
    };
    let request_end = end.min(after(control.time_for_request()));
    let reading = Stage::Request.until(request_end, read_request(transport, input));
    match reading.await.map_err(told(REQUEST_TIMEOUT))? {
        Ok(request) => {
            let request = match control.peer() {
                Some(address) => request.from_peer(address),
                None => request,
            };
            let deciding = async { Ok(control.respond_async(&request).await) };
            Stage::Decision.until(end, deciding).await.map_err(told(SERVICE_UNAVAILABLE))
        }
        Err(status) => Ok(ServerResponse::refusal(status)),
    }
}

/// Reads the head of a request and leaves in `input` what follows it; or the status that refuses what is none.
async fn read_request<T>(transport: &mut T, input: &mut BytesMut) -> Result<Result<ServerRequest, u16>>
where
    T: AsyncRead + Unpin,
{
    match head::read(transport, input, ServerRequest::parse).await {
        Ok(request) => Ok(Ok(request)),
        Err(Failure::Bad(status)) => Ok(Err(status)),
        Err(Failure::TooLong) => Ok(Err(HEAD_TOO_LARGE)),
        Err(Failure::Lost(error)) => Err(lost(error)),
        Err(Failure::Ended) => {
            Err(Error::new(ErrorKind::ConnectionAborted, "the client ended the connection before its request"))
        }
    }
}

async fn write<T: AsyncWrite + Unpin>(transport: &mut T, response: &ServerResponse) -> io::Result<()> {
    transport.write_all(&response.to_bytes()).await?;
    transport.flush().await
}

/// Waits for the client to leave. TCP that ends with something unread is reset, and that takes the answer from a client that
/// has not read it yet.
async fn linger<T: AsyncRead + Unpin>(transport: T) {
    let mut rest = transport.take(MAX_LINGER);
    let _ = timeout(LINGER_TIME, tokio::io::copy(&mut rest, &mut tokio::io::sink())).await;
}

fn lost(error: io::Error) -> Error {
    Error::with_source(ErrorKind::ConnectionAborted, "the client was lost in the opening handshake", error)
}

/// How long a client that is refused may take to read why, and to leave.
const LINGER_TIME: Duration = Duration::from_secs(2);

/// How much it may send meanwhile.
const MAX_LINGER: u64 = 1 << 20;

const REQUEST_TIMEOUT: u16 = 408;
const HEAD_TOO_LARGE: u16 = 431;
const INTERNAL_SERVER_ERROR: u16 = 500;
const SERVICE_UNAVAILABLE: u16 = 503;
