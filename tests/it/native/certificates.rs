//! Certificates that are wrong in all ways, and what programs may say to that.

use std::{
    future,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use peer::{
    Peer,
    tls::{Certificate, ClientIdentity},
};
use websocket_anywhere::{
    ChainValidationResult::{self, *},
    Control, Error, ErrorKind, HResult, MessageWebSocket, Result, ServerValidation, SocketSslErrorSeverity,
    WebErrorStatus,
};

use crate::support::{poll_once, soon, test};

/// Certificates under a trusted authority, and what is wrong with them.
const TRUSTED: [(Certificate, &[ChainValidationResult]); 15] = [
    (Certificate::Good, &[]),
    (Certificate::GoodChain, &[]),
    (Certificate::GoodWithRoot, &[]),
    (Certificate::Expired, &[Expired]),
    (Certificate::NotYetValid, &[Expired]),
    (Certificate::WrongName, &[InvalidName]),
    (Certificate::ExpiredWrongName, &[Expired, InvalidName]),
    (Certificate::WrongUsage, &[WrongUsage]),
    (Certificate::IncompleteChain, &[Untrusted, IncompleteChain]),
    (Certificate::IntermediateMissing, &[Untrusted]),
    (Certificate::SelfSignedUntrusted, &[Untrusted]),
    (Certificate::SelfSignedExpiredWrongName, &[Expired, Untrusted, InvalidName]),
    (Certificate::SelfSignedAuthority, &[Untrusted]),
    (Certificate::Forged, &[InvalidSignature]),
    (Certificate::Stolen, &[InvalidSignature]),
];

/// The same under an authority that nobody knows.
const UNKNOWN: [(Certificate, &[ChainValidationResult]); 8] = [
    (Certificate::Good, &[Untrusted]),
    (Certificate::GoodChain, &[Untrusted]),
    (Certificate::GoodWithRoot, &[Untrusted]),
    (Certificate::IncompleteChain, &[Untrusted, IncompleteChain]),
    (Certificate::WrongName, &[Untrusted, InvalidName]),
    (Certificate::ExpiredWrongName, &[Expired, Untrusted, InvalidName]),
    (Certificate::WrongUsage, &[WrongUsage]),
    (Certificate::Forged, &[Untrusted, InvalidSignature]),
];

#[test]
async fn everything_that_is_wrong_is_told() {
    for (server, control, errors) in servers() {
        let result = connect(&server, control).await;
        if errors.is_empty() {
            let information = result.unwrap().information();
            assert_eq!(information.server_certificate().unwrap().der(), server.leaf_der());
            assert_eq!(information.server_certificate_errors(), []);
            assert_eq!(information.server_certificate_error_severity(), SocketSslErrorSeverity::None);
            continue;
        }
        let error = result.unwrap_err();
        assert_refused(&error, errors[0]);
        let shown = error.server_certificates().unwrap();
        assert_eq!(shown.errors(), errors);
        assert_eq!(shown.error_severity(), severity(errors));
        assert_eq!(shown.certificate().der(), server.leaf_der());
    }
}

#[test]
async fn what_is_ignored_is_told_and_connected_to() {
    for (server, control, errors) in servers() {
        let ignored = errors.iter().copied().filter(|error| error.is_ignorable());
        let result = connect(&server, control.ignorable_server_certificate_errors(ignored)).await;
        match errors.iter().find(|error| !error.is_ignorable()) {
            Some(fatal) => assert_refused(&result.unwrap_err(), *fatal),
            None => {
                let mut socket = result.unwrap();
                let information = socket.information();
                assert_eq!(information.server_certificate_errors(), errors);
                assert_eq!(information.server_certificate_error_severity(), severity(errors));
                soon(socket.send("all the same")).await.unwrap();
                assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some("all the same"));
            }
        }
    }
}

#[test]
async fn an_error_that_is_not_ignored_fails_behind_those_that_are() {
    for (server, control, errors) in servers() {
        for kept in errors.iter().filter(|error| error.is_ignorable()) {
            let ignored = IGNORABLE.into_iter().filter(|error| error != kept);
            let result = connect(&server, control.clone().ignorable_server_certificate_errors(ignored)).await;
            if *kept == IncompleteChain {
                // Who believes anybody does not care who is missing.
                assert_eq!(result.unwrap().information().server_certificate_errors(), errors);
                continue;
            }
            let error = result.unwrap_err();
            let first = errors.iter().find(|error| *error == kept || !error.is_ignorable()).unwrap();
            assert_refused(&error, *first);
        }
    }
}

