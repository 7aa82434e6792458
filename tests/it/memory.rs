//! How much memory a connection takes, and when a lone message leaves: natively, where threads and the allocator are ours.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    thread,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncWriteExt, duplex},
    runtime::Runtime,
};
use websocket_anywhere::{Control, ErrorKind, Message, ServerControl, ServerMessageWebSocket};

use crate::support::{
    message_socket, message_socket_with, poll_once,
    pressure::fill,
    report, sleep, soon, stream_socket, test, unique_id,
    wire::{BINARY, TEXT, frame, pattern, script},
};

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// Counts what each thread holds: the peer lives in this process, too, but in threads of its own.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

thread_local! {
    static LIVE: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
    /// How often at least [`LARGE`] bytes were asked for.
    static LARGE_ONES: Cell<usize> = const { Cell::new(0) };
}

/// Many allocators give so much back to the system at once, which clears each page of it when it is needed again.
const LARGE: usize = 32 * KIB;

fn count(change: isize) {
    LIVE.set(LIVE.get() + change);
    PEAK.set(PEAK.get().max(LIVE.get()));
    if change >= LARGE as isize {
        LARGE_ONES.set(LARGE_ONES.get() + 1);
    }
}

#[allow(unsafe_code, reason = "an allocator is unsafe; this one only counts what the system's does")]
// SAFETY: every call is passed on as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // For a moment there may be both.
        count(size as isize);
        count(-(layout.size() as isize));
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// The most that this thread, and so the client, holds from here on beyond what it holds now.
struct Watch {
    start: isize,
}

impl Watch {
    fn start() -> Self {
        PEAK.set(LIVE.get());
        Self { start: LIVE.get() }
    }

    #[track_caller]
    fn assert_below(&self, limit: usize) {
        let peak = PEAK.get() - self.start;
        assert!(peak < limit as isize, "{peak} bytes at the peak");
    }
}

/// Reads `total` bytes of the pattern through a stream.
async fn read_pattern(path: &str, total: usize) {
    let expected = pattern(0, 251 + 4 * MIB);
    let mut stream = stream_socket(path).await.unwrap();
    let mut read = 0;
    while read < total {
        let chunk = soon(stream.read_chunk()).await.unwrap().unwrap();
        let start = read % 251;
        assert!(chunk == expected[start..start + chunk.len()], "damaged within {} bytes from {read}", chunk.len());
        read += chunk.len();
    }
    assert_eq!(read, total);
}

#[test]
async fn a_frame_of_a_gibibyte_is_read_in_bounded_memory() {
    let watch = Watch::start();
    read_pattern(&format!("/big-frame?bytes={}", 1 << 30), 1 << 30).await;
    watch.assert_below(8 * MIB);
}

#[test]
async fn a_message_of_many_fragments_is_read_in_bounded_memory() {
    let watch = Watch::start();
    read_pattern(&format!("/big-frame?bytes={}&fragments=10007", 256 * MIB), 256 * MIB).await;
    watch.assert_below(8 * MIB);
}

#[test]
async fn an_announced_message_is_not_allocated_for() {
    // 1 GiB, which is refused, and the 64 MiB that are allowed and never come.
    let refused = script(b"\x82\x7f\0\0\0\0\x40\0\0\0abc", "then=hold");
    let allowed = script(b"\x82\x7f\0\0\0\0\x04\0\0\0abc", "then=drop");
    for (path, kind) in [(refused, ErrorKind::MessageTooBig), (allowed, ErrorKind::ConnectionAborted)] {
        let watch = Watch::start();
        let mut socket = message_socket(&path).await.unwrap();
        assert_eq!(soon(socket.receive()).await.unwrap_err().kind(), kind);
        watch.assert_below(MIB);
    }
}

#[test]
async fn fragments_over_the_limit_are_refused_in_bounded_memory() {
    let watch = Watch::start();
    let control = Control::new().max_message_size(Some(MIB));
    let path = format!("/big-frame?bytes={}&fragments=1000", 100 * MIB);
    let mut socket = message_socket_with(&path, control).await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap_err().kind(), ErrorKind::MessageTooBig);
    watch.assert_below(4 * MIB);
}

#[test]
async fn a_peer_that_does_not_read_costs_the_outbound_buffer() {
    let message = pattern(0, 64 * KIB);
    let watch = Watch::start();
    let mut socket = message_socket("/slow-reader").await.unwrap();
    fill(&mut socket, &message, MIB).await;
    watch.assert_below(6 * MIB);
}

#[test]
async fn a_peer_that_does_not_read_and_floods_with_pings_costs_no_more() {
    // What the peer writes comes before what it reads: pongs back up while the pings go on.
    let watch = Watch::start();
    let (sender, receiver) = message_socket("/ping?payload=flood&count=100000").await.unwrap().split();
    drop(receiver);
    let id = unique_id();
    let mut socket = message_socket(&format!("/ping?payload=flood&count=100000&id={id}")).await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap(), Some(Message::from("after")));
    report(&id, "frame opcode=10").await;
    watch.assert_below(2 * MIB);
    drop(sender);
}

