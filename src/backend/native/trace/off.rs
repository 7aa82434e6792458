//! Nothing is told.

use std::{fmt::Display, future::Future, net::SocketAddr};

use url::Url;

use crate::{
    backend::native::upgrade::Upgraded,
    close::Closed,
    error::{Error, Result},
    protocol::CloseFrame,
};

/// One connection.
#[derive(Clone, Debug, Default)]
pub(in crate::backend::native) struct Trace;

impl Trace {
    pub(in crate::backend::native) const fn client(_: &Url) -> Self {
        Self
    }

    pub(in crate::backend::native) const fn server(_: Option<SocketAddr>) -> Self {
        Self
    }

    pub(in crate::backend::native) const fn or_new(self, _: bool) -> Self {
        self
    }

    pub(in crate::backend::native) const fn follow<F: Future>(&self, work: F) -> F {
        work
    }

    pub(in crate::backend::native) const fn connected(&self, _: &Upgraded) {}

    pub(in crate::backend::native) const fn refused(&self, _: &Error) {}

    pub(in crate::backend::native) const fn closing(&self, _: Option<&CloseFrame>) {}

    pub(in crate::backend::native) fn ended(&self, _: impl FnOnce() -> Option<(Closed, Option<Error>)>) {}
}

/// A stage of connecting.
pub(in crate::backend::native) fn staged<T, F: Future<Output = Result<T>>>(_: impl Display, work: F) -> F {
    work
}

/// A redirect is followed.
pub(in crate::backend::native) const fn redirected(_: &Url) {}
