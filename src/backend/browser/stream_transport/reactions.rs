//! What follows when promises settle.

use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

use js_sys::Promise;
use wasm_bindgen::{JsValue, closure::Closure};

/// A callback for promises. A promise cannot be told to forget its callbacks, so they live until the last one has settled,
/// whoever has gone meanwhile.
pub(super) struct Reactions {
    fulfilled: Closure<dyn FnMut(JsValue)>,
    rejected: Closure<dyn FnMut(JsValue)>,
    /// How many promises have not settled.
    pending: Cell<usize>,
    /// Itself, while promises are pending.
    alive: RefCell<Option<Rc<Self>>>,
}

impl Reactions {
    /// Calls `callback` with what each promise gives.
    pub(super) fn new(callback: impl Fn(Result<JsValue, JsValue>) + 'static) -> Rc<Self> {
        let callback = Rc::new(callback);
        Rc::new_cyclic(|this: &Weak<Self>| {
            let react = move |wrap: fn(JsValue) -> Result<JsValue, JsValue>| {
                let (this, callback) = (this.clone(), Rc::clone(&callback));
                Closure::new(move |value| {
                    // Dropped at the end, since it may be the last.
                    let _this = this.upgrade().inspect(|this| this.settle());
                    callback(wrap(value));
                })
            };
            Self { fulfilled: react(Ok), rejected: react(Err), pending: Cell::new(0), alive: RefCell::default() }
        })
    }

    /// Follows one more promise.
    pub(super) fn follow(self: &Rc<Self>, promise: &Promise) {
        self.pending.set(self.pending.get() + 1);
        self.alive.replace(Some(Rc::clone(self)));
        let _ = promise.then2(&self.fulfilled, &self.rejected);
    }

    fn settle(&self) {
        self.pending.set(self.pending.get() - 1);
        if self.pending.get() == 0 {
            self.alive.take();
        }
    }
}
