//! Lists of revoked certificates: enforced, or a reason not to connect, whoever is trusted and whatever the server shows.

use std::{env, fs};

use peer::{
    Peer,
    hierarchy::{Hierarchy, Shown},
};
use websocket_anywhere::{
    ChainValidationResult::{self, *},
    Control, ErrorKind, MessageWebSocket,
};

use super::alone::alone;
use crate::support::{soon, test};

/// Where the root comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Root {
    Platform,
    Program,
    /// Nobody trusts it; the server may show it.
    Server,
}

/// Who is in a list of its issuer.
#[derive(Clone, Copy, Debug)]
struct Listed {
    leaf: bool,
    intermediate: bool,
}

/// Whose lists the program gives.
#[derive(Clone, Copy, Debug)]
struct Given {
    by_root: bool,
    by_intermediate: bool,
}

#[test]
async fn lists_are_enforced_below_authorities_of_the_program() {
    check(&Hierarchy::generate().unwrap(), Root::Program).await;
}

#[test]
async fn lists_are_enforced_below_authorities_that_nobody_trusts() {
    check(&Hierarchy::generate().unwrap(), Root::Server).await;
}

/// The platform's store is a file only where Windows and macOS are not.
#[cfg(not(any(windows, target_os = "macos")))]
#[test]
#[cfg_attr(not(feature = "platform-verifier"), ignore = "it needs the feature platform-verifier")]
async fn lists_are_enforced_below_authorities_of_the_platform() {
    let store = tempfile::NamedTempFile::new().unwrap();
    let test = "native::revocation::lists_are_enforced_below_authorities_of_the_platform";
    if !alone(test, &[(STORE, store.path().as_os_str())]).await {
        return;
    }
    let store = env::var_os(STORE).unwrap();
    let hierarchy = Hierarchy::generate().unwrap();
    fs::write(&store, hierarchy.root_pem()).unwrap();
    check(&hierarchy, Root::Platform).await;

    // Somebody is trusted whom the platform does not tell of.
    fs::write(&store, Hierarchy::generate().unwrap().root_pem()).unwrap();
    let server = Peer::start_tls_below(&hierarchy, Shown::Leaf).unwrap();
    let control = Control::new().revocation_list(hierarchy.list_of_root(true, true).unwrap());
    assert_eq!(connect(&server, control.clone()).await, (false, vec![RevocationInformationMissing]));
    let control = control.ignorable_server_certificate_errors([RevocationInformationMissing]);
    assert_eq!(connect(&server, control).await, (true, vec![RevocationInformationMissing]));
}

#[test]
async fn every_list_counts_for_itself() {
    let server = Peer::start_tls(peer::tls::Certificate::Good).unwrap();
    let trusting = || Control::new().root_certificate(server.root_der());
    // By the same authority: one that has expired, one that is empty, one that names the server.
    let (expired, empty, full) =
        (server.revocation_list(false, false), server.revocation_list(false, true), server.revocation_list(true, true));
    let control = trusting().revocation_list(empty.clone()).revocation_list(full.clone());
    assert_eq!(connect(&server, control).await, (false, vec![Revoked]));
    let control = trusting().revocation_list(expired).revocation_list(full);
    let control = control.ignorable_server_certificate_errors([RevocationFailure]);
    assert_eq!(connect(&server, control).await, (false, vec![RevocationFailure, Revoked]));
    // Whom it names stays revoked after a list has expired.
    let control = trusting().revocation_list(server.revocation_list(true, false));
    let control = control.ignorable_server_certificate_errors([RevocationFailure]);
    assert_eq!(connect(&server, control).await, (false, vec![Revoked]));
    assert_eq!(connect(&server, trusting().revocation_list(empty)).await, (true, vec![]));
}

