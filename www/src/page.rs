//! The document: its elements by their ids, its listeners, its clock.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, Element, Event, EventTarget, HtmlInputElement, Location, Window};

/// The page that this program was loaded by.
pub(crate) struct Page {
    window: Window,
    document: Document,
    /// They stay as long as the page.
    listeners: RefCell<Vec<Listener>>,
}

type Listener = Closure<dyn FnMut(Event)>;

impl Page {
    pub(crate) fn open() -> Rc<Self> {
        let window: Window = js_sys::global().unchecked_into();
        let document = window.document().expect("a window has a document");
        Rc::new(Self { window, document, listeners: RefCell::default() })
    }

    pub(crate) fn element(&self, id: &str) -> Element {
        self.document.get_element_by_id(id).expect("index.html has every id")
    }

    /// The element as what it is: `T` is known from index.html.
    pub(crate) fn element_as<T: JsCast>(&self, id: &str) -> T {
        self.element(id).unchecked_into()
    }

    /// What somebody has typed.
    pub(crate) fn typed(&self, id: &str) -> String {
        self.element_as::<HtmlInputElement>(id).value()
    }

    pub(crate) fn is_checked(&self, id: &str) -> bool {
        self.element_as::<HtmlInputElement>(id).checked()
    }

    pub(crate) fn show(&self, id: &str, text: &str) {
        self.element(id).set_text_content(Some(text));
    }

    /// A new element, with a class and a text unless they are empty.
    pub(crate) fn make(&self, tag: &str, class: &str, text: &str) -> Element {
        let element = self.document.create_element(tag).expect("tags are valid names");
        if !class.is_empty() {
            element.set_class_name(class);
        }
        element.set_text_content(Some(text).filter(|text| !text.is_empty()));
        element
    }

    /// The same for what is drawn.
    pub(crate) fn draw(&self, tag: &str, class: &str) -> Element {
        let element = self.document.create_element_ns(Some(SVG), tag).expect("tags are valid names");
        set(&element, "class", class);
        element
    }

    /// Calls `handler` for each such event, for as long as the page is there.
    pub(crate) fn on(&self, target: &EventTarget, event: &str, handler: impl FnMut(Event) + 'static) {
        let listener = Listener::new(handler);
        let function = listener.as_ref().unchecked_ref();
        target.add_event_listener_with_callback(event, function).expect("any target takes listeners");
        self.listeners.borrow_mut().push(listener);
    }

    /// Calls `handler` when a form is sent or a button pressed, in place of what the browser would do.
    pub(crate) fn on_order(&self, id: &str, event: &str, mut handler: impl FnMut() + 'static) {
        self.on(&self.element(id), event, move |event| {
            event.prevent_default();
            handler();
        });
    }

    pub(crate) fn location(&self) -> Location {
        self.window.location()
    }

    /// Milliseconds since the page was opened, with fractions.
    pub(crate) fn now(&self) -> f64 {
        self.window.performance().map_or(0.0, |clock| clock.now())
    }

    /// Waits until the browser is about to paint: never, while nobody sees the page.
    pub(crate) async fn frame(&self) {
        let frame = Promise::new(&mut |painted, _| {
            // Without a frame there is nothing to show, either.
            let _ = self.window.request_animation_frame(&painted);
        });
        // The promise is never rejected.
        let _ = JsFuture::from(frame).await;
    }
}

/// Sets an attribute, whose name is valid.
pub(crate) fn set(element: &Element, name: &str, value: &str) {
    element.set_attribute(name, value).expect("the name is valid");
}

/// Puts `child` at the end of `parent`, which may have it.
pub(crate) fn append(parent: &Element, child: &Element) {
    parent.append_child(child).expect("a new element can be anywhere");
}

/// What JavaScript threw, in words.
pub(crate) fn words(thrown: &JsValue) -> String {
    let text = thrown.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message()));
    text.or_else(|| thrown.as_string()).unwrap_or_else(|| "an unknown error".to_owned())
}

const SVG: &str = "http://www.w3.org/2000/svg";
