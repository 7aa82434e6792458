//! Authorities that a program adds, beside a platform whose verifier takes none: Android's.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use rustls::{
    CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::CryptoProvider,
    pki_types::{CertificateDer, ServerName, UnixTime},
};

/// Believes what leads to an added authority, and otherwise whom the platform believes.
#[derive(Debug)]
pub(super) struct Beside {
    platform: Arc<dyn ServerCertVerifier>,
    added: Option<Arc<WebPkiServerVerifier>>,
}

impl Beside {
    pub(super) fn new(
        platform: Arc<dyn ServerCertVerifier>,
        roots: &[CertificateDer<'static>],
        provider: &Arc<CryptoProvider>,
    ) -> Result<Self, Error> {
        if roots.is_empty() {
            return Ok(Self { platform, added: None });
        }
        let mut store = RootCertStore::empty();
        for root in roots {
            store.add(root.clone())?;
        }
        let added = WebPkiServerVerifier::builder_with_provider(Arc::new(store), provider.clone()).build();
        let added = added.map_err(|error| Error::General(error.to_string()))?;
        Ok(Self { platform, added: Some(added) })
    }

    /// Asks the platform. Android's verifier panics before the program has initialised it; here that is an error.
    fn ask_platform(&self, ask: impl FnOnce(&dyn ServerCertVerifier) -> Verified) -> Verified {
        catch_unwind(AssertUnwindSafe(|| ask(&*self.platform))).unwrap_or_else(|_| Err(Error::General(UNUSABLE.into())))
    }
}

impl ServerCertVerifier for Beside {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Verified {
        let ask =
            |verifier: &dyn ServerCertVerifier| verifier.verify_server_cert(end_entity, intermediates, name, ocsp, now);
        let Some(added) = &self.added else { return self.ask_platform(ask) };
        match ask(&**added) {
            Err(Error::InvalidCertificate(CertificateError::UnknownIssuer)) => self.ask_platform(ask),
            // Such as an expired certificate, which counts before its issuer is looked for. Whoever ignores it asks again.
            Err(error) => self.ask_platform(ask).map_err(|_| error),
            verified => verified,
        }
    }

    // A signature is no matter of trust.

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.platform.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.platform.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.platform.supported_verify_schemes()
    }
}

type Verified = Result<ServerCertVerified, Error>;

const UNUSABLE: &str =
    "the platform's verifier cannot be used: call rustls_platform_verifier::android::init_with_env first";

#[cfg(test)]
mod tests {
    use std::{error, sync::LazyLock};

    use rcgen::{BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
    use rustls::crypto::ring;

    use super::*;

    static PROVIDER: LazyLock<Arc<CryptoProvider>> = LazyLock::new(|| Arc::new(ring::default_provider()));

    type Authority = CertifiedIssuer<'static, KeyPair>;
    type Outcome<T = ()> = Result<T, Box<dyn error::Error>>;

    fn authority(name: &str) -> Outcome<Authority> {
        let mut params = CertificateParams::new([])?;
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Ok(CertifiedIssuer::self_signed(params, KeyPair::generate()?)?)
    }

    fn server(issuer: &Authority, last_year: i32) -> Outcome<Certificate> {
        let mut params = CertificateParams::new(["localhost".to_owned()])?;
        params.not_after = date_time_ymd(last_year, 1, 1);
        Ok(params.signed_by(&KeyPair::generate()?, issuer)?)
    }

    /// A platform that trusts one authority of its own.
    fn platform(own: &Authority) -> Outcome<Arc<dyn ServerCertVerifier>> {
        let mut store = RootCertStore::empty();
        store.add(own.der().clone())?;
        Ok(WebPkiServerVerifier::builder_with_provider(Arc::new(store), PROVIDER.clone()).build()?)
    }

    fn ask(verifier: &Beside, server: &Certificate) -> Verified {
        let name = ServerName::try_from("localhost").map_err(|error| Error::General(error.to_string()))?;
        verifier.verify_server_cert(server.der(), &[], &name, &[], UnixTime::now())
    }

    #[test]
    fn an_added_authority_is_believed_beside_those_of_the_platform() -> Outcome {
        let (own, added, other) = (authority("own")?, authority("added")?, authority("other")?);
        let with = Beside::new(platform(&own)?, &[added.der().clone()], &PROVIDER)?;
        let without = Beside::new(platform(&own)?, &[], &PROVIDER)?;
        // Who has signed, until when it is valid, and what is wrong with it: with the added authority, and without.
        let (unknown, expired) = (Some("UnknownIssuer"), Some("Expired"));
        let table = [
            (&own, 2999, None, None),
            (&added, 2999, None, unknown),
            (&other, 2999, unknown, unknown),
            (&own, 2001, expired, expired),
            // A time that is over is found before an issuer that is unknown.
            (&added, 2001, expired, expired),
            (&other, 2001, expired, expired),
        ];
        for (index, (issuer, last_year, wrong_with, wrong_without)) in table.into_iter().enumerate() {
            let server = server(issuer, last_year)?;
            for (verifier, wrong) in [(&with, wrong_with), (&without, wrong_without)] {
                let found = ask(verifier, &server).err().map(|error| format!("{error:?}"));
                let is_it = match (&found, wrong) {
                    (None, None) => true,
                    (Some(found), Some(wrong)) => found.contains(wrong),
                    _ => false,
                };
                assert!(is_it, "row {index}: {found:?} instead of {wrong:?}");
            }
        }
        Ok(())
    }

    /// As Android's is before it is initialised.
    #[derive(Debug)]
    struct Uninitialised;

    impl ServerCertVerifier for Uninitialised {
        fn verify_server_cert(
            &self,
            _: &CertificateDer<'_>,
            _: &[CertificateDer<'_>],
            _: &ServerName<'_>,
            _: &[u8],
            _: UnixTime,
        ) -> Verified {
            panic!("not initialised")
        }

        fn verify_tls12_signature(
            &self,
            _: &[u8],
            _: &CertificateDer<'_>,
            _: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            panic!("not initialised")
        }

        fn verify_tls13_signature(
            &self,
            _: &[u8],
            _: &CertificateDer<'_>,
            _: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            panic!("not initialised")
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            Vec::new()
        }
    }

    #[test]
    fn a_platform_that_panics_is_an_error_and_an_added_authority_does_without_it() -> Outcome {
        let (added, other) = (authority("added")?, authority("other")?);
        let verifier = Beside::new(Arc::new(Uninitialised), &[added.der().clone()], &PROVIDER)?;
        assert!(ask(&verifier, &server(&added, 2999)?).is_ok());
        let error = ask(&verifier, &server(&other, 2999)?).err().map(|error| error.to_string());
        assert!(error.as_ref().is_some_and(|error| error.contains("init_with_env")), "{error:?}");
        Ok(())
    }
}
