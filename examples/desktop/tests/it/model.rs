//! What the program does, without its window.

use std::{fs, task::Poll};

use desktop::{
    chat::{self, Kind, MOST_CHARACTERS, MOST_LINES},
    model::Model,
    self_test::SelfTest,
    transfer::{Phase, Source},
};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use websocket_anywhere::{Message, ServerControl, ServerStreamWebSocket};

use crate::support::Program;

#[test]
fn the_self_test_passes() {
    let mut program = Program::start();
    let mut test = SelfTest::new(program.url("/chat"), program.url("/echo"));
    program.until("the self-test is ready", |model| match test.advance(model) {
        Poll::Pending => false,
        Poll::Ready(result) => {
            result.unwrap();
            true
        }
    });
}

#[test]
fn the_self_test_fails_if_nobody_listens() {
    let mut program = Program::start();
    let echo = program.url("/echo");
    let failure = failure_of_self_test(&mut program, "ws://127.0.0.1:1/chat".to_owned(), echo);
    assert!(failure.contains("Talk"), "{failure}");
}

#[test]
fn the_self_test_fails_if_something_else_comes_back() {
    let mut program = Program::start();
    let address = program.serve(|tcp| async {
        let mut stream = ServerStreamWebSocket::accept(tcp, ServerControl::new()).await.unwrap();
        while let Ok(Some(chunk)) = stream.read_chunk().await {
            let mut bytes = chunk.to_vec();
            bytes.reverse();
            if stream.write_all(&bytes).await.is_err() || stream.flush().await.is_err() {
                return;
            }
        }
    });
    let chat = program.url("/chat");
    let failure = failure_of_self_test(&mut program, chat, format!("ws://{address}/"));
    assert!(failure.contains("something else came back"), "{failure}");
}

#[track_caller]
fn failure_of_self_test(program: &mut Program, chat: String, echo: String) -> String {
    let mut test = SelfTest::new(chat, echo);
    let mut failure = String::new();
    program.until("the self-test is ready", |model| match test.advance(model) {
        Poll::Pending => false,
        Poll::Ready(result) => {
            failure = result.unwrap_err();
            true
        }
    });
    failure
}

#[test]
fn what_one_says_another_one_hears() {
    let mut program = Program::start();
    let mut other = Program::start();
    let url = program.url("/chat");
    for guest in [&mut program, &mut other] {
        guest.model.chat.connect(&url, "");
        guest.until("everybody knows", |model| model.chat.view().log.iter().any(|line| line.text.contains("has come")));
    }
    program.until("there are two", |model| model.feed.status().is_some_and(|status| status.guests == 2));
    program.model.chat.send("good evening".into()).unwrap();
    program.model.chat.send(Message::from(vec![0, 1, 255])).unwrap();
    other.until("both are heard", |model| {
        let view = model.chat.view();
        let mut heard = view.log.iter().filter(|line| line.kind == Kind::Received);
        let text = heard.any(|line| line.text == "guest 1: good evening" && line.bytes == Some(21));
        text && heard.any(|line| line.text == "00 01 ff" && line.bytes == Some(3))
    });
    program.model.chat.close();
    program.until_chat_is(chat::State::Closed);
    assert_eq!(program.model.chat.view().log.back().unwrap().text, "closed: code 1000 (goodbye)");
    assert_eq!(program.model.chat.view().sent, 2);
    program.until("there is one", |model| model.feed.status().is_some_and(|status| status.guests == 1));
}

#[test]
fn who_is_not_connected_keeps_the_message() {
    let mut program = Program::start();
    assert_eq!(program.model.chat.send("hello".into()), Err("hello".into()));
    let url = program.url("/chat");
    program.model.chat.connect(&url, "");
    program.until_chat_is(chat::State::Open);
    program.model.chat.close();
    assert_eq!(program.model.chat.send("hello".into()), Err("hello".into()));
    program.until_chat_is(chat::State::Closed);
    assert_eq!(program.model.chat.send("hello".into()), Err("hello".into()));
}

