//! TLS sessions: resumed by equal settings, never by others, and without a word less about the server.
//!
//! Only the last 16 settings of a process are kept, and other tests have settings, too.

use std::{
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use futures::future::join_all;
use peer::{Peer, tls::Certificate};
use websocket_anywhere::{
    ChainValidationResult::{Expired, Untrusted},
    Control, ErrorKind, MessageWebSocket, Result, ServerValidation,
};

use super::alone::alone;
use crate::support::{soon, test};

#[test]
async fn equal_settings_resume() {
    if !alone("native::sessions::equal_settings_resume", &[]).await {
        return;
    }
    // A control and its clone; two that are built alike.
    for build in [|control: &Control, _: &Peer| control.clone(), |_: &Control, server: &Peer| trusting(server)] {
        let server = Peer::start_tls(Certificate::GoodChain).unwrap();
        let control = trusting(&server);
        let first = connect(&server, control.clone()).await.unwrap().information();
        assert_handshakes(&server, 1, 0);
        for resumed in 1..=3 {
            let information = connect(&server, build(&control, &server)).await.unwrap().information();
            assert_handshakes(&server, 1, resumed);
            assert_eq!(information.server_certificate(), first.server_certificate());
            let intermediates = information.server_intermediate_certificates();
            assert_eq!(intermediates, first.server_intermediate_certificates());
            assert_eq!(intermediates.len(), 1);
            assert_eq!(information.server_certificate_errors(), []);
        }
    }
}

#[test]
async fn every_pair_of_different_settings_has_sessions_of_its_own() {
    if !alone("native::sessions::every_pair_of_different_settings_has_sessions_of_its_own", &[]).await {
        return;
    }
    for is_reversed in [false, true] {
        let server = Peer::start_tls(Certificate::Good).unwrap();
        let mut controls = different(&server);
        if is_reversed {
            controls.reverse();
        }
        // Whoever comes later finds the sessions of all that came before.
        for (before, control) in controls.iter().enumerate() {
            connect(&server, control.clone()).await.unwrap();
            assert_handshakes(&server, before + 1, 0);
        }
        for (before, control) in controls.iter().enumerate() {
            connect(&server, control.clone()).await.unwrap();
            assert_handshakes(&server, controls.len(), before + 1);
        }
    }
}

#[test]
async fn a_client_certificate_is_shown_for_nobody_else() {
    if !alone("native::sessions::a_client_certificate_is_shown_for_nobody_else", &[]).await {
        return;
    }
    let server = Peer::start_tls_asking().unwrap();
    let identity = server.client_identity().unwrap();
    let known = trusting(&server).client_certificate(identity.chain, identity.key);
    for resumed in 0..2 {
        connect(&server, known.clone()).await.unwrap();
        assert_handshakes(&server, 1, resumed);
    }
    let error = connect(&server, trusting(&server)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ClientCertificate);
    let other = server.client_identity().unwrap();
    connect(&server, trusting(&server).client_certificate(other.chain, other.key)).await.unwrap();
    assert_eq!(server.handshakes().resumed(), 1);
}

#[test]
async fn what_is_ignored_is_ignored_for_nobody_else_and_told_each_time() {
    if !alone("native::sessions::what_is_ignored_is_ignored_for_nobody_else_and_told_each_time", &[]).await {
        return;
    }
    for (certificate, ignored, control) in [
        (Certificate::Expired, Expired, trusting as fn(&Peer) -> Control),
        (Certificate::Good, Untrusted, |_| Control::new()),
    ] {
        let server = Peer::start_tls(certificate).unwrap();
        let ignoring = control(&server).ignorable_server_certificate_errors([ignored]);
        for resumed in 0..3 {
            let information = connect(&server, ignoring.clone()).await.unwrap().information();
            assert_handshakes(&server, 1, resumed);
            assert_eq!(information.server_certificate_errors(), [ignored]);
            assert_eq!(information.server_certificate().unwrap().der(), server.leaf_der());
        }
        let error = connect(&server, control(&server)).await.unwrap_err();
        assert_eq!(error.server_certificates().unwrap().errors(), [ignored]);
    }
}

#[test]
async fn a_program_is_asked_about_every_connection() {
    if !alone("native::sessions::a_program_is_asked_about_every_connection", &[]).await {
        return;
    }
    let server = Peer::start_tls(Certificate::Good).unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let control = trusting(&server).server_custom_validation(move |shown| {
        assert!(shown.certificate().subject().contains("peer"));
        let is_third = counter.fetch_add(1, Ordering::SeqCst) == 2;
        async move { if is_third { ServerValidation::Reject } else { ServerValidation::Proceed } }
    });
    for resumed in 0..2 {
        connect(&server, control.clone()).await.unwrap();
        assert_handshakes(&server, 1, resumed);
    }
    let error = connect(&server, control.clone()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CertificateRejected);
    assert_eq!(asked.load(Ordering::SeqCst), 3);
    drop(control);
    assert_eq!(Arc::strong_count(&asked), 1, "the program's validation is gone with its control");
}

#[test]
async fn timeouts_hold_while_a_hundred_connect_at_once() {
    // The system accepts; nobody answers. The trust store has to be read, since nobody has had these settings.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("wss://{}/", silent.local_addr().unwrap());
    let control = trusting(&Peer::start_tls(Certificate::Good).unwrap());
    let control = control.connect_timeout(Duration::from_millis(600));
    let start = Instant::now();
    let connecting = (0..100).map(|_| MessageWebSocket::connect_with(&url, control.clone()));
    for result in soon(join_all(connecting)).await {
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Timeout);
    }
    let took = start.elapsed();
    assert!((Duration::from_millis(600)..Duration::from_millis(2000)).contains(&took), "{took:?}");
}

/// Settings with which the server is connected to, no two of them equal.
fn different(server: &Peer) -> Vec<Control> {
    let other = Peer::start_tls(Certificate::Good).unwrap();
    let (one, two) = (server.client_identity().unwrap(), server.client_identity().unwrap());
    let proceed = |control: Control| control.server_custom_validation(|_| async { ServerValidation::Proceed });
    let with = || trusting(server);
    vec![
        with(),
        with().root_certificate(other.root_der()),
        with().revocation_list(server.revocation_list(false, true)),
        with()
            .revocation_list(server.revocation_list(false, true))
            .revocation_list(server.revocation_list(false, true)),
        with().client_certificate(one.chain, one.key),
        with().client_certificate(two.chain, two.key),
        with().ignorable_server_certificate_errors([Expired]),
        with().ignorable_server_certificate_errors([Expired, Untrusted]),
        Control::new().ignorable_server_certificate_errors([Untrusted]),
        proceed(with()),
        proceed(with()),
    ]
}

fn trusting(server: &Peer) -> Control {
    Control::new().root_certificate(server.root_der())
}

async fn connect(server: &Peer, control: Control) -> Result<MessageWebSocket> {
    soon(MessageWebSocket::connect_with(&server.url("/echo"), control)).await
}

#[track_caller]
fn assert_handshakes(server: &Peer, full: usize, resumed: usize) {
    assert_eq!((server.handshakes().full(), server.handshakes().resumed()), (full, resumed));
}
