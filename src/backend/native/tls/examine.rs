//! Everything that is wrong with a server's certificates.
//!
//! A verifier tells one error. Behind it others may hide, and whoever ignores the one has not ignored the others. So after
//! each error that can be ignored the certificates are looked at again as if it were not there: under a name that the
//! certificate has, at a time when it was valid, below the authority that they lead to. What cannot be looked behind is
//! joined by an error that nobody can ignore.

use std::{
    cell::OnceCell,
    time::{SystemTime, UNIX_EPOCH},
};

use rustls::{
    CertificateError, Error, RootCertStore,
    client::{verify_server_cert_signed_by_trust_anchor, verify_server_name},
    pki_types::{CertificateDer, ServerName, UnixTime},
    server::ParsedCertificate,
};

use super::{
    PROVIDER,
    read::Parsed,
    refusal::{is_authority_as_server, result_of},
    revocation::Path,
    trust::Trust,
};
use crate::certificate::ChainValidationResult;

/// What a server shows, and what it has to be valid for.
pub(super) struct PresentedChain<'a> {
    pub(super) end_entity: &'a CertificateDer<'a>,
    pub(super) intermediates: &'a [CertificateDer<'a>],
    pub(super) name: &'a ServerName<'a>,
    pub(super) ocsp: &'a [u8],
    pub(super) now: UnixTime,
}

/// One thing that is wrong, in the words of UWP and in those of rustls.
#[derive(Debug)]
pub(super) struct ChainError {
    pub(super) result: ChainValidationResult,
    pub(super) error: Error,
}

/// Finds all flaws; there are none if nothing is wrong.
pub(super) fn examine(trust: &Trust, shown: &PresentedChain<'_>) -> Vec<ChainError> {
    let mut examination = Examination {
        trust,
        shown,
        server: OnceCell::new(),
        name: shown.name.clone(),
        now: shown.now,
        below: Top::Trusted,
        flaws: Vec::new(),
    };
    examination.check_chain();
    examination.check_name();
    examination.check_revocation();
    examination.flaws
}

struct Examination<'a> {
    trust: &'a Trust,
    shown: &'a PresentedChain<'a>,
    /// The server's own certificate, once it is needed.
    server: OnceCell<Option<Parsed>>,
    /// The name to check: the one we want, or one that the certificate has.
    name: ServerName<'a>,
    /// The time to check: now, or when the certificate was valid.
    now: UnixTime,
    /// Who counts as trusted.
    below: Top,
    flaws: Vec<ChainError>,
}

/// Where a chain leads to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Top {
    /// Somebody who is trusted.
    Trusted,
    /// The last certificate on the way up that the server sent, which counts as trusted.
    Sent,
    /// The server itself: it is nobody's but its own.
    Server,
}

/// What to do after an error.
enum Next {
    /// Look at the rest.
    Again,
    /// There is no rest, or it does not matter.
    Done,
    /// The rest cannot be looked at.
    Blind,
}

impl<'a> Examination<'a> {
    fn server(&self) -> Option<&Parsed> {
        self.server.get_or_init(|| Parsed::new(self.shown.end_entity)).as_ref()
    }

    fn check_chain(&mut self) {
        for _ in 0..MAX_STEPS {
            let Err(error) = self.verify() else { return };
            let next = match result_of(&error) {
                ChainValidationResult::Expired => self.forgive_time(error),
                ChainValidationResult::InvalidName => self.forgive_name(error),
                ChainValidationResult::Untrusted => self.forgive_trust(error),
                _ if self.is_authority_of_itself(&error) => self.forgive_authority(),
                // Not every platform has a word for it.
                ChainValidationResult::OtherErrors if self.server().is_some_and(|it| !it.is_for_servers()) => {
                    self.add(ChainValidationResult::WrongUsage, CertificateError::InvalidPurpose);
                    Next::Done
                }
                result => {
                    self.add(result, error);
                    if result.is_ignorable() { Next::Blind } else { Next::Done }
                }
            };
            match next {
                Next::Again => {}
                Next::Done => return,
                Next::Blind => break,
            }
        }
        self.add(ChainValidationResult::OtherErrors, CertificateError::ApplicationVerificationFailure);
    }

    fn verify(&self) -> Result<(), Error> {
        let PresentedChain { end_entity, intermediates, ocsp, .. } = *self.shown;
        if self.below == Top::Trusted {
            let verifier = &self.trust.authorities.verifier;
            return verifier.verify_server_cert(end_entity, intermediates, &self.name, ocsp, self.now).map(drop);
        }
        let mut roots = RootCertStore::empty();
        roots.add(self.top().clone().into_owned())?;
        let algorithms = PROVIDER.signature_verification_algorithms.all;
        let end_entity = ParsedCertificate::try_from(end_entity)?;
        verify_server_cert_signed_by_trust_anchor(&end_entity, &roots, intermediates, self.now, algorithms)
    }

    /// Goes back to when the certificate was valid, or on to when it will be.
    fn forgive_time(&mut self, error: Error) -> Next {
        let moment = match &error {
            Error::InvalidCertificate(CertificateError::ExpiredContext { not_after, .. }) => Some(*not_after),
            Error::InvalidCertificate(CertificateError::NotValidYetContext { not_before, .. }) => Some(*not_before),
            // Not every platform tells; as a rule it is the server's own certificate.
            _ => self.server().map(|server| unix(server.valid_to())),
        };
        self.add(ChainValidationResult::Expired, error);
        match moment {
            Some(moment) if moment != self.now => {
                self.now = moment;
                Next::Again
            }
            _ => Next::Blind,
        }
    }

