//! The window: what somebody sees after a click.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use desktop::{chat, window::Window};
use eframe::egui;
use egui::{DroppedFile, Key, vec2};
use egui_kittest::{
    Harness,
    kittest::{NodeT as _, Queryable as _},
};
use websocket_anywhere::{Message, ServerControl, ServerMessageWebSocket, ServerStreamWebSocket};

use crate::support::Program;

/// The window, and what is behind it.
struct Screen {
    harness: Harness<'static, Window>,
    program: Behind,
}

struct Behind {
    frames: crate::support::Frames,
    server: Option<desktop::server::Server>,
    runtime: tokio::runtime::Runtime,
}

impl Screen {
    fn open(width: f32) -> Self {
        Self::of(Program::start(), width)
    }

    fn of(program: Program, width: f32) -> Self {
        let Program { model, server, frames, runtime } = program;
        let window = Window::new(model, server.as_ref().unwrap());
        let show = |ui: &mut egui::Ui, window: &mut Window| {
            window.update(ui.ctx());
            window.show(ui);
        };
        let harness = Harness::builder().with_size(vec2(width, 700.0)).build_ui_state(show, window);
        Self { harness, program: Behind { frames, server, runtime } }
    }

    #[track_caller]
    fn click(&mut self, label: &str) {
        self.harness.get_by_label(label).click();
        self.harness.step();
    }

    /// Replaces what stands in a field.
    #[track_caller]
    fn enter(&mut self, field: &str, text: &str) {
        self.harness.get_by_label(field).focus();
        self.harness.step();
        self.harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::A);
        self.harness.step();
        self.harness.get_by_label(field).type_text(text);
        self.harness.step();
    }

    #[track_caller]
    fn until_shown(&mut self, text: &str) {
        let harness = &mut self.harness;
        self.program.frames.until(&format!("{text:?} is shown"), || {
            harness.step();
            harness.query_all_by_label_contains(text).next().is_some()
        });
    }

    fn is_enabled(&self, label: &str) -> bool {
        !self.harness.get_by_label(label).accesskit_node().is_disabled()
    }
}

#[test]
fn a_conversation_from_connect_to_close() {
    let mut screen = Screen::open(960.0);
    screen.until_shown("not connected");
    assert!(!screen.is_enabled("Send"));
    screen.click("Connect");
    screen.until_shown("guest 1 has come (16 B)");
    screen.enter("Message", "good evening");
    screen.click("Send");
    screen.until_shown("<- guest 1: good evening (21 B)");
    assert_eq!(screen.harness.get_by_label("Message").value().as_deref(), Some(""));
    screen.enter("Message", "by the Enter key");
    screen.harness.key_press(Key::Enter);
    screen.until_shown("<- guest 1: by the Enter key");
    screen.click("binary");
    screen.enter("Message", "AB");
    screen.click("Send");
    screen.until_shown("<- 41 42 (2 B)");
    screen.until_shown("3 sent, 4 received");
    screen.until_shown("1 in the room");
    screen.click("Close");
    screen.until_shown("closed: code 1000 (goodbye)");
    screen.until_shown("not connected");
    screen.click("Clear");
    assert!(screen.harness.query_by_label_contains("good evening").is_none());
}

#[test]
fn what_goes_wrong_is_shown_and_what_was_typed_stays() {
    let mut screen = Screen::open(960.0);
    screen.enter("Room", "ftp://example.com/");
    screen.click("Connect");
    screen.until_shown("!! ");
    screen.enter("Message", "kept");
    screen.harness.key_press(Key::Enter);
    screen.harness.step();
    assert_eq!(screen.harness.get_by_label("Message").value().as_deref(), Some("kept"));
}

#[test]
fn what_is_typed_while_too_much_waits_to_be_sent_stays() {
    let mut program = Program::start();
    // It receives nothing.
    let (address, _server) =
        program.serve_once(|tcp| async { ServerMessageWebSocket::accept(tcp, ServerControl::new()).await.unwrap() });
    program.model.chat.connect(&format!("ws://{address}/"), "");
    program.until_chat_is(chat::State::Open);
    // More than systems hold between two programs: the second one waits for the first.
    let long = Message::from(vec![0; 16 << 20]);
    program.until("the second message waits", |model| {
        while model.chat.send(long.clone()).is_ok() {}
        model.chat.view().sent == 2
    });
    while program.model.chat.send(long.clone()).is_ok() {}
    let mut screen = Screen::of(program, 960.0);
    screen.enter("Message", "kept");
    screen.click("Send");
    screen.harness.run_steps(4);
    assert_eq!(screen.harness.get_by_label("Message").value().as_deref(), Some("kept"));
}

#[test]
fn the_file_whose_path_is_typed_comes_back() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), vec![7; 100_000]).unwrap();
    let mut screen = Screen::open(960.0);
    screen.until_shown("Send the file");
    assert!(!screen.is_enabled("Send the file"));
    screen.enter("File", &file.path().display().to_string());
    screen.click("Send the file");
    screen.until_shown("the same bytes came back");
    screen.until_shown("97.7 KiB sent");
}

#[test]
fn a_file_that_is_dropped_comes_back() {
    #[derive(Debug)]
    struct Dropped(PathBuf);

    impl DroppedFile for Dropped {
        fn path(&self) -> &Path {
            &self.0
        }

        fn bytes(&self) -> Result<Vec<u8>, String> {
            fs::read(self.path()).map_err(|error| error.to_string())
        }
    }

    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), "dropped").unwrap();
    let mut screen = Screen::open(400.0);
    screen.harness.input_mut().dropped_files.push(Arc::new(Dropped(file.path().to_owned())));
    screen.until_shown("the same bytes came back");
    screen.until_shown("7 B sent");
}

#[test]
fn a_transfer_is_cancelled_by_a_click() {
    let program = Program::start();
    // It keeps what it gets, so that no transfer ends by itself.
    let (address, server) = program.serve_once(|tcp| async {
        let mut stream = ServerStreamWebSocket::accept(tcp, ServerControl::new()).await.unwrap();
        while let Ok(Some(_)) = stream.read_chunk().await {}
        stream.closed()
    });
    let mut screen = Screen::of(program, 960.0);
    screen.until_shown("Cancel");
    assert!(!screen.is_enabled("Cancel"));
    screen.enter("Echo", &format!("ws://{address}/"));
    screen.click("Send 256 MiB");
    screen.until_shown("0 B of 256.0 MiB came back");
    assert!(!screen.is_enabled("Send 256 MiB"));
    screen.click("Cancel");
    screen.until_shown("cancelled");
    assert!(screen.is_enabled("Send 256 MiB"));
    let closed = screen.program.runtime.block_on(server).unwrap().unwrap();
    assert_eq!(closed.reason(), "cancelled");
}

#[test]
fn a_server_that_has_gone_is_shown() {
    let mut screen = Screen::open(960.0);
    screen.until_shown("0 in the room");
    screen.program.server = None;
    screen.until_shown("the server in this window: closed");
    screen.click("Send 256 MiB");
    screen.until_shown("refused");
}
