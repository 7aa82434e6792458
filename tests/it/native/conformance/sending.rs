//! RFC 6455 sections 5 and 6.1, RFC 7692 section 6.1: what either side writes itself.

use properties::{
    reference::Server,
    wire::{BINARY, CLOSE, CONTINUATION, FIN, RSV1, TEXT, payload},
};
use tokio::io::AsyncWriteExt;
use websocket_anywhere::{ErrorKind, ReceiveMode};

use super::{Peer, Play, code, open, read_frames};
use crate::support::{soon, test};

const PLAYS: [(Peer, bool); 3] = [(Peer::Server, false), (Peer::Server, true), (Peer::Client, false)];

/// Messages and parts of every length form; [`read_frames`] checks masks and lengths.
#[test]
async fn frames_are_written_as_the_rfc_says() {
    for (peer, compression) in PLAYS {
        let (mut socket, mut wire) = open(Play { peer, compression, mode: ReceiveMode::Full, bytewise: false }).await;
        let lens = [0, 1, 125, 126, 65535, 65536];
        let send = async {
            socket.send("Hello").await.unwrap();
            for len in lens {
                socket.send(payload(len)).await.unwrap();
            }
            socket.send_part("par", false).await.unwrap();
            socket.send_part("", false).await.unwrap();
            socket.send_part("ts", true).await.unwrap();
            socket.close(4001, "done").await.unwrap()
        };
        let read = async {
            let frames = read_frames(&mut wire, peer.other()).await;
            wire.write_all(&peer.close(4001, "done")).await.unwrap();
            drop(wire);
            frames
        };
        let (closed, frames) = soon(async { tokio::join!(send, read) }).await;
        assert_eq!((u16::from(closed.code()), closed.was_clean()), (4001, true));
        let mut reader = Server::new();
        let mut read = |(first, payload): &(u8, Vec<u8>)| match first & RSV1 {
            0 => (*first, payload.clone()),
            _ => (first & !RSV1, reader.inflate(payload)),
        };
        let whole: Vec<_> = frames[..=lens.len()].iter().map(&mut read).collect();
        let mut expected = vec![(FIN | TEXT, b"Hello".to_vec())];
        expected.extend(lens.map(|len| (FIN | BINARY, payload(len))));
        assert!(whole == expected, "{peer:?} {compression}");
        let compressed = frames[0].0 & RSV1 != 0;
        assert_eq!(compressed, compression, "{peer:?}");
        // Section 5.4: the first has the type, the others are continuations, only the last is final.
        let (close, parts) = frames[lens.len() + 1..].split_last().unwrap();
        let types: Vec<_> = parts.iter().map(|(first, _)| first & !RSV1).collect();
        assert_eq!((types[0], types.last()), (TEXT, Some(&(FIN | CONTINUATION))), "{types:x?}");
        assert!(types[1..types.len() - 1].iter().all(|first| *first == CONTINUATION), "{types:x?}");
        // RFC 7692 section 6.1: the bit is in the first frame alone.
        assert!(parts[1..].iter().all(|(first, _)| first & RSV1 == 0), "{parts:x?}");
        let all = parts.iter().flat_map(|(_, payload)| payload.clone()).collect::<Vec<_>>();
        let all = if parts[0].0 & RSV1 != 0 { reader.inflate(&all) } else { all };
        assert_eq!(all, b"parts");
        assert_eq!((close.0, code(&close.1), &close.1[2..]), (FIN | CLOSE, 4001, &b"done"[..]));
    }
}

/// Section 5.3: "The masking key needs to be unpredictable": no two frames have the same.
#[test]
async fn each_frame_of_a_client_has_a_key_of_its_own() {
    use tokio::io::AsyncReadExt;
    let play = Play { peer: Peer::Server, compression: false, mode: ReceiveMode::Full, bytewise: false };
    let (mut socket, mut wire) = open(play).await;
    let mut keys = Vec::new();
    for _ in 0..100 {
        soon(socket.send("")).await.unwrap();
        let mut frame = [0; 6];
        soon(wire.read_exact(&mut frame)).await.unwrap();
        keys.push(frame[2..].to_vec());
    }
    keys.sort_unstable();
    keys.dedup();
    // Two of 100 are the same once in a million runs.
    assert!(keys.len() >= 99, "{}", keys.len());
}

/// Sections 5.5.1 and 7.4: nothing is sent behind a Close, and no code that may not be.
#[test]
async fn a_close_is_the_last_frame_and_has_a_code_that_may_be_sent() {
    for (peer, compression) in PLAYS {
        let (mut socket, mut wire) = open(Play { peer, compression, mode: ReceiveMode::Full, bytewise: false }).await;
        for code in [0, 999, 1001, 1004, 1005, 1006, 1015, 2999, 5000] {
            let error = soon(socket.close(code, "")).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument, "{code}");
        }
        let error = soon(socket.close(1000, &"r".repeat(124))).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        let close = async {
            let closed = socket.close(1000, "").await.unwrap();
            assert!(socket.send("late").await.is_err());
            closed
        };
        let read = async {
            let frames = read_frames(&mut wire, peer.other()).await;
            wire.write_all(&peer.close(1000, "")).await.unwrap();
            wire.shutdown().await.unwrap();
            (frames, read_frames(&mut wire, peer.other()).await)
        };
        let (_, (frames, behind)) = soon(async { tokio::join!(close, read) }).await;
        assert_eq!(frames, [(FIN | CLOSE, 1000_u16.to_be_bytes().to_vec())]);
        assert_eq!(behind, []);
    }
}
