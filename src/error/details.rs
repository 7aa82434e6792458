//! Errors that say more than a [`ErrorCode`](super::fault::ErrorCode).

use std::error;

use super::{Message, kind::ErrorKind};
use crate::{certificate::ServerCertificates, close::Closed, response::HttpResponse};

/// All that is known of a failure.
pub(super) struct ErrorDetails {
    pub(super) kind: ErrorKind,
    pub(super) message: Message,
    pub(super) closed: Option<Closed>,
    pub(super) certificates: Option<ServerCertificates>,
    pub(super) response: Option<HttpResponse>,
    pub(super) source: Option<Box<dyn error::Error + Send + Sync>>,
}

impl ErrorDetails {
    pub(super) const fn new(kind: ErrorKind, message: Message) -> Self {
        Self { kind, message, closed: None, certificates: None, response: None, source: None }
    }
}
