//! The two directions of a transport, and what the system knows of it.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf, WriteHalf},
    net::{TcpStream, tcp::OwnedWriteHalf},
};

use crate::backend::native::{os::unacknowledged, tls::TlsStream};

/// The two directions of a transport.
pub(in crate::backend::native) struct Transport {
    pub(in crate::backend::native) reader: Box<dyn AsyncRead + Send + Unpin>,
    pub(in crate::backend::native) writer: Box<dyn Output>,
}

impl Transport {
    /// A transport of which nothing else is known.
    pub(in crate::backend::native) fn of<T>(transport: T) -> Self
    where
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let (reader, writer) = tokio::io::split(transport);
        Self { reader: Box::new(reader), writer: Box::new(writer) }
    }
}

/// The direction in which a transport is written.
pub(in crate::backend::native) trait Output: AsyncWrite + Send + Unpin {
    /// How many bytes the system has taken and the peer has not, where the system tells.
    fn in_system(&self) -> Option<usize>;
}

/// Nothing is known of a transport that the program brings.
impl<T: AsyncRead + AsyncWrite + Send> Output for WriteHalf<T> {
    fn in_system(&self) -> Option<usize> {
        None
    }
}

impl Output for OwnedWriteHalf {
    fn in_system(&self) -> Option<usize> {
        unacknowledged(self.as_ref())
    }
}

/// A transport that comes apart into its two directions.
pub(super) trait Parts: AsyncRead + AsyncWrite + Unpin {
    /// How many bytes the system has taken and the peer has not, where the system tells.
    fn in_system(&self) -> Option<usize>;

    fn parts(self) -> Transport;
}

impl Parts for TcpStream {
    fn in_system(&self) -> Option<usize> {
        unacknowledged(self)
    }

    /// Without a lock.
    fn parts(self) -> Transport {
        let (reader, writer) = self.into_split();
        Transport { reader: Box::new(reader), writer: Box::new(writer) }
    }
}

impl<S: Parts + Send + 'static> Parts for TlsStream<S> {
    fn in_system(&self) -> Option<usize> {
        self.get_ref().0.get_ref().in_system()
    }

    fn parts(self) -> Transport {
        let shared = Arc::new(Mutex::new(self));
        Transport { reader: Box::new(Shared(shared.clone())), writer: Box::new(Shared(shared)) }
    }
}

/// One direction of a transport that has one state for both. Unlike a half of `tokio::io::split` it shows what is below.
struct Shared<T>(Arc<Mutex<T>>);

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Parts + Send> Output for Shared<T> {
    fn in_system(&self) -> Option<usize> {
        self.lock().in_system()
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Shared<T> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.lock()).poll_read(cx, buf)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Shared<T> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.lock()).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.lock()).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.lock()).poll_shutdown(cx)
    }
}
