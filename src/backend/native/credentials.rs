//! Credentials for the server, when it asks for them: Digest (RFC 7616), Basic (RFC 7617).

use std::{error::Error as _, fmt, str};

use percent_encoding::percent_decode_str;
use url::{Host, Url};

use http_auth::{PasswordClient, PasswordClientBuilder, PasswordParams, basic::encode_credentials};
use tokio_tungstenite::tungstenite::http::{HeaderValue, StatusCode};

use crate::{
    address::Address,
    control::{Control, Credential, Extras},
    error::{Error, ErrorKind, Result},
    response::HttpResponse,
};

/// Parses the URL, and moves a user and a password from it to the settings, as their place in the request is there.
pub(super) fn take_user_info(address: &Address, control: &mut Control) -> Result<Url> {
    let invalid = |error| Error::with_source(ErrorKind::InvalidUrl, "not a WebSocket URL", error);
    let mut url = Url::parse(address.as_str()).map_err(invalid)?;
    let scheme = match url.scheme() {
        "http" => "ws",
        "https" => "wss",
        _ => "",
    };
    if !scheme.is_empty() {
        // It cannot fail: all four are special schemes with a host, and each two have the same default port.
        let _ = url.set_scheme(scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        take_from(&mut url, control)?;
    }
    let extras = control.extras();
    if extras.server_credential.is_some() && extras.preemptive_credential && !may_be_read(&url, extras) {
        return Err(Error::new(ErrorKind::InvalidArgument, READABLE));
    }
    Ok(url)
}

fn take_from(url: &mut Url, control: &mut Control) -> Result<()> {
    if control.extras().server_credential.is_some() {
        let message = "credentials in the URL and server_credential exclude each other";
        return Err(Error::new(ErrorKind::InvalidArgument, message));
    }
    let decode = |text| {
        let decoded = percent_decode_str(text).decode_utf8().map(String::from);
        decoded.map_err(|error| Error::with_source(ErrorKind::InvalidUrl, "the credentials are not UTF-8", error))
    };
    let (user, password) = (decode(url.username())?, decode(url.password().unwrap_or_default())?);
    control.extras_mut().server_credential = Some(Credential { user, password, answer: None });
    control.check_request()?;
    // A URL with a host has a place for both.
    let _ = (url.set_username(""), url.set_password(None));
    Ok(())
}

/// What the request says about who we are.
pub(super) struct Login {
    /// The method of the request, which a digest is about.
    method: &'static str,
    credential: Option<Credential>,
    is_preemptive: bool,
    may_be_read: bool,
}

/// What becomes of a refusal.
pub(super) enum ChallengeOutcome {
    /// The next request answers it.
    Given,
    /// It could be answered, but may not be.
    Forbidden(&'static str),
    None,
}

impl Login {
    pub(super) fn new(url: &Url, extras: &Extras, method: &'static str) -> Self {
        Self {
            method,
            credential: extras.server_credential.clone(),
            is_preemptive: extras.preemptive_credential,
            may_be_read: may_be_read(url, extras),
        }
    }

    /// What is to be said in the next request.
    pub(super) fn authorization(&self) -> Result<Option<HeaderValue>> {
        let Some(credential) = &self.credential else { return Ok(None) };
        let said = match &credential.answer {
            Some((answer, _)) => answer.clone(),
            None if self.is_preemptive => credential.basic(),
            None => return Ok(None),
        };
        let invalid = |error| Error::with_source(ErrorKind::InvalidArgument, "bad credentials", error);
        HeaderValue::try_from(said).map(Some).map_err(invalid)
    }

    /// Whether there is an answer to this refusal that was not tried yet; then the next request gives it.
    pub(super) fn answer(&mut self, refusal: &HttpResponse, target: &str) -> ChallengeOutcome {
        let Some(credential) = &mut self.credential else { return ChallengeOutcome::None };
        let answers = credential.answer.as_ref().map_or(0, |(_, answers)| *answers);
        if refusal.status != StatusCode::UNAUTHORIZED || answers == MAX_ANSWERS {
            return ChallengeOutcome::None;
        }
        let challenges = refusal.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("WWW-Authenticate"));
        let challenges = challenges.filter_map(|(_, value)| str::from_utf8(value).ok());
        // The strongest that is understood: what is not cannot be answered.
        let client = challenges.fold(PasswordClient::builder(), PasswordClientBuilder::challenges).build();
        let said = match client {
            // A second challenge refuses the credentials, unless only the nonce was too old (RFC 7616 section 3.3).
            Ok(PasswordClient::Digest(digest)) if answers > 0 && !digest.stale() => return ChallengeOutcome::None,
            Ok(PasswordClient::Digest(mut digest)) => {
                let Credential { user, password, .. } = &*credential;
                let params =
                    PasswordParams { username: user, password, uri: target, method: self.method, body: Some(&[]) };
                digest.respond(&params).ok()
            }
            Ok(PasswordClient::Basic(_)) if self.is_preemptive || answers > 0 => None,
            Ok(PasswordClient::Basic(_)) if !self.may_be_read => return ChallengeOutcome::Forbidden(READABLE),
            Ok(PasswordClient::Basic(_)) => Some(credential.basic()),
            _ => None,
        };
        let Some(said) = said else { return ChallengeOutcome::None };
        credential.answer = Some((said, answers + 1));
        ChallengeOutcome::Given
    }

    /// Makes a refusal of one that a fresh connection may mend.
    pub(super) fn needs_fresh_connection(self, refused: Error) -> Error {
        let Some(credential) = self.credential else { return refused };
        let error = Error::with_source(refused.kind(), refused.to_string(), Unanswered(credential));
        match refused.response() {
            Some(response) => error.answered(response.clone()),
            None => error,
        }
    }
}

impl Credential {
    fn basic(&self) -> String {
        encode_credentials(&self.user, &self.password)
    }
}

/// Whether Basic may be said: by TLS, on this machine, or where the program allows that others read it.
fn may_be_read(url: &Url, extras: &Extras) -> bool {
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "wss" || is_here || extras.basic_credential_over_ws
}

/// The credentials to go on with on a fresh connection, if that may mend this error.
pub(super) fn unanswered(error: &Error) -> Option<Credential> {
    error.source()?.downcast_ref().map(|Unanswered(credential)| credential.clone())
}

/// The source of an error that a fresh connection may mend.
#[derive(Debug)]
struct Unanswered(Credential);

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the server asks for credentials, and has ended the connection")
    }
}

impl std::error::Error for Unanswered {}

const READABLE: &str = "others on the way could read the credentials: over ws, Basic needs basic_credential_over_ws";

/// The first challenge, and one with a fresh nonce for an answer that came too late.
const MAX_ANSWERS: u8 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schemes_of_http_become_those_of_websockets() {
        for (url, expected) in [
            ("ws://host/path", "ws://host/path"),
            ("WSS://host", "wss://host/"),
            ("http://host:80/http://", "ws://host/http://"),
            ("https://host:443", "wss://host/"),
            ("HtTp://host:443/?q", "ws://host:443/?q"),
            (" \n\tHTTPS://host/ ", "wss://host/"),
        ] {
            let address = Address::parse(url).unwrap();
            assert_eq!(take_user_info(&address, &mut Control::new()).unwrap().as_str(), expected, "{url:?}");
        }
    }
}
