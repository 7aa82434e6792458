//! Settings about the request of the opening handshake: headers and credentials.

use std::fmt;

use super::{Control, extras::Extras, is_token};
use crate::error::{Error, ErrorKind, Message, Result, Value};

/// A user and a password, which are kept out of everything that is printed.
#[derive(Clone)]
pub(crate) struct Credential {
    pub(crate) user: String,
    pub(crate) password: String,
    /// What answers the challenge of a server that has ended its connection, and how many challenges were answered so far.
    #[allow(dead_code, reason = "a browser refuses credentials before there is anything to answer")]
    pub(crate) answer: Option<(String, u8)>,
}

/// A header that the program adds; its value may be a secret and is kept out of everything that is printed.
#[derive(Clone)]
pub(crate) struct RequestHeader {
    pub(crate) name: String,
    pub(crate) value: String,
}

impl Control {
    /// Adds a header to the request. Default: none (UWP: `SetRequestHeader`).
    ///
    /// Any header that HTTP allows (RFC 9110 section 5), such as `Authorization`, `Cookie`, `Origin` or `User-Agent`. Headers are
    /// sent in the order of the calls, with the names as written here; a header that is added twice is sent twice. Text that is
    /// not ASCII is sent as UTF-8.
    ///
    /// If no `User-Agent` is added, it is `websocket-anywhere/` and the version of this crate; an empty one is not sent (RFC
    /// 9110 section 10.1.5).
    ///
    /// # Errors
    ///
    /// Connecting fails with [`ErrorKind::InvalidArgument`], and nothing is sent, if the name is not a token of HTTP; if the
    /// value has a control character, such as CR or LF, or a space at an end; if the header belongs to the handshake itself
    /// or to the framing of HTTP: `Connection`, `Content-Length`, `Expect`, `Host`, `Keep-Alive`, `TE`, `Trailer`,
    /// `Transfer-Encoding`, `Upgrade` and all that begin with `Sec-WebSocket-`; if it is an `Authorization` beside a
    /// [`server_credential`](Self::server_credential); or if the whole request is longer than 256 KiB.
    ///
    /// # Platform notes
    ///
    /// In a browser, which cannot add headers, connecting fails with [`ErrorKind::NotSupported`].
    ///
    /// # Examples
    ///
    /// ```
    /// let control = websocket_anywhere::Control::new()
    ///     .request_header("Authorization", "Bearer 0123456789")
    ///     .request_header("Cookie", "session=42");
    /// ```
    #[must_use]
    pub fn request_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.extras_mut().request_headers.push(RequestHeader { name: name.into(), value: value.into() });
        self
    }

    /// The user and password that answer an HTTP authentication challenge of the server. Default: none (UWP:
    /// `ServerCredential`).
    ///
    /// They are sent after the server has answered the first request with 401 and a challenge: by the scheme Digest (RFC
    /// 7616; SHA-256, SHA-512-256 or MD5, also with `-sess`) if the server offers it, otherwise by Basic (RFC 7617); on the
    /// same connection, or on a new one if the server closes it. [`preemptive_credential`](Self::preemptive_credential)
    /// saves this round trip.
    ///
    /// Basic credentials are readable on the network path of a `ws` connection. Over `ws` they are therefore sent only to
    /// this machine (`localhost`, `127.0.0.0/8`, `::1`), unless [`basic_credential_over_ws`](Self::basic_credential_over_ws)
    /// allows more.
    ///
    /// They are sent only to the origin of the URL, even if [`max_redirects`](Self::max_redirects) follows redirects. A user
    /// and password in the URL have the same meaning.
    ///
    /// # Errors
    ///
    /// Connecting fails with [`ErrorKind::InvalidArgument`], and nothing is sent, if the user has a colon, either has a
    /// control character, or the URL has credentials, too; with [`ErrorKind::HttpStatus`] and 401 if the server refuses
    /// them, or asks for Basic over a `ws` connection on which it is not allowed.
    ///
    /// # Platform notes
    ///
    /// In a browser, which may ask the user itself, connecting fails with [`ErrorKind::NotSupported`].
    ///
    /// # Examples
    ///
    /// ```
    /// let control = websocket_anywhere::Control::new().server_credential("Aladdin", "open sesame");
    /// ```
    #[must_use]
    pub fn server_credential(mut self, user: impl Into<String>, password: impl Into<String>) -> Self {
        self.extras_mut().server_credential =
            Some(Credential { user: user.into(), password: password.into(), answer: None });
        self
    }

    /// Whether the credentials are sent with the first request, by the scheme Basic, without waiting for a challenge.
    /// Default: false (RFC 7617 section 2.2).
    ///
    /// This saves a round trip, but discloses the password to a server that might ask for Digest or for no credentials.
    /// Without credentials it has no effect.
    ///
    /// # Errors
    ///
    /// Connecting fails with [`ErrorKind::InvalidArgument`], and nothing is sent, if there are credentials that Basic may
    /// not carry over this `ws` connection: see [`server_credential`](Self::server_credential).
    ///
    /// # Platform notes
    ///
    /// A browser decides by itself: there, connecting fails with [`ErrorKind::NotSupported`] if it is set.
    ///
    /// # Examples
    ///
    /// ```
    /// let control = websocket_anywhere::Control::new()
    ///     .server_credential("Aladdin", "open sesame")
    ///     .preemptive_credential(true);
    /// ```
    #[must_use]
    pub fn preemptive_credential(mut self, is_preemptive: bool) -> Self {
        self.extras_mut().preemptive_credential = is_preemptive;
        self
    }

    /// Whether the credentials may be sent by the scheme Basic over `ws` to other machines, readable on the network path.
    /// Default: false (RFC 7617 section 4).
    ///
    /// Meant for trusted networks, and for transports of the program's own that encrypt the data of a `ws` URL.
    ///
    /// # Platform notes
    ///
    /// A browser decides by itself: there, connecting fails with [`ErrorKind::NotSupported`] if it is set.
    ///
    /// # Examples
    ///
    /// ```
    /// let control = websocket_anywhere::Control::new()
    ///     .server_credential("Aladdin", "open sesame")
    ///     .basic_credential_over_ws(true);
    /// ```
    #[must_use]
    pub fn basic_credential_over_ws(mut self, is_allowed: bool) -> Self {
        self.extras_mut().basic_credential_over_ws = is_allowed;
        self
    }

    /// Refuses headers and credentials that would make another request of the handshake.
    pub(crate) fn check_request(&self) -> Result<()> {
        let Extras { request_headers, server_credential, .. } = self.extras();
        for header in request_headers {
            header.check()?;
            if server_credential.is_some() && header.name.eq_ignore_ascii_case("Authorization") {
                return Err(invalid("the request header Authorization and server_credential exclude each other"));
            }
        }
        server_credential.as_ref().map_or(Ok(()), Credential::check)
    }
}