#[test]
async fn whoever_ignores_that_a_chain_is_incomplete_believes_nobody_more() {
    for (server, control, errors) in servers().filter(|(_, _, errors)| errors.contains(&Untrusted)) {
        let ignored = IGNORABLE.into_iter().filter(|error| *error != Untrusted);
        let error = connect(&server, control.ignorable_server_certificate_errors(ignored)).await.unwrap_err();
        assert_eq!(error.server_certificates().unwrap().errors(), errors);
        assert_refused(&error, Untrusted);
    }
}

#[test]
async fn a_server_without_the_key_of_its_certificate_is_never_believed() {
    let server = Peer::start_tls(Certificate::Stolen).unwrap();
    for control in [Control::new(), trusting(&server)] {
        let error = connect(&server, control.ignorable_server_certificate_errors(IGNORABLE)).await.unwrap_err();
        assert_refused(&error, InvalidSignature);
    }
}

#[test]
async fn what_is_fatal_cannot_be_ignored() {
    let server = Peer::start_tls(Certificate::Good).unwrap();
    let all = (0..=13).zip([
        Success,
        Untrusted,
        Revoked,
        Expired,
        IncompleteChain,
        InvalidSignature,
        WrongUsage,
        InvalidName,
        InvalidCertificateAuthorityPolicy,
        BasicConstraintsError,
        UnknownCriticalExtension,
        RevocationInformationMissing,
        RevocationFailure,
        OtherErrors,
    ]);
    for (number, error) in all {
        assert_eq!(error.number(), number);
        assert_eq!(error.is_ignorable(), IGNORABLE.contains(&error), "{error}");
        let result = connect(&server, trusting(&server).ignorable_server_certificate_errors([error])).await;
        if error.is_ignorable() {
            result.unwrap();
        } else {
            let refused = result.unwrap_err();
            assert_error(&refused, ErrorKind::InvalidArgument, 0x8007_0057, WebErrorStatus::Unknown);
            assert!(refused.to_string().contains(&error.to_string()), "{refused}");
        }
    }
}

#[test]
async fn certificates_say_whose_they_are() {
    let server = Peer::start_tls(Certificate::GoodChain).unwrap();
    let information = connect(&server, trusting(&server)).await.unwrap().information();
    let certificate = information.server_certificate().unwrap();
    assert_eq!((certificate.subject(), certificate.issuer()), ("CN=peer", "CN=peer intermediate"));
    assert_eq!(certificate.serial_number(), 4711_u16.to_be_bytes());
    assert!((certificate.valid_from()..certificate.valid_to()).contains(&SystemTime::now()));
    let [intermediate] = information.server_intermediate_certificates() else { panic!("{information:?}") };
    assert_eq!((intermediate.subject(), intermediate.issuer()), ("CN=peer intermediate", "CN=peer authority"));

    let server = Peer::start_tls(Certificate::Expired).unwrap();
    let error = connect(&server, trusting(&server)).await.unwrap_err();
    let year_2020 = SystemTime::UNIX_EPOCH + Duration::from_secs(1_577_836_800);
    assert_eq!(error.server_certificates().unwrap().certificate().valid_to(), year_2020);
}

#[test]
async fn without_tls_there_are_no_certificates() {
    let information = MessageWebSocket::connect(&Peer::shared().url("/echo")).await.unwrap().information();
    assert_eq!(information.server_certificate(), None);
    assert_eq!(information.server_intermediate_certificates(), []);
    assert_eq!(information.server_certificate_error_severity(), SocketSslErrorSeverity::None);
}

#[test]
async fn authorities_may_be_given_as_pem() {
    let (server, other) = (Peer::start_tls(Certificate::Good).unwrap(), Peer::start_tls(Certificate::Good).unwrap());
    let both = format!("some words\n{}\nmore words\n{}", other.root_pem(), server.root_pem());
    connect(&server, Control::new().root_certificate(both)).await.unwrap();
}

#[test]
async fn a_certificate_signed_by_itself_may_be_trusted_as_it_is() {
    for certificate in [Certificate::SelfSignedUntrusted, Certificate::SelfSignedAuthority] {
        let server = Peer::start_tls(certificate).unwrap();
        let trusting = Control::new().root_certificate(server.leaf_der());
        let socket = connect(&server, trusting.clone()).await.unwrap();
        assert_eq!(socket.information().server_certificate_errors(), []);
        // Only that one.
        let other = Peer::start_tls(certificate).unwrap();
        let error = connect(&other, trusting).await.unwrap_err();
        assert_refused(
            &error,
            if certificate == Certificate::SelfSignedAuthority { Untrusted } else { InvalidSignature },
        );
    }
}