#[test]
async fn messages_that_nobody_receives_cost_nothing() {
    let id = unique_id();
    let watch = Watch::start();
    let (mut sender, receiver) = message_socket(&format!("/flood?bytes={}&id={id}", 64 * MIB)).await.unwrap().split();
    drop(receiver);
    sender.send("seen").await.unwrap();
    report(&id, "frame opcode=1 ").await;
    watch.assert_below(2 * MIB);
}

#[test]
async fn pings_that_are_given_up_cost_nothing() {
    let socket = message_socket("/echo").await.unwrap();
    let mut before = 0;
    for number in 0..10_000 {
        assert!(poll_once(socket.ping()).is_pending());
        if number == 10 {
            before = LIVE.get();
        }
    }
    let held = LIVE.get() - before;
    assert!(held < KIB as isize, "{held} bytes");
}

#[test]
async fn an_idle_connection_holds_no_buffers() {
    // Neither pings nor pongs are to tidy up.
    let control = Control::new().receive_timeout(None).desired_unsolicited_pong_interval(None);
    let mut socket = message_socket_with("/echo", control).await.unwrap();
    let opened = LIVE.get();
    soon(socket.send(pattern(0, MIB))).await.unwrap();
    soon(socket.receive()).await.unwrap().unwrap();
    // It waits for what comes next, as an idle program does.
    assert!(poll_once(socket.receive()).is_pending());
    let lets_go = soon(async {
        while LIVE.get() - opened > 1024 {
            sleep(Duration::from_millis(20)).await;
        }
    });
    lets_go.await;
}

/// How many messages are sent at once.
const BURST: usize = 4;

#[test]
async fn sends_use_their_buffers_again_as_long_as_there_is_traffic() {
    for len in [64 * KIB, 8 * MIB] {
        let message = Message::from(pattern(0, len));
        let bursts = 128 * MIB / len / BURST;
        let mut socket = message_socket("/sink").await.unwrap();
        let (before, start) = (LARGE_ONES.get(), Instant::now());
        for _ in 0..bursts {
            // What follows the first one is written by the driver.
            for _ in 0..BURST {
                soon(socket.send(message.clone())).await.unwrap();
            }
            soon(socket.flush()).await.unwrap();
            // The driver runs, and finds nothing to do.
            tokio::task::yield_now().await;
        }
        let asked = LARGE_ONES.get() - before;
        // Every half second, buffers are given back unless something waits in them, and grow again.
        let most = 16 * (1 + start.elapsed().as_millis() / 500) as usize;
        assert!(asked <= most, "{asked} large buffers for {bursts} bursts of messages of {len} bytes");
    }
}

#[test]
async fn a_server_socket_holds_no_buffers_before_its_first_message() {
    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: a.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    // Alone, and together with the first bytes of a frame.
    for early in [&b""[..], b"\x81\x85abcd"] {
        let (mut client, server) = duplex(4 * KIB);
        client.write_all(&[REQUEST, early].concat()).await.unwrap();
        let before = LIVE.get();
        let socket = soon(ServerMessageWebSocket::accept(server, ServerControl::new())).await.unwrap();
        let held = LIVE.get() - before;
        // With the answer, which lies in the pipe.
        assert!(held < 4 * KIB as isize, "{held} bytes with {early:?}");
        drop(socket);
    }
}

#[test]
async fn a_lone_message_leaves_inside_send() {
    let id = unique_id();
    let mut socket = message_socket(&format!("/raw?id={id}")).await.unwrap();
    // Before the driver has ever run, and once it has.
    for payload in ["first", "other"] {
        socket.send(payload).await.unwrap();
        let line = format!("frame opcode=1 fin=1 masked=1 len=5 hex={}", crate::support::wire::hex(payload.as_bytes()));
        let id = id.clone();
        let watching = thread::spawn(move || Runtime::new().unwrap().block_on(report(&id, &line)));
        // This thread runs the socket's runtime and does not let it run.
        watching.join().unwrap();
        tokio::task::yield_now().await;
    }
}

#[test]
async fn a_message_that_is_kept_holds_no_others_if_it_owns_its_bytes() {
    for (kind, is_owned) in [(TEXT, false), (BINARY, false), (TEXT, true), (BINARY, true)] {
        // Short messages among long ones, which one read brings together.
        let frames = [frame(true, kind, b"k"), frame(true, BINARY, &[0; 5000])].concat().repeat(3);
        let mut socket = message_socket(&script(&frames, "")).await.unwrap();
        let mut kept = Vec::new();
        for _ in 0..3 {
            let message = soon(socket.receive()).await.unwrap().unwrap();
            kept.push(if is_owned { message.into_owned() } else { message });
            drop(soon(socket.receive()).await.unwrap().unwrap());
        }
        assert!(poll_once(socket.receive()).is_pending(), "nothing else is read or kept");
        assert!(kept.iter().all(|message| message.as_bytes() == b"k"));
        let held = LIVE.get();
        drop(kept);
        let freed = held - LIVE.get();
        assert_eq!(freed < KIB as isize, is_owned, "{freed} bytes were held");
    }
}
