//! What sockets leave behind in a page: nothing.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

use js_sys::{Array, Function};
use wasm_bindgen::JsValue;
use websocket_anywhere::{Control, MessageWebSocket};

use crate::support::{message_socket, peer, poll_once, report, settings, soon, test, unique_id, yield_now};

/// Counts what Rust holds: closures are boxes.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

thread_local! {
    static LIVE: Cell<i64> = const { Cell::new(0) };
}

#[allow(unsafe_code, reason = "an allocator is unsafe; this one only counts what the system's does")]
// SAFETY: every call is passed on as it came; the rest is as the trait has it, in terms of these two.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LIVE.set(LIVE.get() + 1);
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        LIVE.set(LIVE.get() - 1);
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// Counts what the page holds for its scripts, until it is dropped: listeners that were added and not removed, timers that
/// have neither fired nor been cancelled.
struct Census {
    count: Function,
    restore: Function,
}

impl Census {
    fn new() -> Self {
        let install = Function::new_no_args(
            "const { addEventListener: add, removeEventListener: remove } = EventTarget.prototype;
            const { setTimeout: start, clearTimeout: cancel } = globalThis;
            const listeners = new Map(), timers = new Set();
            let next = 0;
            const idOf = new Map();
            const key = (target, event, callback) => {
                for (const part of [target, callback]) if (!idOf.has(part)) idOf.set(part, next++);
                return `${idOf.get(target)} ${event} ${idOf.get(callback)}`;
            };
            EventTarget.prototype.addEventListener = function (event, callback, ...rest) {
                if (this instanceof WebSocket) listeners.set(key(this, event, callback), event);
                return add.call(this, event, callback, ...rest);
            };
            EventTarget.prototype.removeEventListener = function (event, callback, ...rest) {
                listeners.delete(key(this, event, callback));
                return remove.call(this, event, callback, ...rest);
            };
            let added = 0, started = 0;
            globalThis.setTimeout = (callback, ...rest) => {
                const id = start(() => { timers.delete(id); callback(); }, ...rest);
                timers.add(id);
                started++;
                return id;
            };
            globalThis.clearTimeout = id => { timers.delete(id); cancel(id); };
            return [() => [listeners.size, timers.size, next, started], () => {
                Object.assign(EventTarget.prototype, { addEventListener: add, removeEventListener: remove });
                Object.assign(globalThis, { setTimeout: start, clearTimeout: cancel });
            }];",
        );
        let functions = Array::from(&install.call0(&JsValue::NULL).unwrap());
        Self { count: functions.get(0).into(), restore: functions.get(1).into() }
    }

    /// Listeners and timers that are there; targets and callbacks, and timers, that there ever were.
    fn count(&self) -> [u32; 4] {
        let counts = Array::from(&self.count.call0(&JsValue::NULL).unwrap());
        [0, 1, 2, 3].map(|index| counts.get(index).as_f64().unwrap() as u32)
    }
}

impl Drop for Census {
    fn drop(&mut self) {
        self.restore.call0(&JsValue::NULL).unwrap();
    }
}

/// Opens sockets, uses and drops them, and waits until the last of their connections has ended.
async fn open_and_drop(count: u16) {
    for number in 0..count {
        let id = unique_id();
        let mut socket = message_socket(&format!("/echo?id={id}")).await.unwrap();
        socket.send("there and back").await.unwrap();
        if number % 2 == 0 {
            soon(socket.receive()).await.unwrap().unwrap();
        }
        // Every fourth waits for something when it is dropped.
        if number % 4 == 1 {
            let _ = poll_once(socket.receive());
            let _ = poll_once(socket.receive());
        }
        drop(socket);
        if number + 1 == count {
            report(&id, "end").await;
        }
    }
}

/// What there is in memory: allocations and JavaScript values that Rust holds.
#[derive(Clone, Copy, Debug)]
struct Held {
    allocations: i64,
    externrefs: u32,
}

impl Held {
    fn now() -> Self {
        Self { allocations: LIVE.get(), externrefs: wasm_bindgen::externref_heap_live_count() }
    }

    /// What there may be after so many sockets. Those of the tests before may still be at their ends, and the close timeout of
    /// one adds a little; a leak in any of the ways that a test makes its sockets go is larger.
    fn and_a_share_of(self, sockets: u16) -> Self {
        let share = sockets / 5;
        Self { allocations: self.allocations + i64::from(share), externrefs: self.externrefs + u32::from(share) }
    }
}

/// Waits until no listener and no timer is left, and in memory no more than there may be; says what is.
async fn settled(most: Option<Held>, census: &Census) -> Option<String> {
    let mut state = None;
    for _ in 0..10_000 {
        yield_now().await;
        let [listeners, timers, ..] = census.count();
        let now = Held::now();
        let has_freed =
            most.is_none_or(|most| now.allocations <= most.allocations && now.externrefs <= most.externrefs);
        if listeners == 0 && timers == 0 && has_freed {
            return None;
        }
        state = Some(format!("{listeners} listeners, {timers} timers, {now:?}, at most {most:?}"));
    }
    state
}

#[test]
async fn a_thousand_sockets_leave_no_listener_closure_or_timer_behind() {
    let census = Census::new();
    // What is made once is made now.
    open_and_drop(20).await;
    assert_eq!(settled(None, &census).await, None, "before");
    let most = Held::now().and_a_share_of(1000);
    open_and_drop(1000).await;
    assert_eq!(settled(Some(most), &census).await, None, "after");
    let [.., started] = census.count();
    assert!(started > 1000, "the census saw {started} timers: it does not count");
}

#[test]
async fn sockets_that_are_given_up_while_connecting_leave_nothing_behind() {
    let census = Census::new();
    let give_up = async |count| {
        for _ in 0..count {
            let id = unique_id();
            let control = settings(Control::new());
            assert!(poll_once(MessageWebSocket::connect_with(&peer(&format!("/echo?id={id}")), control)).is_pending());
            yield_now().await;
        }
        // Browsers open one connection to a server at a time: then all before have been given up.
        drop(message_socket("/echo").await.unwrap());
    };
    give_up(5).await;
    assert_eq!(settled(None, &census).await, None, "before");
    let most = Held::now().and_a_share_of(100);
    give_up(100).await;
    assert_eq!(settled(Some(most), &census).await, None, "after");
}
