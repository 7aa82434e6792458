//! Properties that need another implementation to compare with, or the native engine: a browser has neither.

pub mod decoder;
pub mod deflate;
pub mod differential;
pub mod inflate;
pub mod reference;
