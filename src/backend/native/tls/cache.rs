//! The configurations of the last settings, so that equal settings share whom they trust and their sessions, and different
//! ones nothing.
//!
//! A session carries what was found out when it began: that the server is to be believed by these settings, and who the
//! client is. So only equal settings may resume it. Settings are equal by what they hold; a validation of the program's own
//! cannot be looked into, so it is equal to its clones only.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use bytes::Bytes;
use tokio::{
    sync::OnceCell,
    task::{JoinError, spawn, spawn_blocking},
};

use super::{config::Config, trust::Authorities};
use crate::{
    certificate::ChainValidationResult,
    control::TlsVersion,
    control::certificates::{Certificates, ClientCertificate, CustomValidation, Validate},
    error::{Error, ErrorKind, Result},
};

/// The configuration of these settings.
pub(super) async fn configured(settings: &Certificates) -> Result<Arc<Config>> {
    CACHE.configured(settings).await
}

static CACHE: Cache = Cache::new();

/// Those that were used last stand last.
struct Cache(Mutex<Vec<Entry>>);

struct Entry {
    key: Key,
    slot: Slot,
}

/// A configuration, which may still have to be made.
type Slot = Arc<OnceCell<Arc<Config>>>;

impl Cache {
    const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// Whoever needs a configuration that is being made waits for it.
    ///
    /// It is made on a thread for such work, and to its end even if nobody waits any more: otherwise a program whose timeout
    /// is shorter than that would never connect.
    async fn configured(&self, settings: &Certificates) -> Result<Arc<Config>> {
        let slot = self.slot(settings);
        if let Some(config) = slot.get() {
            return Ok(Arc::clone(config));
        }
        let authorities = self.authorities(&settings.roots);
        // What the validation holds is the program's, and nothing here needs it.
        let settings = Certificates { validation: None, ..settings.clone() };
        spawn(make(slot, settings, authorities)).await.unwrap_or_else(ended)
    }

    fn slot(&self, settings: &Certificates) -> Slot {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = match entries.iter().position(|entry| entry.key.is_of(settings)) {
            Some(found) => entries.remove(found),
            None => {
                entries.retain(|entry| !entry.key.is_dead());
                if entries.len() >= MAX_CONFIGS {
                    entries.remove(0);
                }
                Entry { key: Key::new(settings), slot: Slot::default() }
            }
        };
        let slot = Arc::clone(&entry.slot);
        entries.push(entry);
        slot
    }

    /// The trust store of settings with these authorities, if it is there: it is most of what takes time and memory.
    fn authorities(&self, roots: &[Bytes]) -> Option<Arc<Authorities>> {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut with_these = entries.iter().filter(|entry| entry.key.roots == roots);
        with_these.find_map(|entry| Some(Arc::clone(entry.slot.get()?.verifier.authorities())))
    }
}

async fn make(slot: Slot, settings: Certificates, authorities: Option<Arc<Authorities>>) -> Result<Arc<Config>> {
    let making = || async {
        let making = spawn_blocking(move || Config::new(&settings, authorities).map(Arc::new));
        making.await.unwrap_or_else(ended)
    };
    slot.get_or_try_init(making).await.cloned()
}

/// What comes of a task that gave nothing.
fn ended<T>(error: JoinError) -> Result<T> {
    match error.try_into_panic() {
        Ok(panic) => std::panic::resume_unwind(panic),
        Err(error) => Err(Error::with_source(ErrorKind::Tls, "TLS cannot be set up: the runtime has ended", error)),
    }
}

/// What makes settings equal.
struct Key {
    roots: Vec<Bytes>,
    revocation_lists: Vec<Bytes>,
    client: Option<ClientCertificate>,
    ignorable: Vec<ChainValidationResult>,
    /// It keeps nothing of the program's alive, and its address from being used again.
    validation: Option<Weak<Validate>>,
    min_tls_version: TlsVersion,
    key_log: bool,
}

impl Key {
    fn new(settings: &Certificates) -> Self {
        let Certificates { roots, revocation_lists, client, ignorable, validation, min_tls_version, key_log } =
            settings.clone();
        let validation = validation.map(|CustomValidation(validate)| Arc::downgrade(&validate));
        Self { roots, revocation_lists, client, ignorable, validation, min_tls_version, key_log }
    }

    fn is_of(&self, settings: &Certificates) -> bool {
        let Certificates { roots, revocation_lists, client, ignorable, validation, min_tls_version, key_log } =
            settings;
        let address = validation.as_ref().map(|CustomValidation(validate)| Arc::as_ptr(validate).cast::<()>());
        self.roots == *roots
            && self.revocation_lists == *revocation_lists
            && self.client == *client
            && self.min_tls_version == *min_tls_version
            && self.key_log == *key_log
            && same_members(&self.ignorable, ignorable)
            && self.validation.as_ref().map(|validate| Weak::as_ptr(validate).cast::<()>()) == address
    }

    /// Whether nothing can be equal to it any more.
    fn is_dead(&self) -> bool {
        self.validation.as_ref().is_some_and(|validate| validate.strong_count() == 0)
    }
}

