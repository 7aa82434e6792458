//! A peer that breaks the protocol: what came before is delivered, then one clear error, and the peer is told why.

use std::error::Error as _;

use futures::AsyncReadExt;
use websocket_anywhere::{CloseCode, Control, Error, ErrorKind, MessageWebSocket, StreamWebSocket};

use crate::support::{
    BROWSER, lines, message_socket, message_socket_with, native_or_browser, peer, receive_to_end, report, soon,
    stream_socket, test, unique_id,
};

/// Bytes after a text `ok`, in hex, and a word of the error's source.
type Case = (&'static str, &'static str);

#[test]
async fn reserved_bits_are_refused() {
    let cases = [("c10161", "reserved bit"), ("a10161", "reserved bit"), ("910161", "reserved bit"), ("f100", "bit")];
    refuse(&cases, ErrorKind::Protocol, 1002, true).await;
}

#[test]
async fn reserved_opcodes_are_refused() {
    let cases = [("8300", "0x3"), ("8700", "0x7"), ("8b00", "0xb"), ("8f00", "0xf")];
    refuse(&cases, ErrorKind::Protocol, 1002, true).await;
    // Firefox waits for the rest of the message.
    refuse(&[("0300", "0x3")], ErrorKind::Protocol, 1002, false).await;
}

#[test]
async fn masked_frames_are_refused() {
    let cases = [("81810000000061", "masked"), ("8180", "masked"), ("898000000000", "masked")];
    refuse(&cases, ErrorKind::Protocol, 1002, false).await;
}

#[test]
async fn lengths_with_the_highest_bit_are_refused() {
    let cases = [("827f8000000000000000", "2^63"), ("827fffffffffffffffff", "2^63"), ("817f8000000000000001", "2^63")];
    refuse(&cases, ErrorKind::Protocol, 1002, true).await;
}

#[test]
async fn lengths_that_are_not_minimal_are_refused() {
    let cases = [("827e0003010203", "more bytes"), ("827e007d", "more bytes"), ("827f000000000000ffff", "more bytes")];
    refuse(&cases, ErrorKind::Protocol, 1002, false).await;
}

#[test]
async fn long_control_frames_are_refused() {
    // Firefox waits for the payload before it refuses them.
    let native = [("897e007e", "125"), ("8a7e0080", "125"), ("887e007e03e8", "125"), ("897f0000000000010000", "125")];
    refuse(&native, ErrorKind::Protocol, 1002, false).await;
}

#[test]
async fn fragmented_control_frames_are_refused() {
    let cases = [("0900", "fragments"), ("0a0161", "fragments"), ("080203e8", "fragments")];
    refuse(&cases, ErrorKind::Protocol, 1002, true).await;
}

#[test]
async fn continuations_of_nothing_are_refused() {
    let cases = [("800161", "continuation"), ("000161", "continuation"), ("010161800162800163", "continuation")];
    refuse_after(&cases[..2], &["ok"], ErrorKind::Protocol, 1002, true).await;
    refuse_after(&cases[2..], &["ok", "ab"], ErrorKind::Protocol, 1002, true).await;
}

#[test]
async fn messages_inside_a_message_are_refused() {
    let cases = [("010161810162", "inside"), ("010161820162", "inside"), ("020161010162", "inside")];
    refuse(&cases, ErrorKind::Protocol, 1002, true).await;
}

#[test]
async fn close_frames_that_make_no_sense_are_refused() {
    // Firefox takes most of them for a clean end.
    let native = [
        ("880103", "one byte"),
        ("880203ed", "1005"),
        ("880203ee", "1006"),
        ("88020000", "code 0"),
        ("880203e7", "999"),
        ("880203ec", "1004"),
        ("880203f7", "1015"),
        ("880203f8", "1016"),
        ("88020bb7", "2999"),
        ("88021388", "5000"),
        ("8802ffff", "65535"),
    ];
    refuse(&native, ErrorKind::Protocol, 1002, false).await;
    refuse(&[("880303e8ff", "UTF-8")], ErrorKind::InvalidUtf8, 1007, true).await;
}

