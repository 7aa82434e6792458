//! The window: shows the model, and passes on what somebody clicks, types and drops.

mod chat;
mod plot;
mod transfer;

use std::{
    sync::{Arc, Mutex},
    task::Poll,
    time::Duration,
};

use eframe::egui::{
    self, CentralPanel, ColorImage, Panel, ScrollArea,
    ThemePreference::{Dark, Light, System},
    Ui, ViewportCommand,
};

use crate::{model::Model, self_test::SelfTest, server::Server};

/// How the self-test ended: what the window showed at its end, or what went wrong.
pub type Outcome = Arc<Mutex<Option<Result<Arc<ColorImage>, String>>>>;

/// The state of the window.
pub struct Window {
    /// What it shows.
    pub model: Model,
    chat: chat::Form,
    transfer: transfer::Form,
    self_test: Option<(SelfTest, Outcome)>,
}

impl Window {
    /// A window for the sockets of `model`, that offers to connect to the server.
    pub fn new(model: Model, server: &Server) -> Self {
        let (chat, transfer) = (chat::Form::new(server.url("/chat")), transfer::Form::new(server.url("/echo")));
        Self { model, chat, transfer, self_test: None }
    }

    /// Lets the window test itself and then close; how it went is told by `outcome`.
    #[must_use]
    pub fn with_self_test(mut self, test: SelfTest, outcome: Outcome) -> Self {
        self.self_test = Some((test, outcome));
        self
    }

    /// What is due in every frame, shown or not.
    pub fn update(&mut self, ctx: &egui::Context) {
        self.model.update();
        if let Some((test, outcome)) = &mut self.self_test {
            match test.advance(&mut self.model) {
                // It is looked at when there is news, and also when there is none: patience ends.
                Poll::Pending => ctx.request_repaint_after(FRAME),
                Poll::Ready(Ok(())) => {
                    let (ctx, outcome) = (ctx.clone(), outcome.clone());
                    self.self_test = None;
                    ctx.clone().request_screenshot(move |image| finish(&ctx, &outcome, Ok(image)));
                }
                Poll::Ready(Err(error)) => {
                    finish(ctx, outcome, Err(error));
                    self.self_test = None;
                }
            }
        }
        // The feed wakes nobody.
        ctx.request_repaint_after(if self.model.transfer.progress().phase.is_active() { FRAME } else { PAUSE });
    }

    /// Shows everything.
    pub fn show(&mut self, ui: &mut Ui) {
        Panel::top("title").show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.heading("websocket-anywhere");
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    // From right to left, and in words: the fonts have no signs for them.
                    let mut theme = ui.options(|options| options.theme_preference);
                    for (choice, name) in [(Dark, "dark"), (Light, "light"), (System, "as the system")] {
                        ui.selectable_value(&mut theme, choice, name);
                    }
                    ui.set_theme(theme);
                });
            });
        });
        Panel::bottom("server").show(ui, |ui| self.show_server(ui));
        CentralPanel::default_margins().show(ui, |ui| {
            if ui.available_width() < NARROW {
                ScrollArea::vertical().show(ui, |ui| {
                    self.transfer.show(ui, &mut self.model.transfer);
                    ui.separator();
                    self.chat.show(ui, &mut self.model.chat);
                });
            } else {
                ui.columns(2, |columns| {
                    // Columns justify what is in them.
                    columns[0].vertical(|ui| self.chat.show(ui, &mut self.model.chat));
                    columns[1].vertical(|ui| self.transfer.show(ui, &mut self.model.transfer));
                });
            }
        });
    }

    fn show_server(&self, ui: &mut Ui) {
        let feed = &self.model.feed;
        let text = match (feed.end(), feed.status()) {
            (Some(end), _) => format!("the server in this window: {end}"),
            (None, None) => "the server in this window starts".to_owned(),
            (None, Some(status)) => format!(
                "the server in this window: {} in the room, {} echoed, {}/s now",
                status.guests,
                size(status.echoed as f64),
                size(feed.rates().latest()),
            ),
        };
        let is_narrow = ui.available_width() < NARROW;
        let show = |ui: &mut Ui| {
            ui.label(text);
            plot::show(ui, "the server's rate over time", feed.rates(), 24.0);
        };
        if is_narrow {
            ui.vertical(show)
        } else {
            ui.horizontal(show)
        };
    }
}

impl eframe::App for Window {
    fn logic(&mut self, ctx: &egui::Context, _: &mut eframe::Frame) {
        self.update(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _: &mut eframe::Frame) {
        self.show(ui);
    }
}

/// A count of bytes in words.
fn size(bytes: f64) -> String {
    let (mut amount, mut unit) = (bytes, "B");
    for larger in ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"] {
        if amount < 1024.0 {
            break;
        }
        (amount, unit) = (amount / 1024.0, larger);
    }
    if unit == "B" { format!("{amount:.0} B") } else { format!("{amount:.1} {unit}") }
}

fn finish(ctx: &egui::Context, outcome: &Outcome, result: Result<Arc<ColorImage>, String>) {
    *outcome.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(result);
    ctx.send_viewport_cmd(ViewportCommand::Close);
}

/// Below this width chat and transfer stand one above the other.
const NARROW: f32 = 640.0;
/// Between two frames while bytes travel.
const FRAME: Duration = Duration::from_millis(33);
/// Between two frames when nothing happens: as often as the feed tells something.
const PAUSE: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_are_in_words() {
        assert_eq!(size(0.0), "0 B");
        assert_eq!(size(1023.0), "1023 B");
        assert_eq!(size(1536.0), "1.5 KiB");
        assert_eq!(size(u64::MAX as f64), "16.0 EiB");
    }
}
