//! The transfer: where to, what to send, and how far it is.

use std::path::PathBuf;

use eframe::egui::{ProgressBar, RichText, TextEdit, Ui};

use crate::transfer::{Phase, Progress, Source, Transfer};

use super::{chat::failure, plot, size};

/// What somebody has typed.
#[derive(Debug)]
pub(super) struct Form {
    url: String,
    path: String,
}

impl Form {
    pub(super) fn new(url: String) -> Self {
        Self { url, path: String::new() }
    }

    pub(super) fn show(&mut self, ui: &mut Ui, transfer: &mut Transfer) {
        ui.heading("Transfer");
        let dropped = ui.input(|input| input.raw.dropped_files.first().map(|file| file.path().to_owned()));
        if let Some(path) = dropped {
            self.path = path.display().to_string();
            transfer.start(&self.url, Source::File(path));
        }
        ui.horizontal(|ui| {
            let name = ui.label("Echo");
            ui.add(TextEdit::singleline(&mut self.url).desired_width(f32::INFINITY)).labelled_by(name.id);
        });
        ui.horizontal(|ui| {
            let name = ui.label("File");
            let hint = "drop a file into the window, or type its path";
            ui.add(TextEdit::singleline(&mut self.path).hint_text(hint).desired_width(f32::INFINITY))
                .labelled_by(name.id);
        });
        let progress = transfer.progress().clone();
        ui.horizontal(|ui| {
            let is_active = progress.phase.is_active();
            let send_file =
                ui.add_enabled_ui(!is_active && !self.path.is_empty(), |ui| ui.button("Send the file").clicked());
            if send_file.inner {
                transfer.start(&self.url, Source::File(PathBuf::from(&self.path)));
            }
            if ui.add_enabled_ui(!is_active, |ui| ui.button("Send 256 MiB").clicked()).inner {
                transfer.start(&self.url, Source::Made(MADE));
            }
            if ui.add_enabled_ui(is_active, |ui| ui.button("Cancel").clicked()).inner {
                transfer.cancel();
            }
        });
        if progress.phase != Phase::Idle {
            show_progress(ui, &progress);
        }
    }
}

fn show_progress(ui: &mut Ui, progress: &Progress) {
    ui.label(&progress.name);
    let (returned, total) = (size(progress.returned as f64), size(progress.total as f64));
    ui.add(ProgressBar::new(progress.fraction()).text(format!("{returned} of {total} came back")));
    ui.label(format!(
        "{} sent, {}/s, {:.1} s",
        size(progress.sent as f64),
        size(progress.rate()),
        progress.elapsed().as_secs_f64()
    ));
    plot::show(ui, "the rate over time", &progress.rates, 60.0);
    match &progress.phase {
        Phase::Idle | Phase::Running => {}
        Phase::Connecting => drop(ui.label("connecting")),
        Phase::Cancelled => drop(ui.label("cancelled")),
        Phase::Failed(reason) => drop(ui.label(RichText::new(reason).color(failure(ui)))),
        Phase::Done { sent, returned } if sent == returned => {
            ui.label(RichText::new("the same bytes came back").strong());
            ui.label(RichText::new(format!("SHA-256 {sent}")).monospace());
        }
        Phase::Done { sent, returned } => {
            ui.label(RichText::new("other bytes came back").color(failure(ui)));
            ui.label(RichText::new(format!("SHA-256 of what was sent: {sent}")).monospace());
            ui.label(RichText::new(format!("SHA-256 of what came back: {returned}")).monospace());
        }
    }
}

/// What the button says.
const MADE: u64 = 256 * 1024 * 1024;