    /// Looks at the rest under a name that the certificate has.
    fn forgive_name(&mut self, error: Error) -> Next {
        self.add(ChainValidationResult::InvalidName, error);
        match self.server().and_then(Parsed::own_name) {
            Some(own) if own != self.name => {
                self.name = own;
                Next::Again
            }
            _ => Next::Blind,
        }
    }

    /// Looks at the rest as if the last certificate that the server sent were trusted.
    fn forgive_trust(&mut self, error: Error) -> Next {
        if self.below != Top::Trusted {
            return Next::Blind;
        }
        self.below = Top::Sent;
        self.add(ChainValidationResult::Untrusted, error);
        let top = Parsed::new(self.top());
        if top.as_ref().is_some_and(Parsed::is_self_issued) {
            return Next::Again;
        }
        if top.is_some_and(|top| top.tells_where_its_issuer_is()) {
            self.add(ChainValidationResult::IncompleteChain, CertificateError::UnknownIssuer);
        }
        if self.top() != self.shown.end_entity {
            return Next::Again;
        }
        self.check_server_alone();
        Next::Done
    }

    /// Whether an authority serves under its own certificate, as tools make them by default: for UWP and browsers that is a
    /// matter of trust, for webpki it is an error behind which it does not look.
    fn is_authority_of_itself(&self, error: &Error) -> bool {
        is_authority_as_server(error) && self.server().is_some_and(Parsed::is_self_issued)
    }

    fn forgive_authority(&mut self) -> Next {
        self.below = Top::Server;
        if !self.trust.authorities.roots.contains(self.shown.end_entity) {
            self.add(ChainValidationResult::Untrusted, CertificateError::UnknownIssuer);
        }
        self.check_server_alone();
        Next::Done
    }

    /// What can be said of a certificate with nobody above it.
    fn check_server_alone(&mut self) {
        let Some(server) = self.server() else {
            return self.add(ChainValidationResult::OtherErrors, CertificateError::BadEncoding);
        };
        let (from, to, is_for_servers) = (server.valid_from(), server.valid_to(), server.is_for_servers());
        if !(unix(from)..=unix(to)).contains(&self.shown.now) {
            self.add(ChainValidationResult::Expired, CertificateError::Expired);
        }
        if !is_for_servers {
            self.add(ChainValidationResult::WrongUsage, CertificateError::InvalidPurpose);
        }
    }

    /// Whatever the chain is: the name is a matter of the server's certificate alone.
    fn check_name(&mut self) {
        let server = ParsedCertificate::try_from(self.shown.end_entity);
        if let Err(error) = server.and_then(|server| verify_server_name(&server, self.shown.name)) {
            self.add(result_of(&error), error);
        }
    }

    /// Looks the certificates up in the lists that the program gave. An authority is in none of its own.
    fn check_revocation(&mut self) {
        let Some(lists) = self.trust.lists.as_ref().filter(|_| self.below != Top::Server) else { return };
        let PresentedChain { end_entity, intermediates, now, .. } = *self.shown;
        let top = (self.below == Top::Sent).then(|| self.top());
        let found = lists.flaws(&Path { end_entity, intermediates, top, valid: self.now, now });
        let is_whole = found.is_some() && top.and_then(|top| Parsed::new(top)).is_none_or(|top| top.is_self_issued());
        for error in found.into_iter().flatten() {
            self.add(result_of(&error), error);
        }
        // Somebody above has lists, too. A chain that is refused in any case need not be whole.
        if !is_whole && self.flaws.iter().all(|flaw| flaw.result.is_ignorable()) {
            self.add(ChainValidationResult::RevocationInformationMissing, CertificateError::UnknownRevocationStatus);
        }
    }

    /// The certificate that the chain leads to, as far as the server sent it.
    fn top(&self) -> &'a CertificateDer<'a> {
        let intermediates = self.shown.intermediates;
        let (mut top, mut parsed) = (self.shown.end_entity, Parsed::new(self.shown.end_entity));
        // Those that name each other would lead in a circle.
        for _ in intermediates {
            let Some(below) = parsed.as_ref().filter(|below| !below.is_self_issued()) else { break };
            let issuer = |der: &'a CertificateDer<'a>| {
                Some((der, Parsed::new(der).filter(|issuer| below.may_be_issued_by(issuer))?))
            };
            let Some((der, issuer)) = intermediates.iter().find_map(issuer) else { break };
            (top, parsed) = (der, Some(issuer));
        }
        top
    }

    fn add(&mut self, result: ChainValidationResult, error: impl Into<Error>) {
        if self.flaws.iter().all(|flaw| flaw.result != result) {
            self.flaws.push(ChainError { result, error: error.into() });
        }
    }
}

fn unix(time: SystemTime) -> UnixTime {
    UnixTime::since_unix_epoch(time.duration_since(UNIX_EPOCH).unwrap_or_default())
}

/// How many errors may hide behind each other: a time for each certificate of a chain, a name, and who is trusted.
const MAX_STEPS: usize = 12;
