//! The program up to its window, and servers that misbehave.

use std::{
    future::Future,
    io,
    net::SocketAddr,
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

use desktop::{chat, model::Model, server::Server, transfer::Phase};
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpStream},
    runtime::Runtime,
    task::JoinHandle,
};

/// All but the window.
pub struct Program {
    pub model: Model,
    pub server: Option<Server>,
    pub frames: Frames,
    pub runtime: Runtime,
}

/// Frames are drawn when there is news, and at times.
pub struct Frames(mpsc::Receiver<()>);

impl Program {
    pub fn start() -> Self {
        let runtime = Runtime::new().unwrap();
        let server = runtime.block_on(Server::start()).unwrap();
        let (news, frames) = mpsc::channel();
        let model = Model::new(runtime.handle(), &server, Arc::new(move || news.send(()).unwrap_or_default()));
        Self { model, server: Some(server), frames: Frames(frames), runtime }
    }

    pub fn url(&self, path: &str) -> String {
        self.server.as_ref().unwrap().url(path)
    }

    /// Goes on, frame by frame, until it is as expected.
    #[track_caller]
    pub fn until(&mut self, what: &str, mut is_so: impl FnMut(&mut Model) -> bool) {
        let model = &mut self.model;
        self.frames.until(what, || {
            model.update();
            is_so(model)
        });
    }

    #[track_caller]
    pub fn until_chat_is(&mut self, state: chat::State) {
        self.until(&format!("the chat is {state:?}"), |model| model.chat.view().state == state);
    }

    /// How the transfer ended.
    #[track_caller]
    pub fn end_of_transfer(&mut self) -> Phase {
        self.until("the transfer has ended", |model| !model.transfer.progress().phase.is_active());
        self.model.transfer.progress().phase.clone()
    }

    /// A server for one connection.
    pub fn serve_once<F: Future<Output = T> + Send, T: Send + 'static>(
        &self,
        serve: impl FnOnce(TcpStream) -> F + Send + 'static,
    ) -> (SocketAddr, JoinHandle<T>) {
        let (listener, address) = self.listen();
        (address, self.runtime.spawn(async move { serve(listener.accept().await.unwrap().0).await }))
    }

    /// A server that answers nothing: where it is, when it was asked, and when the client has left.
    pub fn serve_nothing(&self) -> (SocketAddr, mpsc::Receiver<()>, JoinHandle<io::Result<usize>>) {
        let (asked, connects) = mpsc::channel();
        let (address, held) = self.serve_once(move |mut tcp| async move {
            tcp.read_exact(&mut [0; 16]).await?;
            asked.send(()).unwrap();
            // What the client then gets concerns nobody.
            tcp.read_to_end(&mut Vec::new()).await
        });
        (address, connects, held)
    }

    /// A server for any number of connections, one after the other.
    pub fn serve<F: Future<Output = ()> + Send>(&self, serve: impl Fn(TcpStream) -> F + Send + 'static) -> SocketAddr {
        let (listener, address) = self.listen();
        self.runtime.spawn(async move {
            while let Ok((tcp, _)) = listener.accept().await {
                serve(tcp).await;
            }
        });
        address
    }

    fn listen(&self) -> (TcpListener, SocketAddr) {
        let listener = self.runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }
}

impl Frames {
    #[track_caller]
    pub fn until(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        let started = Instant::now();
        while !is_so() {
            assert!(started.elapsed() < PATIENCE, "{what}: not so after {PATIENCE:?}");
            let _ = self.0.recv_timeout(FRAME);
        }
    }
}

const FRAME: Duration = Duration::from_millis(16);
const PATIENCE: Duration = Duration::from_secs(60);
