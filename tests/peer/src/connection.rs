//! One connection from accept to end: reads the request, lets the route behave, records the end.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use socket2::SockRef;
use tokio::io::{AsyncWriteExt, BufReader, Interest};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::either::Either;

use crate::frames::{CHUNK, CLOSE, Frame, close_line};
use crate::http::{self, Head};
use crate::record::{Record, Records};
use crate::routes::Route;
use crate::tls::Handshakes;

pub(crate) type Socket = Either<TcpStream, TlsStream<TcpStream>>;

/// What the connections of one peer share.
pub(crate) struct Server {
    pub(crate) records: Records,
    pub(crate) acceptor: Option<TlsAcceptor>,
    pub(crate) handshakes: Arc<Handshakes>,
}

impl Server {
    /// Accepts until the runtime ends.
    pub(crate) async fn run(self: Arc<Self>, listener: TcpListener) {
        loop {
            match listener.accept().await {
                Ok((tcp, _)) => {
                    tokio::spawn(Arc::clone(&self).serve(tcp));
                }
                // Out of file descriptors, say: others may end meanwhile.
                Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
            }
        }
    }

    async fn serve(self: Arc<Self>, tcp: TcpStream) {
        // A client that breaks off before its request is whole has named no record to tell it to.
        let Ok(Some((socket, text))) = self.receive(tcp).await else {
            return;
        };
        let (socket, record, outcome) = match Head::parse(text) {
            Ok(head) => self.behave(socket, head).await,
            Err(error) => {
                let mut connection = Connection::new(socket, Record::default());
                let outcome = connection.refuse("400 Bad Request", &error).await;
                (connection.socket, connection.record, outcome)
            }
        };
        drop(socket);
        record.end(outcome);
    }

    async fn receive(&self, tcp: TcpStream) -> io::Result<Option<(BufReader<Socket>, String)>> {
        tcp.set_nodelay(true)?;
        let socket = match &self.acceptor {
            Some(acceptor) => {
                let stream = accept(acceptor, tcp).await?;
                self.handshakes.count(stream.get_ref().1.handshake_kind());
                Either::Right(stream)
            }
            None => Either::Left(tcp),
        };
        let mut socket = BufReader::with_capacity(CHUNK, socket);
        let head = http::read_head(&mut socket).await?;
        Ok(head.map(|head| (socket, head)))
    }

    async fn behave(&self, socket: BufReader<Socket>, head: Head) -> (BufReader<Socket>, Record, io::Result<()>) {
        let query = head.query();
        let route = Route::parse(head.path(), &query);
        let record = match (&route, query.get("id")) {
            (Ok(Some(Route::Inspect(_))), _) | (_, None) => Record::default(),
            (_, Some(id)) => self.records.under(id),
        };
        record.note("open");
        for line in head.lines() {
            record.note(format_args!("request {line}"));
        }
        let mut connection = Connection::new(socket, record);
        let outcome = match route {
            Ok(Some(route)) => route.serve(&mut connection, &head, &self.records).await,
            Ok(None) => connection.refuse("404 Not Found", "no such path").await,
            Err(bad) => connection.refuse("400 Bad Request", &bad.0).await,
        };
        (connection.socket, connection.record, outcome)
    }
}

/// The server's side of TLS. A client that is refused is read to its end, or a reset might overtake the reason.
async fn accept(acceptor: &TlsAcceptor, tcp: TcpStream) -> io::Result<TlsStream<TcpStream>> {
    let (error, mut tcp) = match acceptor.accept(tcp).into_fallible().await {
        Ok(stream) => return Ok(stream),
        Err(refused) => refused,
    };
    tcp.shutdown().await?;
    tokio::io::copy(&mut tcp, &mut tokio::io::sink()).await?;
    Err(error)
}

/// A client's connection, and the record of what it does.
pub(crate) struct Connection {
    pub(crate) socket: BufReader<Socket>,
    pub(crate) record: Record,
}

impl Connection {
    fn new(socket: BufReader<Socket>, record: Record) -> Self {
        Self { socket, record }
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.socket.write_all(bytes).await?;
        // TLS keeps records back until it is told to flush.
        self.socket.flush().await
    }

    /// Answers with an error and ends.
    pub(crate) async fn refuse(&mut self, status: &str, body: &str) -> io::Result<()> {
        self.write(&http::refusal(status, &[], body)).await?;
        self.finish().await
    }

    /// Reads a frame of the client and records it. `None`: the client's side has ended.
    pub(crate) async fn next_frame(&mut self) -> io::Result<Option<Frame>> {
        let frame = Frame::read(&mut self.socket, |_| {}).await?;
        if let Some(frame) = &frame {
            self.record_frame(frame);
        }
        Ok(frame)
    }

    /// Reads and records up to the client's Close and returns its payload. `None`: it left without one.
    pub(crate) async fn client_close(&mut self) -> io::Result<Option<Vec<u8>>> {
        while let Some(frame) = self.next_frame().await? {
            if frame.opcode == CLOSE {
                return Ok(Some(frame.start));
            }
        }
        Ok(None)
    }

    /// Reads and records until the client's side of TCP ends.
    pub(crate) async fn client_end(&mut self) -> io::Result<()> {
        while self.next_frame().await?.is_some() {}
        Ok(())
    }

    /// Ends the peer's side of TCP. What the client still sends is read, since unread bytes would turn the
    /// end into a reset.
    pub(crate) async fn finish(&mut self) -> io::Result<()> {
        self.socket.shutdown().await?;
        let ended = tokio::time::timeout(FAREWELL, self.client_end()).await;
        ended.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }

    /// Makes the coming end of the socket a reset.
    pub(crate) fn reset(&mut self) -> io::Result<()> {
        self.tcp().set_zero_linger()?;
        Err(io::ErrorKind::ConnectionReset.into())
    }

    /// Waits until the client's side of TCP ends, without reading a byte of what comes before.
    pub(crate) async fn client_gone(&self) -> io::Result<()> {
        // A second handle has a readiness of its own: to forget that there is something to read is harmless only here,
        // since the system does not tell it twice.
        let watched = TcpStream::from_std(SockRef::from(self.tcp()).try_clone()?.into())?;
        while !watched.ready(Interest::READABLE).await?.is_read_closed() {
            let forgotten: io::Result<()> =
                watched.try_io(Interest::READABLE, || Err(io::ErrorKind::WouldBlock.into()));
            debug_assert!(forgotten.is_err(), "nothing was read");
        }
        watched.take_error()?.map_or(Ok(()), Err)
    }

    pub(crate) fn tcp(&self) -> &TcpStream {
        match self.socket.get_ref() {
            Either::Left(tcp) => tcp,
            Either::Right(tls) => tls.get_ref().0,
        }
    }

    pub(crate) fn is_tls(&self) -> bool {
        matches!(self.socket.get_ref(), Either::Right(_))
    }

    pub(crate) fn record_frame(&self, frame: &Frame) {
        self.record.saw(frame);
        if frame.opcode == CLOSE {
            self.record.note(close_line(&frame.start));
        }
    }
}

/// How long a client may keep its side open after the peer has ended its own.
const FAREWELL: Duration = Duration::from_secs(10);

const ACCEPT_PAUSE: Duration = Duration::from_millis(10);
