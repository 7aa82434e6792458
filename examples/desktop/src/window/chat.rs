//! The chat: where to, what to say, and the log.

use eframe::egui::{Color32, Key, RichText, ScrollArea, TextEdit, Ui};
use websocket_anywhere::Message;

use crate::chat::{Chat, Kind, Line, State};

/// What somebody has typed.
#[derive(Debug)]
pub(super) struct Form {
    url: String,
    protocols: String,
    draft: String,
    is_binary: bool,
}

impl Form {
    pub(super) fn new(url: String) -> Self {
        Self { url, protocols: String::new(), draft: String::new(), is_binary: false }
    }

    pub(super) fn show(&mut self, ui: &mut Ui, chat: &mut Chat) {
        ui.heading("Chat");
        let state = chat.view().state;
        ui.horizontal(|ui| {
            let name = ui.label("Room");
            ui.add(TextEdit::singleline(&mut self.url).desired_width(f32::INFINITY)).labelled_by(name.id);
        });
        ui.horizontal(|ui| {
            let name = ui.label("Subprotocols");
            let hint = "none";
            ui.add(TextEdit::singleline(&mut self.protocols).hint_text(hint).desired_width(120.0)).labelled_by(name.id);
            let (action, does) = match state {
                State::Closed => ("Connect", Action::Connect),
                State::Connecting => ("Give up", Action::Close),
                State::Open => ("Close", Action::Close),
                State::Closing => ("Do not wait", Action::Close),
            };
            if ui.button(action).clicked() {
                match does {
                    Action::Connect => chat.connect(&self.url, &self.protocols),
                    Action::Close => chat.close(),
                }
            }
            ui.label(match state {
                State::Closed => "not connected",
                State::Connecting => "connecting",
                State::Open => "connected",
                State::Closing => "closing",
            });
        });
        ui.horizontal(|ui| {
            let name = ui.label("Message");
            let send = ui.available_width() - 140.0;
            let draft = ui.add(TextEdit::singleline(&mut self.draft).desired_width(send)).labelled_by(name.id);
            let entered = draft.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            ui.checkbox(&mut self.is_binary, "binary").on_hover_text("sends the same bytes as a binary message");
            let clicked = ui.add_enabled_ui(state == State::Open, |ui| ui.button("Send").clicked()).inner;
            if (entered && state == State::Open) || clicked {
                self.send(chat);
                draft.request_focus();
            }
        });
        self.show_log(ui, chat);
    }

    fn send(&mut self, chat: &mut Chat) {
        let draft = std::mem::take(&mut self.draft);
        let message = if self.is_binary { Message::from(draft.into_bytes()) } else { Message::from(draft) };
        if let Err(message) = chat.send(message) {
            // Nothing of what was typed is lost.
            self.draft = String::from_utf8_lossy(message.as_bytes()).into_owned();
        }
    }

    fn show_log(&self, ui: &mut Ui, chat: &mut Chat) {
        ui.horizontal(|ui| {
            let view = chat.view();
            ui.label(format!("{} sent, {} received", view.sent, view.received));
            drop(view);
            if ui.small_button("Clear").clicked() {
                chat.clear();
            }
        });
        let view = chat.view();
        ScrollArea::vertical()
            .auto_shrink(false)
            .stick_to_bottom(true)
            .max_height(ui.available_height().max(200.0))
            .show(ui, |ui| {
                for line in &view.log {
                    show_line(ui, line);
                }
            });
    }
}

enum Action {
    Connect,
    Close,
}

fn show_line(ui: &mut Ui, line: &Line) {
    let (sign, color) = match line.kind {
        Kind::Sent => ("->", ui.visuals().selection.stroke.color),
        Kind::Received => ("<-", ui.visuals().strong_text_color()),
        Kind::Note => ("--", ui.visuals().text_color()),
        Kind::Failure => ("!!", failure(ui)),
    };
    let size = line.bytes.map_or_else(String::new, |bytes| format!(" ({bytes} B)"));
    let text = format!("{:9.3}  {sign} {}{size}", line.at.as_secs_f64(), line.text);
    ui.label(RichText::new(text).monospace().color(color));
}

pub(super) fn failure(ui: &Ui) -> Color32 {
    ui.visuals().error_fg_color
}