#[test]
fn a_refusal_is_told_with_its_status() {
    let mut program = Program::start();
    let url = program.url("/elsewhere");
    program.model.chat.connect(&url, "");
    program.until_chat_is(chat::State::Closed);
    let line = program.model.chat.view().log.back().unwrap().clone();
    assert_eq!(line.kind, Kind::Failure);
    assert!(line.text.contains("404") && line.text.contains("NotFound"), "{line:?}");
}

#[test]
fn connecting_can_be_given_up_and_is_then_forgotten() {
    let mut program = Program::start();
    let (address, connects, held) = program.serve_nothing();
    program.model.chat.connect(&format!("ws://{address}/"), "");
    connects.recv().unwrap();
    assert_eq!(program.model.chat.view().state, chat::State::Connecting);
    program.model.chat.close();
    assert_eq!(program.model.chat.view().state, chat::State::Closed);
    assert_eq!(program.model.chat.view().log.back().unwrap().text, "given up");
    program.runtime.block_on(held).unwrap().unwrap();

    let url = program.url("/chat");
    program.model.chat.connect(&url, "");
    program.until_chat_is(chat::State::Open);
    assert!(program.model.chat.view().log.iter().all(|line| line.kind != Kind::Failure));
}

#[test]
fn connecting_again_leaves_the_conversation_before() {
    let mut program = Program::start();
    let mut witness = Program::start();
    let url = program.url("/chat");
    let hears =
        |words: &'static str| move |model: &mut Model| model.chat.view().log.iter().any(|line| line.text == words);
    witness.model.chat.connect(&url, "");
    witness.until("the witness is there", hears("guest 1 has come"));
    program.model.chat.connect(&url, "");
    witness.until("it is there", hears("guest 2 has come"));
    program.model.chat.connect(&url, "");
    witness.until("it has left", hears("guest 2 has left"));
    witness.until("it is there again", hears("guest 3 has come"));
    program.until_chat_is(chat::State::Open);
    assert_eq!(program.model.feed.end(), None);
}

#[test]
fn the_end_of_the_server_is_seen_by_all() {
    let mut program = Program::start();
    let url = program.url("/chat");
    program.model.chat.connect(&url, "");
    program.until_chat_is(chat::State::Open);
    program.until("the feed has begun", |model| model.feed.status().is_some());
    program.server = None;
    program.until_chat_is(chat::State::Closed);
    program.until("the feed has ended", |model| model.feed.end().is_some());
}

#[test]
fn the_log_keeps_what_is_new_and_not_all_of_what_is_long() {
    let mut program = Program::start();
    let url = program.url("/chat");
    program.model.chat.connect(&url, "");
    program.until_chat_is(chat::State::Open);
    let long = "x".repeat(10 * MOST_CHARACTERS);
    for number in 0..MOST_LINES {
        program.until("there is room", |model| model.chat.send(format!("{number} {long}").into()).is_ok());
    }
    program.until("all are back", |model| model.chat.view().received > MOST_LINES as u64);
    let view = program.model.chat.view();
    assert_eq!(view.log.len(), MOST_LINES);
    assert!(view.log.iter().all(|line| line.text.chars().count() <= MOST_CHARACTERS));
    assert!(view.log.back().unwrap().text.contains(&(MOST_LINES - 1).to_string()));
}

