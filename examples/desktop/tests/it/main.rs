//! The program as somebody meets it: its logic without a window, and its window without a display.

mod model;
mod support;
mod window;