#[test]
async fn text_that_is_not_utf8_is_refused() {
    let cases = [
        ("8101ff", "UTF-8"),
        ("8102c328", "UTF-8"),
        // Cut off; overlong; a surrogate; past the last character.
        ("8101c3", "UTF-8"),
        ("8102c080", "UTF-8"),
        ("8103eda080", "UTF-8"),
        ("8104f4908080", "UTF-8"),
        // In a later fragment: a wrong byte, one that breaks a character begun, a character that the message cuts off.
        ("0101610001628001ff", "UTF-8"),
        ("0101c3800128", "UTF-8"),
        ("0101c38000", "UTF-8"),
    ];
    refuse(&cases, ErrorKind::InvalidUtf8, 1007, true).await;
    let after_one = [("0103f09d8480019e0101c3800128", "UTF-8")];
    refuse_after(&after_one, &["ok", "\u{1d11e}"], ErrorKind::InvalidUtf8, 1007, true).await;
}

#[test]
async fn characters_that_are_cut_by_fragments_are_whole_again() {
    // U+1D11E in four fragments with a Ping between two of them, then `\u{e9}` in two.
    let script = ["0101f0", "00019d", "890170", "000184", "80019e", "0101c3", "8001a9"].concat();
    let mut socket = message_socket(&format!("/raw?hex={script}&then=close")).await.unwrap();
    let (texts, error) = receive_to_end(&mut socket).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(texts, ["\u{1d11e}", "\u{e9}"]);
}

#[test]
async fn bad_bytes_that_trickle_in_are_refused_alike() {
    for (bad, kind, code) in [("c10161", ErrorKind::Protocol, 1002), ("0101c3800128", ErrorKind::InvalidUtf8, 1007)] {
        let id = unique_id();
        let mut socket = message_socket(&format!("/raw?id={id}&mode=bytes&hex=81026f6b{bad}")).await.unwrap();
        let (_, error) = receive_to_end(&mut socket).await;
        assert_eq!(error.unwrap().kind(), native_or_browser(kind, ErrorKind::ConnectionAborted));
        if !BROWSER {
            assert_told(&report(&id, "end").await, code);
        }
    }
}

#[test]
async fn nothing_is_taken_after_a_violation() {
    let id = unique_id();
    let script = ["c10161", "810161", "8900", "880203e8"].concat();
    let mut socket = message_socket(&format!("/raw?id={id}&hex={script}")).await.unwrap();
    let (texts, error) = receive_to_end(&mut socket).await;
    assert!(texts.is_empty(), "{texts:?}");
    assert_eq!(error.unwrap().kind(), native_or_browser(ErrorKind::Protocol, ErrorKind::ConnectionAborted));
    assert_eq!(socket.closed().unwrap().code(), CloseCode::ABNORMAL);
    if !BROWSER {
        // Neither a Pong nor an answer to the Close.
        assert_eq!(lines(&report(&id, "end").await, "frame").len(), 1);
    }
}

#[test]
async fn a_message_over_the_limit_is_refused_with_its_own_kind() {
    // The limit is 5 bytes: a text of 6, of 3 characters, binary, in fragments, and a frame whose end never comes.
    for bad in ["8106616263646566", "8106c3a9c3a9c3a9", "8206000102030405", "0103616263800364656601", "827e0100"] {
        if BROWSER && bad == "827e0100" {
            // A browser tells of a message when all of it is there.
            continue;
        }
        let id = unique_id();
        // Exactly at the limit, whole, in fragments, and one of as many bytes in fewer characters.
        let script = ["810568656c6c6f", "0102686580036c6c6f", "8105c3a9c3a921", bad].concat();
        let control = Control::new().max_message_size(Some(5));
        let mut socket = message_socket_with(&format!("/raw?id={id}&hex={script}"), control).await.unwrap();
        let (texts, error) = receive_to_end(&mut socket).await;
        assert_eq!(texts, ["hello", "hello", "\u{e9}\u{e9}!"], "{bad}");
        let error = error.unwrap();
        assert_eq!((error.kind(), error.hresult().code()), (ErrorKind::MessageTooBig, 0x8007_2738), "{bad}: {error:?}");
        assert_eq!(soon(socket.send("late")).await.unwrap_err().kind(), ErrorKind::MessageTooBig);
        assert_told(&report(&id, "end").await, if BROWSER { 3009 } else { 1009 });
    }
}

#[test]
async fn an_empty_message_is_within_every_limit() {
    let control = Control::new().max_message_size(Some(0));
    let mut socket = message_socket_with("/raw?hex=810001008000810161", control).await.unwrap();
    let (texts, error) = receive_to_end(&mut socket).await;
    assert_eq!(texts, ["", ""]);
    assert_eq!(error.unwrap().kind(), ErrorKind::MessageTooBig);
}

