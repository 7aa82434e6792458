//! Redirects (RFC 9110 section 15.4), as far as `Control::max_redirects` follows them.

use std::{error, fmt};

use tokio::time::Instant;
use url::Url;

use super::{dial::Deadline, trace::redirected};
use crate::{
    control::{Control, Extras},
    error::{Error, Result},
    response::HttpResponse,
};

/// Whether a refusal with this status sends its client elsewhere, who then asks by the same method.
pub(super) const fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// Where a redirect leads, or why it leads nowhere; `end` is when the address that answered has had its time.
pub(super) fn redirect(from: &Url, response: &HttpResponse, end: Instant) -> Redirect {
    match target(from, response) {
        Ok(to) => Redirect::To(Box::new(to), end),
        Err(why) => Redirect::Nowhere(why),
    }
}

fn target(from: &Url, response: &HttpResponse) -> Result<Url, &'static str> {
    let location = response.headers.get("Location").ok_or("it has no Location")?;
    let mut to = from.join(location).map_err(|_| "its Location is no URL")?;
    // Servers speak of themselves by `http`, which is the same to a client of theirs (WHATWG WebSockets, "opening handshake").
    let scheme = match to.scheme() {
        "ws" | "http" => "ws",
        "wss" | "https" => "wss",
        _ => return Err("its Location is no URL of HTTP or WebSocket"),
    };
    if from.scheme() == "wss" && scheme == "ws" {
        return Err("it leads from wss to ws");
    }
    if !to.username().is_empty() || to.password().is_some() {
        return Err("its Location has credentials");
    }
    to.set_scheme(scheme).map_err(|()| "its Location is no URL of HTTP or WebSocket")?;
    to.set_fragment(None);
    Ok(to)
}

/// The redirects of one connecting.
pub(super) struct Redirects {
    left: u32,
}

impl Redirects {
    pub(super) const fn new(control: &Control) -> Self {
        Self { left: control.max_redirects }
    }

    /// Sets URL, settings and time to those of the next attempt if `refused` is a redirect that may be followed, else gives it
    /// back.
    pub(super) fn follow(
        &mut self,
        refused: Error,
        url: &mut Url,
        control: &mut Control,
        deadline: &mut Deadline,
    ) -> Result<()> {
        let found = error::Error::source(&refused).and_then(|source| source.downcast_ref::<Redirect>());
        let Some(Redirect::To(to, end)) = found else { return Err(refused) };
        let Some(left) = self.left.checked_sub(1) else { return Err(refused) };
        self.left = left;
        *deadline = deadline.no_later_than(*end);
        if to.origin() == url.origin() {
            forget_answer(control);
        } else {
            leave_origin(control);
        }
        *url = (**to).clone();
        redirected(url);
        Ok(())
    }
}

/// An answer to a challenge is for one path.
fn forget_answer(control: &mut Control) {
    if control.extras().server_credential.is_some() {
        if let Some(credential) = &mut control.extras_mut().server_credential {
            credential.answer = None;
        }
    }
}

/// Nobody else is told who this is; once the origin is left, also those that redirect back to it.
fn leave_origin(control: &mut Control) {
    let Extras { request_headers, server_credential, certificates, .. } = control.extras_mut();
    *server_credential = None;
    certificates.client = None;
    // A program that has a name of its own, or none, is not called by ours.
    request_headers.retain(|header| header.name.eq_ignore_ascii_case("User-Agent"));
    request_headers.iter_mut().for_each(|header| header.value.clear());
}

/// The source of an error that is a redirect.
#[derive(Debug)]
pub(super) enum Redirect {
    To(Box<Url>, Instant),
    Nowhere(&'static str),
}

impl fmt::Display for Redirect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::To(..) => f.write_str("max_redirects allows no more redirects"),
            Self::Nowhere(why) => write!(f, "the redirect is not followed: {why}"),
        }
    }
}

impl error::Error for Redirect {}
