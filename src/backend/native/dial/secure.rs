//! The two directions of TLS, which has one state for both.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::parts::{Output, Parts, Transport};
use crate::backend::native::tls::TlsStream;

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