impl Credential {
    /// Whether Basic can carry it (RFC 7617 section 2).
    pub(crate) fn check(&self) -> Result<()> {
        if self.user.contains(':') {
            return Err(invalid("a user name with a colon cannot be told from the password"));
        }
        if [&self.user, &self.password].iter().any(|text| text.contains(|c: char| c.is_ascii_control())) {
            return Err(invalid("a user name or password has a control character"));
        }
        Ok(())
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential").field("user", &self.user).finish_non_exhaustive()
    }
}

impl RequestHeader {
    pub(crate) fn check(&self) -> Result<()> {
        let Self { name, value } = self;
        if !is_token(name) {
            let name = Value::Quoted(name.clone());
            return Err(invalid(Message::With("the request header ", name, " is not a token of HTTP")));
        }
        let lower = name.to_ascii_lowercase();
        if RESERVED.contains(&&*lower) || lower.starts_with("sec-websocket-") {
            return Err(invalid(["the request header ", name, " belongs to the handshake"].concat()));
        }
        if value.contains(|c: char| c.is_ascii_control() && c != '\t') {
            return Err(invalid(["the value of the request header ", name, " has a control character"].concat()));
        }
        // "A field value does not include leading or trailing whitespace" (RFC 9110 section 5.5).
        if value.trim_matches([' ', '\t']) != value {
            return Err(invalid(["the value of the request header ", name, " begins or ends with a space"].concat()));
        }
        Ok(())
    }
}

impl fmt::Debug for RequestHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestHeader").field("name", &self.name).finish_non_exhaustive()
    }
}

fn invalid(message: impl Into<Message>) -> Error {
    Error::new(ErrorKind::InvalidArgument, message)
}

/// What the handshake says by itself, and what would make the peer take the frames for a body (RFC 9112 section 6).
const RESERVED: [&str; 9] =
    ["connection", "content-length", "expect", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"];
