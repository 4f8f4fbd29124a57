//! Login tokens: only the one that the card made for this origin and nonce lets in, and it spends the nonce.
#![no_main]

use kazasu_fuzz::{AUTHENTICATION, today};
use kazasu_pki::login::{Origin, PairwiseKey, RevocationDemand, Verifier};
use kazasu_pki::revocation::NotAsked;
use kazasu_pki::{Nonce, NonceStore, TransientCertificate, UserAuthentication};
use libfuzzer_sys::fuzz_target;
use std::cell::Cell;
use std::time::SystemTime;

/// Knows one nonce.
struct One(Nonce, Cell<bool>);

impl NonceStore for One {
    type Session = ();

    fn consume(&self, nonce: &Nonce, _: SystemTime) -> Option<()> {
        (*nonce == self.0 && self.1.take()).then_some(())
    }
}

fuzz_target!(|token: &[u8]| {
    let nonce = Nonce::from_bytes(&[0x5A; 32]).expect("a nonce");
    let origin = Origin::new("https://example.jp").expect("an origin");
    let key = PairwiseKey::new(&[0x5A; 32]);
    let verifier = Verifier {
        origin: &origin,
        anchors: &AUTHENTICATION.anchors,
        revocation: &NotAsked,
        demand: RevocationDemand::GoodOrNotAsked,
        key: &key,
    };
    let store = One(nonce.clone(), Cell::new(true));
    if verifier.verify(token, &nonce, &store, today()).is_ok() {
        assert!(!store.1.get(), "a login left its nonce");
        assert!(verifier.verify(token, &nonce, &store, today()).is_err(), "a token let in twice");
        let other = One(Nonce::from_bytes(&[0xA5; 32]).expect("a nonce"), Cell::new(true));
        assert!(verifier.verify(token, &other.0, &other, today()).is_err(), "a token let in for two nonces");
    }
    // As a certificate it may be anything.
    let _ = TransientCertificate::<UserAuthentication>::new(token);
});
