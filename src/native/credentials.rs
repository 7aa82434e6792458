//! Credentials for the server: Basic at once (RFC 7617), Digest when challenged (RFC 7616).

use std::{error::Error as _, fmt};

use percent_encoding::percent_decode_str;
use url::Url;

use http_auth::{PasswordClient, PasswordParams, basic::encode_credentials};
use tokio_tungstenite::tungstenite::http::{HeaderValue, StatusCode};

use super::upgrade::Refused;
use crate::{
    address::Address,
    control::{Control, Credential},
    error::{Error, ErrorKind, Result},
};

/// Parses the URL, and moves a user and a password from it to the settings, as their place in the request is there.
pub(super) fn take_user_info(address: &Address, control: &mut Control) -> Result<Url> {
    let invalid = |error| Error::with_source(ErrorKind::InvalidUrl, "not a WebSocket URL", error);
    let mut url = Url::parse(address.as_str()).map_err(invalid)?;
    if url.username().is_empty() && url.password().is_none() {
        return Ok(url);
    }
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
    Ok(url)
}

/// What the request says about who we are.
pub(super) struct Login(Option<Credential>);

impl Login {
    pub(super) fn new(credential: Option<&Credential>) -> Self {
        Self(credential.cloned())
    }

    /// What is to be said in the next request.
    pub(super) fn authorization(&self) -> Result<Option<HeaderValue>> {
        let Some(Credential { user, password, answer }) = &self.0 else { return Ok(None) };
        let said = match answer {
            Some((answer, _)) => answer.clone(),
            None => encode_credentials(user, password),
        };
        let invalid = |error| Error::with_source(ErrorKind::InvalidArgument, "bad credentials", error);
        HeaderValue::try_from(said).map(Some).map_err(invalid)
    }

    /// Whether there is an answer to this refusal that was not tried yet; then the next request gives it.
    pub(super) fn answer(&mut self, refusal: &Refused, target: &str) -> bool {
        let Some(Credential { user, password, answer }) = &mut self.0 else { return false };
        let answers = answer.as_ref().map_or(0, |(_, answers)| *answers);
        if refusal.status != StatusCode::UNAUTHORIZED || answers == MAX_ANSWERS {
            return false;
        }
        let challenges = refusal.challenges.iter();
        let client = challenges.fold(PasswordClient::builder(), |builder, value| builder.challenges(value)).build();
        // Basic was refused already, and what is not understood cannot be answered.
        let Ok(PasswordClient::Digest(mut digest)) = client else { return false };
        // A second challenge refuses the credentials, unless only the nonce was too old (RFC 7616 section 3.3).
        if answers > 0 && !digest.stale() {
            return false;
        }
        let params = PasswordParams { username: user, password, uri: target, method: "GET", body: Some(&[]) };
        let Ok(said) = digest.respond(&params) else { return false };
        *answer = Some((said, answers + 1));
        true
    }

    /// Makes a refusal of one that a fresh connection may mend.
    pub(super) fn needs_fresh_connection(self, refused: &Error) -> Error {
        match self.0 {
            Some(credential) => Error::with_source(refused.kind(), refused.to_string(), Unanswered(credential)),
            None => refused.clone(),
        }
    }
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

/// The first challenge, and one with a fresh nonce for an answer that came too late.
const MAX_ANSWERS: u8 = 2;