fn same_members(these: &[ChainValidationResult], those: &[ChainValidationResult]) -> bool {
    these.iter().all(|one| those.contains(one)) && those.iter().all(|one| these.contains(one))
}

/// How many settings are kept, each with its sessions and client certificate; those with the same authorities share a trust
/// store, which takes 100 KB.
const MAX_CONFIGS: usize = 16;

#[cfg(test)]
mod tests {
    use futures::{FutureExt as _, future::join_all};
    use tokio::task::yield_now;

    use super::*;
    use crate::control::Control;

    #[tokio::test]
    async fn a_hundred_at_once_share_one_configuration() {
        let (cache, settings) = (Cache::new(), trusting("root"));
        let configs = join_all((0..100).map(|_| cache.configured(&settings))).await;
        let first = configs[0].as_ref().unwrap();
        assert!(configs.iter().all(|config| Arc::ptr_eq(config.as_ref().unwrap(), first)));
    }

    #[tokio::test]
    async fn settings_with_the_same_authorities_share_the_trust_store() {
        let (cache, settings) = (Cache::new(), trusting("root"));
        let ignoring = Certificates { ignorable: vec![ChainValidationResult::Expired], ..settings.clone() };
        let (one, other) = (cache.configured(&settings).await.unwrap(), cache.configured(&ignoring).await.unwrap());
        assert!(!Arc::ptr_eq(&one, &other));
        assert!(Arc::ptr_eq(one.verifier.authorities(), other.verifier.authorities()));
    }

    #[tokio::test]
    async fn it_is_made_on_another_thread_and_to_its_end() {
        let (cache, settings) = (Cache::new(), trusting("root"));
        assert!(cache.configured(&settings).now_or_never().is_none(), "this thread did it");
        let slot = cache.slot(&settings);
        while slot.get().is_none() {
            yield_now().await;
        }
        assert!(cache.configured(&settings).now_or_never().is_some_and(|config| config.is_ok()));
    }

    #[tokio::test]
    async fn what_cannot_be_made_is_an_error_each_time() {
        let cache = Cache::new();
        let settings = Control::new().root_certificate("nonsense").extras().certificates.clone();
        for _ in 0..2 {
            let error = cache.configured(&settings).await.err().unwrap();
            assert_eq!(error.kind(), ErrorKind::InvalidArgument);
        }
    }

    #[test]
    fn the_settings_that_were_used_least_lately_go_first() {
        let cache = Cache::new();
        let settings: Vec<_> = (0..=MAX_CONFIGS as u8).map(|number| with_root(vec![number])).collect();
        let slots: Vec<_> = settings[..MAX_CONFIGS].iter().map(|settings| cache.slot(settings)).collect();
        assert!(Arc::ptr_eq(&cache.slot(&settings[0]), &slots[0]));
        cache.slot(&settings[MAX_CONFIGS]);
        assert_eq!(cache.0.lock().unwrap().len(), MAX_CONFIGS);
        assert!(Arc::ptr_eq(&cache.slot(&settings[0]), &slots[0]), "it was used since");
        assert!(!Arc::ptr_eq(&cache.slot(&settings[1]), &slots[1]), "it was not");
    }

    #[test]
    fn settings_are_equal_by_what_they_hold() {
        use ChainValidationResult::{Expired, Untrusted};

        let cache = Cache::new();
        let validating = || Control::new().server_custom_validation(|_| async { panic!("nobody asks") });
        let (one, other) = (validating(), validating());
        let of = |control: &Control| cache.slot(&control.extras().certificates);
        assert!(Arc::ptr_eq(&of(&one), &of(&one.clone())));
        assert!(!Arc::ptr_eq(&of(&one), &of(&other)));
        let ignoring = |errors: &[_]| Control::new().ignorable_server_certificate_errors(errors.to_vec());
        assert!(Arc::ptr_eq(&of(&ignoring(&[Expired, Untrusted])), &of(&ignoring(&[Untrusted, Expired, Expired]))));
        assert!(!Arc::ptr_eq(&of(&ignoring(&[Expired, Untrusted])), &of(&ignoring(&[Expired]))));

        // Once a validation is gone nobody can have it.
        let held = cache.0.lock().unwrap().len();
        drop((one, other));
        of(&Control::new());
        assert_eq!(cache.0.lock().unwrap().len(), held - 1);

        let plain = of(&Control::new());
        assert!(!Arc::ptr_eq(&plain, &of(&Control::new().min_tls_version(TlsVersion::Tls13))));
        assert!(!Arc::ptr_eq(&plain, &of(&Control::new().key_log(true))));
        assert!(Arc::ptr_eq(&plain, &of(&Control::new())));
    }

    fn trusting(name: &str) -> Certificates {
        let mut params = rcgen::CertificateParams::new([name.to_owned()]).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        with_root(params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap().der().to_vec())
    }

    fn with_root(root: Vec<u8>) -> Certificates {
        Control::new().root_certificate(root).extras().certificates.clone()
    }
}