#[test]
async fn what_is_no_certificate_is_refused_before_anything_is_sent() {
    let server = Peer::start_tls(Certificate::Good).unwrap();
    let identity = server.client_identity().unwrap();
    let no_pem = "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n";
    let other = server.client_identity().unwrap();
    for (option, control) in [
        ("root_certificate", Control::new().root_certificate("no certificate")),
        ("root_certificate", Control::new().root_certificate(no_pem)),
        ("root_certificate", Control::new().root_certificate(identity.key.clone())),
        ("revocation_list", Control::new().revocation_list("no list")),
        ("revocation_list", Control::new().revocation_list(identity.chain.clone())),
        ("client_certificate", Control::new().client_certificate("no chain", identity.key.clone())),
        ("client_certificate", Control::new().client_certificate(identity.chain.clone(), "no key")),
        ("client_certificate", Control::new().client_certificate(identity.chain.clone(), no_pem)),
        ("client_certificate", Control::new().client_certificate(identity.chain.clone(), other.key)),
    ] {
        let error = soon(MessageWebSocket::connect_with("wss://127.0.0.1:1/", control)).await.unwrap_err();
        assert_error(&error, ErrorKind::InvalidArgument, 0x8007_0057, WebErrorStatus::Unknown);
        assert!(error.to_string().contains(option), "{error}");
    }
}

#[test]
async fn revoked_certificates_are_refused() {
    let server = Peer::start_tls(Certificate::Good).unwrap();
    let listed =
        |is_listed, is_current| trusting(&server).revocation_list(server.revocation_list(is_listed, is_current));
    let error = connect(&server, listed(true, true)).await.unwrap_err();
    assert_refused(&error, Revoked);
    assert_eq!(error.server_certificates().unwrap().error_severity(), SocketSslErrorSeverity::Fatal);
    let control = listed(true, true).ignorable_server_certificate_errors(IGNORABLE);
    assert_refused(&connect(&server, control).await.unwrap_err(), Revoked);

    connect(&server, listed(false, true)).await.unwrap();
    let error = connect(&server, listed(false, false)).await.unwrap_err();
    assert_eq!(error.server_certificates().unwrap().errors(), [RevocationFailure]);
    assert_error(&error, ErrorKind::CertificateInvalid, 0x8007_2F89, WebErrorStatus::CertificateIsInvalid);
    connect(&server, listed(false, false).ignorable_server_certificate_errors([RevocationFailure])).await.unwrap();

    // A list in the authority's name by another key is no list.
    let other = Peer::start_tls(Certificate::Good).unwrap();
    let error = connect(&server, trusting(&server).revocation_list(other.revocation_list(false, true))).await;
    assert_eq!(error.unwrap_err().server_certificates().unwrap().errors(), [RevocationFailure]);
}

#[test]
async fn a_client_certificate_is_shown_to_who_asks_for_it() {
    let server = Peer::start_tls_asking().unwrap();
    let identity = server.client_identity().unwrap();
    let mut socket =
        connect(&server, trusting(&server).client_certificate(identity.chain, identity.key)).await.unwrap();
    soon(socket.send("it is me")).await.unwrap();
    assert_eq!(soon(socket.receive()).await.unwrap().unwrap().as_text(), Some("it is me"));

    // Who does not ask does not get it.
    let other = Peer::start_tls(Certificate::Good).unwrap();
    let identity = other.client_identity().unwrap();
    connect(&other, trusting(&other).client_certificate(identity.chain, identity.key)).await.unwrap();
}

#[test]
async fn a_server_that_wants_a_client_certificate_says_so() {
    let server = Peer::start_tls_asking().unwrap();
    let stranger = ClientIdentity::stranger().unwrap();
    for control in [trusting(&server), trusting(&server).client_certificate(stranger.chain, stranger.key)] {
        let error = connect(&server, control).await.unwrap_err();
        assert_error(&error, ErrorKind::ClientCertificate, 0x8007_2F0C, WebErrorStatus::Unknown);
    }
}

#[test]
async fn a_program_may_reject_a_server_that_has_passed() {
    let server = Peer::start_tls(Certificate::Expired).unwrap();
    let (seen, verdicts) = (Arc::new(Mutex::new(Vec::new())), [ServerValidation::Proceed, ServerValidation::Reject]);
    for verdict in verdicts {
        let seen = Arc::clone(&seen);
        let control = trusting(&server).ignorable_server_certificate_errors([Expired]);
        let control = control.server_custom_validation(move |shown| {
            seen.lock().unwrap().push(shown);
            async move {
                tokio::task::yield_now().await;
                verdict
            }
        });
        let result = connect(&server, control).await;
        match verdict {
            ServerValidation::Proceed => drop(result.unwrap()),
            ServerValidation::Reject => {
                let error = result.unwrap_err();
                assert_error(&error, ErrorKind::CertificateRejected, 0x800C_000E, WebErrorStatus::Unknown);
                assert_eq!(error.hresult(), HResult::INET_E_SECURITY_PROBLEM);
            }
        }
    }
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0].errors(), [Expired]);
    assert_eq!(seen[0].certificate().der(), server.leaf_der());
}