#[test]
async fn a_list_expires_today_and_not_when_the_certificate_did() {
    // The certificate ended in 2020, the list in 2022.
    let server = Peer::start_tls(peer::tls::Certificate::Expired).unwrap();
    let control = Control::new().root_certificate(server.root_der());
    let control = control.revocation_list(server.revocation_list(false, false));
    let control = control.ignorable_server_certificate_errors([Expired]);
    assert_eq!(connect(&server, control).await, (false, vec![Expired, RevocationFailure]));
}

async fn check(hierarchy: &Hierarchy, root: Root) {
    let bools = [(false, false), (true, false), (false, true), (true, true)];
    for shown in Shown::ALL {
        let server = Peer::start_tls_below(hierarchy, shown).unwrap();
        for (leaf, intermediate) in bools {
            for (by_root, by_intermediate) in &bools[1..] {
                let revoked = Listed { leaf, intermediate };
                let given = Given { by_root: *by_root, by_intermediate: *by_intermediate };
                let expected = expected(root, shown, revoked, given);
                let control = control(hierarchy, root, revoked, given);
                let case = format!("{root:?} {shown:?} {revoked:?} {given:?}");
                assert_eq!(connect(&server, control.clone()).await, (expected.is_empty(), expected.clone()), "{case}");
                let is_connected = !expected.contains(&Revoked);
                let ignored = [Untrusted, RevocationInformationMissing];
                let control = control.ignorable_server_certificate_errors(ignored);
                assert_eq!(connect(&server, control).await, (is_connected, expected), "{case}");
            }
        }
    }
}

fn control(hierarchy: &Hierarchy, root: Root, revoked: Listed, given: Given) -> Control {
    let mut control = Control::new();
    if root == Root::Program {
        control = control.root_certificate(hierarchy.root_pem());
    }
    if given.by_root {
        control = control.revocation_list(hierarchy.list_of_root(revoked.leaf, revoked.intermediate).unwrap());
    }
    if given.by_intermediate {
        control = control.revocation_list(hierarchy.list_of_intermediate(revoked.leaf).unwrap());
    }
    control
}

/// What has to be found.
fn expected(root: Root, shown: Shown, revoked: Listed, given: Given) -> Vec<ChainValidationResult> {
    let has_intermediate = !matches!(shown, Shown::Leaf | Shown::LeafAndRoot);
    let leaf = revoked.leaf && if has_intermediate { given.by_intermediate } else { given.by_root };
    let is_revoked = leaf || has_intermediate && revoked.intermediate && given.by_root;
    let mut errors = Vec::new();
    let is_trusted = root != Root::Server && shown != Shown::LeafOfChain;
    errors.extend((!is_trusted).then_some(Untrusted));
    match shown {
        _ if is_trusted => errors.extend(is_revoked.then_some(Revoked)),
        // Up to itself the root can tell.
        Shown::LeafAndRoot | Shown::ChainAndRoot => {
            errors.extend(is_revoked.then_some(Revoked));
        }
        // The intermediate authority can tell of the leaf, and nobody of the intermediate authority.
        Shown::Chain if leaf => errors.push(Revoked),
        Shown::Chain | Shown::Leaf | Shown::LeafOfChain => errors.push(RevocationInformationMissing),
    }
    errors
}

/// Whether it connects, and what is wrong with the server's certificates.
async fn connect(server: &Peer, control: Control) -> (bool, Vec<ChainValidationResult>) {
    match soon(MessageWebSocket::connect_with(&server.url("/echo"), control)).await {
        Ok(socket) => (true, socket.information().server_certificate_errors().to_vec()),
        Err(error) => {
            let kinds = [ErrorKind::CertificateUntrusted, ErrorKind::CertificateRevoked, ErrorKind::CertificateInvalid];
            assert!(kinds.contains(&error.kind()) || error.kind() == ErrorKind::CertificateExpired, "{error:?}");
            (false, error.server_certificates().unwrap().errors().to_vec())
        }
    }
}

/// The variable that names the platform's store (OpenSSL's).
const STORE: &str = "SSL_CERT_FILE";
