//! The I/O traits of futures-io and of tokio, each written once for a half and its whole.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use super::{InputStream, OutputStream, StreamWebSocket};

/// Reading, given the way from the type to its [`InputStream`].
macro_rules! reading {
    ($type:ty, |$this:ident| $input:expr) => {
        impl futures::AsyncRead for $type {
            fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
                let $this = self.get_mut();
                let input = $input;
                if buf.is_empty() {
                    return Poll::Ready(Ok(0));
                }
                ready!(input.poll_fill(cx))?;
                let amount = buf.len().min(input.unread().len());
                buf[..amount].copy_from_slice(&input.unread()[..amount]);
                input.mark_read(amount);
                Poll::Ready(Ok(amount))
            }
        }

        impl futures::AsyncBufRead for $type {
            fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
                let $this = self.get_mut();
                let input = $input;
                ready!(input.poll_fill(cx))?;
                Poll::Ready(Ok(input.unread()))
            }

            fn consume(self: Pin<&mut Self>, amount: usize) {
                let $this = self.get_mut();
                ($input).mark_read(amount);
            }
        }

        impl tokio::io::AsyncRead for $type {
            fn poll_read(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &mut tokio::io::ReadBuf<'_>,
            ) -> Poll<io::Result<()>> {
                let $this = self.get_mut();
                let input = $input;
                if buf.remaining() == 0 {
                    return Poll::Ready(Ok(()));
                }
                ready!(input.poll_fill(cx))?;
                let amount = buf.remaining().min(input.unread().len());
                buf.put_slice(&input.unread()[..amount]);
                input.mark_read(amount);
                Poll::Ready(Ok(()))
            }
        }

        impl tokio::io::AsyncBufRead for $type {
            fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
                futures::AsyncBufRead::poll_fill_buf(self, cx)
            }

            fn consume(self: Pin<&mut Self>, amount: usize) {
                futures::AsyncBufRead::consume(self, amount);
            }
        }
    };
}

/// Writing, given the way from the type to its [`OutputStream`].
macro_rules! writing {
    ($type:ty, |$this:ident| $output:expr) => {
        impl futures::AsyncWrite for $type {
            fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
                let $this = self.get_mut();
                ($output).poll_send(cx, buf).map_err(Into::into)
            }

            fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                let $this = self.get_mut();
                ($output).poll_handed_over(cx).map_err(Into::into)
            }

            fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                let $this = self.get_mut();
                ($output).poll_finish(cx).map_err(Into::into)
            }
        }

        impl tokio::io::AsyncWrite for $type {
            fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
                futures::AsyncWrite::poll_write(self, cx, buf)
            }

            fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                futures::AsyncWrite::poll_flush(self, cx)
            }

            fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                futures::AsyncWrite::poll_close(self, cx)
            }
        }
    };
}

reading!(InputStream, |this| this);
reading!(StreamWebSocket, |this| &mut this.input);
writing!(OutputStream, |this| this);
writing!(StreamWebSocket, |this| &mut this.output);
