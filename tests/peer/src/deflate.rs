//! `/deflate`: an echo that speaks permessage-deflate (RFC 7692), by a library that the client does not use.

use std::io;

use miniz_oxide::deflate::core::{CompressorOxide, create_comp_flags_from_zip_params};
use miniz_oxide::deflate::stream::deflate;
use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZError, MZFlush, MZStatus, StreamResult};

use crate::connection::Connection;
use crate::frames::{CLOSE, CONTINUATION, Frame, frame};
use crate::raw_half::answer_close;

/// Echoes until the client closes. `extensions` is what the client was told.
pub(crate) async fn echo(connection: &mut Connection, extensions: &str) -> io::Result<()> {
    let mut codec = Codec::new(extensions);
    let (mut opcode, mut is_compressed, mut message) = (0, false, Vec::new());
    loop {
        let read = Frame::read(&mut connection.socket, |piece| message.extend_from_slice(piece)).await?;
        let Some(read) = read else { return Ok(()) };
        connection.record_frame(&read);
        if read.opcode == CLOSE {
            return answer_close(connection, &[], &read.start).await;
        }
        if read.opcode != CONTINUATION {
            (opcode, is_compressed) = (read.opcode, read.rsv == RSV1);
        }
        if !read.ends_message() {
            continue;
        }
        if is_compressed {
            message = codec.inflate(&message)?;
        }
        connection.record.saw(format_args!("message {opcode} {}", message.len()));
        let mut echoed = frame(opcode, &codec.deflate(&message)?);
        echoed[0] |= RSV1 << 4;
        connection.write(&echoed).await?;
        message.clear();
    }
}

/// Both directions of one connection.
struct Codec {
    inflater: Box<InflateState>,
    deflater: Box<CompressorOxide>,
    client_starts_over: bool,
    server_starts_over: bool,
}

impl Codec {
    fn new(extensions: &str) -> Self {
        Self {
            inflater: inflater(),
            deflater: deflater(),
            client_starts_over: extensions.contains("client_no_context_takeover"),
            server_starts_over: extensions.contains("server_no_context_takeover"),
        }
    }

    fn inflate(&mut self, payload: &[u8]) -> io::Result<Vec<u8>> {
        if self.client_starts_over {
            self.inflater = inflater();
        }
        let input = [payload, &TAIL].concat();
        run(&input, |input, output| inflate(&mut self.inflater, input, output, MZFlush::Sync))
    }

    fn deflate(&mut self, message: &[u8]) -> io::Result<Vec<u8>> {
        if self.server_starts_over {
            self.deflater = deflater();
        }
        let mut output = run(message, |input, output| deflate(&mut self.deflater, input, output, MZFlush::Sync))?;
        if output.ends_with(&TAIL) {
            output.truncate(output.len() - TAIL.len());
        }
        Ok(output)
    }
}

fn inflater() -> Box<InflateState> {
    InflateState::new_boxed(DataFormat::Raw)
}

fn deflater() -> Box<CompressorOxide> {
    Box::new(CompressorOxide::new(create_comp_flags_from_zip_params(6, -15, 0)))
}

/// Feeds all of the input and collects the output until there is no more.
fn run(mut input: &[u8], mut step: impl FnMut(&[u8], &mut [u8]) -> StreamResult) -> io::Result<Vec<u8>> {
    let mut output = Vec::new();
    let mut piece = vec![0; PIECE];
    loop {
        let result = step(input, &mut piece);
        input = &input[result.bytes_consumed..];
        output.extend_from_slice(&piece[..result.bytes_written]);
        match result.status {
            Ok(MZStatus::Ok) if !input.is_empty() || result.bytes_written == piece.len() => {}
            Ok(MZStatus::Ok) | Err(MZError::Buf) => return Ok(output),
            other => return Err(io::Error::other(format!("{other:?}"))),
        }
    }
}

const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];

/// Among the three reserved bits.
const RSV1: u8 = 4;

const PIECE: usize = 64 * 1024;
