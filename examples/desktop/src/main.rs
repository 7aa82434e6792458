//! Opens the window, with a server of its own: `cargo run --manifest-path examples/desktop/Cargo.toml`.
//!
//! With `-- --self-test` it does by itself what somebody would do, closes, and fails if something else has happened.

use std::{
    collections::HashSet,
    error::Error,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, PoisonError},
    time::Duration,
};

use clap::Parser;
use desktop::{
    explained,
    model::Model,
    self_test::SelfTest,
    server::Server,
    window::{Outcome, Window},
};
use eframe::{NativeOptions, egui};
use egui::ColorImage;

/// Chat and file transfer in a window, with the server that they talk to
#[derive(Debug, Parser)]
struct Arguments {
    /// Talk, transfer, cancel and close by itself; fails if something else happens
    #[arg(long)]
    self_test: bool,
    /// Where to write what the window shows at the end of the self-test, as PNG
    #[arg(long, value_name = "FILE", requires = "self_test")]
    screenshot: Option<PathBuf>,
}

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", explained(&*error));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    let server = runtime.block_on(Server::start())?;
    println!("the server in this window: {}, {}", server.url("/chat"), server.url("/echo"));
    let outcome = Outcome::default();
    let told = outcome.clone();
    let viewport = egui::ViewportBuilder::default().with_inner_size([960.0, 600.0]).with_min_inner_size([360.0, 400.0]);
    let handle = runtime.handle().clone();
    let create = |context: &eframe::CreationContext<'_>| {
        let ctx = context.egui_ctx.clone();
        let model = Model::new(&handle, &server, Arc::new(move || ctx.request_repaint()));
        let mut window = Window::new(model, &server);
        if arguments.self_test {
            window = window.with_self_test(SelfTest::new(server.url("/chat"), server.url("/echo")), told);
        }
        Ok(Box::new(window) as Box<dyn eframe::App>)
    };
    let options = NativeOptions { viewport, ..NativeOptions::default() };
    // Its error cannot leave this thread.
    let shown = eframe::run_native("websocket-anywhere", options, Box::new(create)).map_err(|error| explained(&error));
    // The sockets of the window are dropped: a moment for their Close.
    drop(server);
    runtime.shutdown_timeout(FAREWELL);
    shown?;
    if arguments.self_test {
        let outcome = outcome.lock().unwrap_or_else(PoisonError::into_inner).take();
        let shown = outcome.ok_or("the window was closed before its self-test had ended")??;
        check(&shown, arguments.screenshot.as_deref())?;
    }
    Ok(())
}

/// A window in which nothing was drawn has one colour, and text has many.
fn check(image: &ColorImage, file: Option<&Path>) -> Result<()> {
    let colors: HashSet<_> = image.pixels.iter().collect();
    let [width, height] = image.size;
    println!("the window showed {width} x {height} pixels in {} colours", colors.len());
    if let Some(file) = file {
        image::save_buffer(file, image.as_raw(), width as u32, height as u32, image::ColorType::Rgba8)?;
    }
    if colors.len() < FEWEST_COLORS {
        return Err("the window showed nothing".into());
    }
    println!("the self-test has passed");
    Ok(())
}

const FAREWELL: Duration = Duration::from_secs(1);
const FEWEST_COLORS: usize = 16;