#[test]
async fn a_program_is_not_asked_about_a_server_that_has_failed() {
    let server = Peer::start_tls(Certificate::Expired).unwrap();
    let control = trusting(&server).server_custom_validation(|_| async { panic!("it is asked all the same") });
    assert_refused(&connect(&server, control).await.unwrap_err(), Expired);
}

#[test]
async fn a_program_that_never_answers_runs_out_of_time() {
    let server = Peer::start_tls(Certificate::Good).unwrap();
    let held = Arc::new(());
    let asked = Arc::clone(&held);
    let control = trusting(&server).connect_timeout(Duration::from_millis(300)).server_custom_validation(move |_| {
        let asked = Arc::clone(&asked);
        async move {
            let _asked = asked;
            future::pending().await
        }
    });
    let url = server.url("/echo").replace("localhost", "127.0.0.1");
    let error = soon(MessageWebSocket::connect_with(&url, control)).await.unwrap_err();
    assert_error(&error, ErrorKind::Timeout, 0x8007_2EE2, WebErrorStatus::Timeout);
    assert!(error.to_string().contains("validation"), "{error}");
    assert_eq!(Arc::strong_count(&held), 1, "what it waited for is dropped, and the control");
}

#[test]
async fn nothing_secret_is_shown() {
    let identity = Peer::start_tls(Certificate::Good).unwrap().client_identity().unwrap();
    let control = Control::new().client_certificate(identity.chain, "sesame").proxy_credential("me", "sesame");
    let control = control.proxy(websocket_anywhere::Proxy::Http("http://me:sesame@proxy".to_owned()));
    assert!(!format!("{control:?}").contains("sesame"), "{control:?}");
    // A control is a plain value: nothing happens before it is used.
    assert!(poll_once(MessageWebSocket::connect_with("no url", control)).is_ready());
}

/// Every server, what it takes to trust its authority or not, and what is then wrong.
fn servers() -> impl Iterator<Item = (Peer, Control, &'static [ChainValidationResult])> {
    let start = |certificate| Peer::start_tls(certificate).unwrap();
    let trusted = TRUSTED.into_iter().map(move |(certificate, errors)| {
        let server = start(certificate);
        let control = trusting(&server);
        (server, control, errors)
    });
    trusted.chain(UNKNOWN.into_iter().map(move |(certificate, errors)| (start(certificate), Control::new(), errors)))
}

fn trusting(server: &Peer) -> Control {
    Control::new().root_certificate(server.root_der())
}

async fn connect(server: &Peer, control: Control) -> Result<MessageWebSocket> {
    soon(MessageWebSocket::connect_with(&server.url("/echo"), control)).await
}

fn severity(errors: &[ChainValidationResult]) -> SocketSslErrorSeverity {
    match errors.iter().all(|error| error.is_ignorable()) {
        true if errors.is_empty() => SocketSslErrorSeverity::None,
        true => SocketSslErrorSeverity::Ignorable,
        false => SocketSslErrorSeverity::Fatal,
    }
}

#[track_caller]
fn assert_refused(error: &Error, result: ChainValidationResult) {
    match result {
        Expired => {
            assert_error(error, ErrorKind::CertificateExpired, 0x8007_2F05, WebErrorStatus::CertificateExpired);
        }
        InvalidName => {
            let status = WebErrorStatus::CertificateCommonNameIsIncorrect;
            assert_error(error, ErrorKind::CertificateNameMismatch, 0x8007_2F06, status);
        }
        Untrusted | IncompleteChain => {
            let status = WebErrorStatus::CertificateContainsErrors;
            assert_error(error, ErrorKind::CertificateUntrusted, 0x8007_2F0D, status);
        }
        Revoked => assert_error(error, ErrorKind::CertificateRevoked, 0x8007_2F8A, WebErrorStatus::CertificateRevoked),
        _ => assert_error(error, ErrorKind::CertificateInvalid, 0x8007_2F89, WebErrorStatus::CertificateIsInvalid),
    }
    assert!(error.to_string().contains(&result.to_string()), "{error}");
}

#[track_caller]
fn assert_error(error: &Error, kind: ErrorKind, hresult: u32, status: WebErrorStatus) {
    assert_eq!((error.kind(), error.hresult(), error.status()), (kind, HResult::new(hresult), status), "{error:?}");
}

const IGNORABLE: [ChainValidationResult; 6] =
    [Untrusted, Expired, IncompleteChain, InvalidName, RevocationInformationMissing, RevocationFailure];
