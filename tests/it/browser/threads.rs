//! Threads that share memory: a socket belongs to the thread that opened it. Only a build for threads has this.

use std::{
    collections::BTreeMap,
    future::Future,
    io,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    task::Poll,
};

use futures::{AsyncReadExt, AsyncWriteExt, SinkExt};
use js_sys::{Function, Promise};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use websocket_anywhere::{
    CloseCode, Control, Error, ErrorKind, HResult, Information, Message, MessageWebSocket, Result,
};

use crate::support::{
    message_socket, peer, poll_once, report, settings, soon, stream_socket, test, unique_id, wire::pattern,
};

type Task = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = ()>>> + Send>;

/// What threads have still to do, by number.
static TASKS: Mutex<BTreeMap<u32, Task>> = Mutex::new(BTreeMap::new());

/// Runs a task on a thread of its own, to which it is moved, and gives what it gives.
async fn elsewhere<T: Send + 'static, F: Future<Output = T>>(task: impl FnOnce() -> F + Send + 'static) -> T {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let output = Arc::new(Mutex::new(None));
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let boxed: Task = Box::new({
        let output = Arc::clone(&output);
        move || {
            Box::pin(async move {
                let value = task().await;
                output.lock().unwrap().replace(value);
            })
        }
    });
    TASKS.lock().unwrap().insert(number, boxed);
    let start = Function::new_with_args(
        "glue, module, memory, number",
        "const script = `onmessage = async ({ data: [glue, module_or_path, memory, number] }) => {
            try {
                const exports = await import(glue);
                await exports.default({ module_or_path, memory });
                await exports.run_in_thread(number);
                postMessage(null);
            } catch (error) {
                postMessage(String(error));
            }
        }`;
        const worker = new Worker(URL.createObjectURL(new Blob([script], { type: 'text/javascript' })));
        worker.postMessage([glue, module, memory, number]);
        return new Promise((resolve, reject) => {
            worker.onmessage = ({ data }) => data === null ? resolve() : reject(data);
            worker.onerror = ({ message }) => reject(message);
        });",
    );
    let (module, memory) = (wasm_bindgen::module(), wasm_bindgen::memory());
    let glue = GLUE.with(JsValue::clone);
    let ended: Promise = start.call4(&JsValue::NULL, &glue, &module, &memory, &number.into()).unwrap().unchecked_into();
    soon(JsFuture::from(ended)).await.unwrap();
    let value = output.lock().unwrap().take();
    value.expect("the task has ended")
}

/// What a thread calls when it has started.
#[expect(unreachable_pub, reason = "wasm-bindgen exports nothing else")]
#[wasm_bindgen]
pub async fn run_in_thread(number: u32) {
    let task = TASKS.lock().unwrap().remove(&number).unwrap();
    task().await;
}

#[wasm_bindgen]
extern "C" {
    /// Where the JavaScript beside this module is.
    #[wasm_bindgen(thread_local_v2, js_namespace = ["import", "meta"], js_name = url)]
    static GLUE: JsValue;
}

#[track_caller]
fn assert_wrong_thread<T: std::fmt::Debug>(result: Poll<Result<T>>) {
    let Poll::Ready(Err(error)) = result else { panic!("{result:?}") };
    assert_eq!((error.kind(), error.hresult()), (ErrorKind::WrongThread, HResult::RPC_E_WRONG_THREAD));
}

#[track_caller]
fn assert_wrong_thread_io<T: std::fmt::Debug>(result: Poll<io::Result<T>>) {
    let Poll::Ready(Err(error)) = result else { panic!("{result:?}") };
    let source = error.get_ref().and_then(|source| source.downcast_ref::<Error>());
    assert_eq!(source.map(Error::kind), Some(ErrorKind::WrongThread), "{error:?}");
}

#[test]
async fn a_socket_for_messages_is_of_no_use_elsewhere_and_unharmed_by_it() {
    let mut socket = message_socket("/echo").await.unwrap();
    socket.send("before").await.unwrap();
    let mut socket = elsewhere(async move || {
        assert_wrong_thread(poll_once(socket.send("text")));
        assert_wrong_thread(poll_once(SinkExt::send(&mut socket, Message::from("text"))));
        assert_wrong_thread(poll_once(socket.flush()));
        assert_wrong_thread(poll_once(socket.send_part("text", true)));
        assert_wrong_thread(poll_once(socket.receive()));
        assert_wrong_thread(poll_once(socket.receive_part()));
        assert_wrong_thread(Poll::Ready(socket.try_receive()));
        assert_wrong_thread(poll_once(socket.close(CloseCode::NORMAL, "")));
        assert_wrong_thread(poll_once(SinkExt::<Message>::close(&mut socket)));
        assert_eq!((socket.information(), socket.buffered_amount()), (Information::default(), 0));
        socket
    })
    .await;
    socket.send("after").await.unwrap();
    for text in ["before", "after"] {
        assert_eq!(soon(socket.receive()).await.unwrap(), Some(Message::from(text)));
    }
    assert!(soon(socket.close(CloseCode::NORMAL, "")).await.unwrap().was_clean());
}

#[test]
async fn a_stream_of_bytes_is_of_no_use_elsewhere_and_unharmed_by_it() {
    let mut stream = stream_socket("/echo").await.unwrap();
    stream.write_all(b"before").await.unwrap();
    let mut stream = elsewhere(async move || {
        assert_wrong_thread_io(poll_once(AsyncReadExt::read(&mut stream, &mut [0; 8])));
        assert_wrong_thread_io(poll_once(AsyncWriteExt::write(&mut stream, b"bytes")));
        assert_wrong_thread_io(poll_once(AsyncWriteExt::close(&mut stream)));
        assert_wrong_thread(poll_once(stream.flush()));
        assert_wrong_thread(poll_once(stream.read_chunk()));
        assert_wrong_thread(poll_once(stream.close(CloseCode::NORMAL, "")));
        stream
    })
    .await;
    stream.write_all(b", after").await.unwrap();
    let mut echo = [0; 13];
    soon(AsyncReadExt::read_exact(&mut stream, &mut echo)).await.unwrap();
    assert_eq!(&echo, b"before, after");
    assert!(soon(stream.close(CloseCode::NORMAL, "")).await.unwrap().was_clean());
}

#[test]
async fn connecting_goes_on_only_where_it_began() {
    let url = peer("/echo");
    let mut connecting = Box::pin(async move { MessageWebSocket::connect(&url).await });
    assert!(poll_once(connecting.as_mut()).is_pending());
    elsewhere(async move || assert_wrong_thread(poll_once(connecting))).await;
}

#[test]
async fn a_socket_that_is_dropped_elsewhere_stays_open() {
    let id = unique_id();
    let socket = message_socket(&format!("/echo?id={id}")).await.unwrap();
    let (sender, mut receiver) = socket.split();
    elsewhere(async move || drop(sender)).await;
    // The half that is at home can still close it.
    assert!(soon(receiver.close(CloseCode::NORMAL, "at home")).await.unwrap().was_clean());
    report(&id, "close 1000 at home").await;
}

#[test]
async fn a_thread_has_sockets_of_its_own() {
    let url = peer("/echo");
    let (text, closed) = elsewhere(async move || {
        let mut socket = MessageWebSocket::connect(&url).await.unwrap();
        socket.send("from a thread").await.unwrap();
        let message = socket.receive().await.unwrap().unwrap();
        (message.as_text().unwrap().to_owned(), socket.close(CloseCode::NORMAL, "").await.unwrap())
    })
    .await;
    assert_eq!(text, "from a thread");
    assert!(closed.was_clean());
}

#[test]
async fn what_lies_in_shared_memory_is_sent_and_received() {
    for backpressure in [false, true] {
        let control = settings(Control::new()).backpressure(backpressure);
        let mut socket = soon(MessageWebSocket::connect_with(&peer("/echo"), control)).await.unwrap();
        for length in [0, 1, 127, 1000, 5000, 100_000] {
            let bytes = pattern(length, length);
            let text = "\u{fc}x".repeat(length);
            socket.send(&bytes).await.unwrap();
            socket.send(&*text).await.unwrap();
            assert_eq!(soon(socket.receive()).await.unwrap(), Some(Message::from(bytes)), "{length} bytes");
            assert_eq!(
                soon(socket.receive()).await.unwrap(),
                Some(Message::from(text)),
                "{length} times two characters"
            );
        }
    }
}
