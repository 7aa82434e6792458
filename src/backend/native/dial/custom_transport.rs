//! Transports that the program brings.

use std::{
    any::Any,
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

use super::parts::{Parts, Transport};

/// What a program brings: TCP, of which everything is known, or something else.
pub(crate) enum CustomTransport {
    Tcp(TcpStream),
    Opaque(Opaque),
}

impl CustomTransport {
    pub(crate) fn new<T>(transport: T) -> Self
    where
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let mut slot = Some(transport);
        let as_tcp = (&mut slot as &mut dyn Any).downcast_mut::<Option<TcpStream>>();
        match as_tcp.and_then(Option::take) {
            Some(tcp) => Self::Tcp(tcp),
            None => Self::Opaque(Opaque::new(slot.expect("only TCP is taken out of it"))),
        }
    }
}

/// A transport of which nothing is known.
pub(crate) struct Opaque(Box<dyn Duplex>);

impl Opaque {
    pub(in crate::backend::native) fn new(transport: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) -> Self {
        Self(Box::new(transport))
    }
}

trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

impl Parts for Opaque {
    fn in_system(&self) -> Option<usize> {
        None
    }

    fn parts(self) -> Transport {
        Transport::of(self.0)
    }
}

impl AsyncRead for Opaque {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Opaque {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.0).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.0).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.0).poll_shutdown(cx)
    }
}