#[test]
fn a_file_comes_back_with_its_hash() {
    let mut program = Program::start();
    let file = tempfile::NamedTempFile::new().unwrap();
    let bytes: Vec<u8> = (0..3_000_001_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    fs::write(file.path(), &bytes).unwrap();
    let url = program.url("/echo");
    program.model.transfer.start(&url, Source::File(file.path().to_owned()));
    let hash = format!("{:x}", Sha256::digest(&bytes));
    assert_eq!(program.end_of_transfer(), Phase::Done { sent: hash.clone(), returned: hash });
    let progress = program.model.transfer.progress();
    assert_eq!((progress.total, progress.sent, progress.returned), (3_000_001, 3_000_001, 3_000_001));
    assert_eq!(progress.fraction(), 1.0);
    assert!(progress.rate() > 0.0);
}

#[test]
fn an_empty_file_is_a_file() {
    let mut program = Program::start();
    let file = tempfile::NamedTempFile::new().unwrap();
    let url = program.url("/echo");
    program.model.transfer.start(&url, Source::File(file.path().to_owned()));
    let hash = format!("{:x}", Sha256::digest([]));
    assert_eq!(program.end_of_transfer(), Phase::Done { sent: hash.clone(), returned: hash });
}

#[test]
fn what_is_no_file_is_named() {
    let mut program = Program::start();
    let folder = tempfile::tempdir().unwrap();
    let url = program.url("/echo");
    for path in [folder.path().to_owned(), folder.path().join("missing")] {
        program.model.transfer.start(&url, Source::File(path.clone()));
        let Phase::Failed(reason) = program.end_of_transfer() else {
            panic!("{} is no file", path.display());
        };
        assert!(reason.contains(&path.display().to_string()), "{reason}");
    }
}

#[test]
fn cancelling_tells_the_server() {
    let mut program = Program::start();
    let (address, server) = program.serve_once(|tcp| async move {
        let mut stream = ServerStreamWebSocket::accept(tcp, ServerControl::new()).await.unwrap();
        let mut bytes = vec![0; 1024 * 1024];
        stream.read_exact(&mut bytes).await.unwrap();
        stream.write_all(&bytes).await.unwrap();
        while let Ok(Some(_)) = stream.read_chunk().await {}
        stream.closed()
    });
    program.model.transfer.start(&format!("ws://{address}/"), Source::Made(u64::MAX));
    program.until("some came back", |model| model.transfer.progress().returned >= 1024 * 1024);
    program.model.transfer.cancel();
    assert_eq!(program.end_of_transfer(), Phase::Cancelled);
    let closed = program.runtime.block_on(server).unwrap().unwrap();
    assert_eq!((u16::from(closed.code()), closed.reason()), (4001, "cancelled"));
}

#[test]
fn cancelling_while_it_connects_ends_it() {
    let mut program = Program::start();
    let (address, connects, held) = program.serve_nothing();
    program.model.transfer.start(&format!("ws://{address}/"), Source::Made(1));
    connects.recv().unwrap();
    assert_eq!(program.model.transfer.progress().phase, Phase::Connecting);
    program.model.transfer.cancel();
    assert_eq!(program.end_of_transfer(), Phase::Cancelled);
    program.runtime.block_on(held).unwrap().unwrap();
}

#[test]
fn other_bytes_than_were_sent_have_another_hash() {
    let mut program = Program::start();
    let (address, _server) = program.serve_once(|tcp| async move {
        let mut stream = ServerStreamWebSocket::accept(tcp, ServerControl::new()).await.unwrap();
        let mut bytes = vec![0; 1000];
        stream.read_exact(&mut bytes).await.unwrap();
        bytes[999] ^= 1;
        stream.write_all(&bytes).await.unwrap();
        stream.flush().await.unwrap();
        while let Ok(Some(_)) = stream.read_chunk().await {}
    });
    program.model.transfer.start(&format!("ws://{address}/"), Source::Made(1000));
    let Phase::Done { sent, returned } = program.end_of_transfer() else {
        panic!("all came back");
    };
    assert_ne!(sent, returned);
}

#[test]
fn a_server_that_keeps_some_or_sends_more_fails_the_transfer() {
    for (size, answer, expected) in [(1000, 999, "kept 1 bytes"), (1000, 1001, "more than it got")] {
        let mut program = Program::start();
        let (address, _server) = program.serve_once(move |tcp| async move {
            let mut stream = ServerStreamWebSocket::accept(tcp, ServerControl::new()).await.unwrap();
            let mut bytes = vec![0; size];
            stream.read_exact(&mut bytes).await.unwrap();
            bytes.resize(answer, 0);
            stream.write_all(&bytes).await.unwrap();
            stream.close(1000, "").await
        });
        program.model.transfer.start(&format!("ws://{address}/"), Source::Made(size as u64));
        let end = program.end_of_transfer();
        assert!(matches!(&end, Phase::Failed(reason) if reason.contains(expected)), "{end:?}");
    }
}