#[test]
async fn a_large_message_is_over_the_default_limit_and_within_none() {
    let size: usize = (64 << 20) + 1;
    let path = format!("/big-frame?bytes={size}");
    let mut socket = message_socket(&path).await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap_err().kind(), ErrorKind::MessageTooBig);
    let mut socket = message_socket_with(&path, Control::new().max_message_size(None)).await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_bytes().len(), size);
}

#[test]
async fn a_stream_has_no_limit_of_messages() {
    let control = Control::new().max_message_size(Some(1));
    let url = peer("/raw?hex=82050102030405&then=close");
    let mut stream = soon(StreamWebSocket::connect_with(&url, control)).await.unwrap();
    let mut bytes = Vec::new();
    soon(stream.read_to_end(&mut bytes)).await.unwrap();
    assert_eq!(bytes, [1, 2, 3, 4, 5]);
}

#[test]
async fn text_on_a_stream_is_refused_after_the_bytes_before_it() {
    for text in ["810161", "010161", "8100"] {
        if BROWSER && text == "010161" {
            // A browser tells of a message when all of it is there.
            continue;
        }
        let id = unique_id();
        let mut stream = stream_socket(&format!("/raw?id={id}&hex=820301020382020405{text}")).await.unwrap();
        let mut bytes = [0; 5];
        soon(stream.read_exact(&mut bytes)).await.unwrap();
        assert_eq!(bytes, [1, 2, 3, 4, 5]);
        let error = soon(stream.read_chunk()).await.unwrap_err();
        assert_eq!((error.kind(), error.hresult().code()), (ErrorKind::UnexpectedText, 0x8007_000D), "{error:?}");
        assert_eq!(soon(stream.read_chunk()).await.unwrap(), None, "an error comes once");
        assert_told(&report(&id, "end").await, if BROWSER { 3003 } else { 1003 });
    }
}

/// Each case is refused after a text `ok`; `everywhere` says whether all browsers refuse it, too.
async fn refuse(cases: &[Case], kind: ErrorKind, code: u16, everywhere: bool) {
    refuse_after(cases, &["ok"], kind, code, everywhere).await;
}

async fn refuse_after(cases: &[Case], texts: &[&str], kind: ErrorKind, code: u16, everywhere: bool) {
    if BROWSER && !everywhere {
        return;
    }
    for (bad, word) in cases {
        let id = unique_id();
        let mut socket = message_socket(&format!("/raw?id={id}&hex=81026f6b{bad}")).await.unwrap();
        let (received, error) = receive_to_end(&mut socket).await;
        let error = error.unwrap_or_else(|| panic!("{bad} was taken"));
        if BROWSER {
            // Some drop what they read together with the bad frame.
            assert!(texts.iter().zip(&received).all(|(text, received)| text == received), "{bad}: {received:?}");
            assert!(received.len() <= texts.len(), "{bad}: {received:?}");
            assert_eq!(error.kind(), ErrorKind::ConnectionAborted, "{bad}: {error:?}");
        } else {
            assert_eq!(received, texts, "{bad}");
            assert_names(&error, kind, word, bad);
            assert_told(&report(&id, "end").await, code);
        }
        assert_failed(&mut socket, error.kind()).await;
    }
}

#[track_caller]
fn assert_names(error: &Error, kind: ErrorKind, word: &str, bad: &str) {
    assert_eq!(error.kind(), kind, "{bad}: {error:?}");
    let source = error.source().unwrap().to_string();
    assert!(source.contains(word), "{bad}: {source}");
}

/// The peer saw one frame, a Close with this code and a reason, and the end of TCP.
#[track_caller]
fn assert_told(record: &str, code: u16) {
    let frames = lines(record, "frame");
    assert!(frames.len() == 1 && frames[0].contains("opcode=8 fin=1 masked=1"), "{record}");
    let close = lines(record, "close")[0];
    assert!(close.starts_with(&format!("close {code} ")), "{record}");
    assert_eq!(lines(record, "end"), ["end eof"], "{record}");
}

async fn assert_failed(socket: &mut MessageWebSocket, kind: ErrorKind) {
    let closed = socket.closed().unwrap();
    assert_eq!((closed.code(), closed.was_clean()), (CloseCode::ABNORMAL, false));
    assert_eq!(soon(socket.send("late")).await.unwrap_err().kind(), kind);
    assert_eq!(soon(socket.close(CloseCode::NORMAL, "")).await.unwrap(), closed);
}
