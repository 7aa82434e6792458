//! The two directions of a transport, and what the system knows of it.

use tokio::{
    io::{AsyncRead, AsyncWrite, WriteHalf},
    net::{TcpStream, tcp::OwnedWriteHalf},
};

use crate::backend::native::os::unacknowledged;

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
    #[cfg_attr(not(feature = "tls"), allow(dead_code, reason = "only TLS asks what is below it"))]
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
