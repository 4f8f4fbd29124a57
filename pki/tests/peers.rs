//! What is believed here is believed by OpenSSL and by certval too, among some thousand changed certificates that the
//! authority itself signed.

mod authority;

use authority::*;
use certval::{
    CertificationPath, CertificationPathResults, CertificationPathSettings, PDVCertificate, PDVTrustAnchorChoice,
    PkiEnvironment, TimeOfInterest, validate_path_rfc5280,
};
use kazasu_pki::finding::Conclusion;
use kazasu_pki::path::examine;
use kazasu_pki::revocation::NotAsked;
use kazasu_pki::{Anchors, Check, Purpose, Signing, TransientCertificate, UserAuthentication};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};
use std::collections::BTreeSet;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

/// Changed certificates of each purpose.
const ROUNDS: u32 = 2_000;

/// A value in DER, taken apart as far as it can be.
enum Tree {
    Leaf(u8, Vec<u8>),
    Node(u8, Vec<Tree>),
}

impl Tree {
    fn of(der: &[u8]) -> Vec<Self> {
        let mut rest = der;
        let mut found = Vec::new();
        while rest.len() >= 2 {
            let (length, header) = match rest[1] {
                short @ 0..=0x7F => (usize::from(short), 2),
                0x81 => (usize::from(rest[2]), 3),
                _ => (usize::from(rest[2]) << 8 | usize::from(rest[3]), 4),
            };
            let body = &rest[header..header + length];
            // Extensions hold DER in an OCTET STRING.
            let inside = rest[0] & 0x20 != 0 || (rest[0] == 4 && body.first() == Some(&0x30));
            found.push(if inside { Self::Node(rest[0], Self::of(body)) } else { Self::Leaf(rest[0], body.to_vec()) });
            rest = &rest[header + length..];
        }
        found
    }

    fn der(&self) -> Vec<u8> {
        match self {
            Self::Leaf(tag, body) => tlv(*tag, std::slice::from_ref(body)),
            Self::Node(tag, parts) => tlv(*tag, &parts.iter().map(Self::der).collect::<Vec<_>>()),
        }
    }

    /// Changes something somewhere below.
    fn change(&mut self, random: &mut ChaCha20Rng) {
        let pick = |random: &mut ChaCha20Rng, of: usize| random.next_u32() as usize % of.max(1);
        match self {
            Self::Node(_, parts) if !parts.is_empty() => {
                let place = pick(random, parts.len());
                match pick(random, 16) {
                    0 => drop(parts.remove(place)),
                    1 => {
                        let again = Self::of(&parts[place].der());
                        parts.splice(place..place, again).for_each(drop);
                    }
                    2 => parts.swap(place, 0),
                    _ => parts[place].change(random),
                }
            }
            Self::Node(tag, _) => *tag ^= 1 << pick(random, 6),
            Self::Leaf(tag, body) => match pick(random, 8) {
                0 => *tag ^= 1 << pick(random, 5),
                1 => body.clear(),
                2 => body.push(random.next_u32() as u8),
                3 => drop(body.pop()),
                _ if body.is_empty() => body.push(random.next_u32() as u8),
                _ => {
                    let place = pick(random, body.len());
                    body[place] ^= 1 << pick(random, 8);
                }
            },
        }
    }
}

/// Changed signed parts: every other one by a bit anywhere, the rest by their structure.
fn changed(card: &[u8]) -> Vec<Vec<u8>> {
    let mut random = ChaCha20Rng::from_seed([42; 32]);
    let tbs = parts(card)[0].clone();
    (0..ROUNDS)
        .map(|round| {
            if round % 2 == 0 {
                let mut bytes = tbs.clone();
                let place = random.next_u32() as usize % bytes.len();
                bytes[place] ^= 1 << (random.next_u32() % 8);
                return bytes;
            }
            let mut tree = Tree::of(&tbs);
            tree[0].change(&mut random);
            tree[0].der()
        })
        .collect()
}

/// Those of these files that OpenSSL believes, and what it said about the others.
fn believed_by_openssl(
    ca: &[u8],
    policy: &str,
    folder: &std::path::Path,
    files: &[String],
) -> (BTreeSet<String>, String) {
    let pem = der::pem::encode_string("CERTIFICATE", der::pem::LineEnding::LF, ca).expect("PEM");
    std::fs::write(folder.join("ca.pem"), pem).expect("a file");
    let said = Command::new("openssl")
        .current_dir(folder)
        .args(["verify", "-CAfile", "ca.pem", "-no-CApath", "-attime", "1795132800"])
        .args(["-policy_check", "-explicit_policy", "-policy", policy])
        .args(files)
        .output()
        .expect("openssl");
    let text = String::from_utf8_lossy(&said.stdout);
    let believed = text.lines().filter_map(|line| line.strip_suffix(": OK")).map(str::to_owned).collect();
    (believed, String::from_utf8_lossy(&said.stderr).into_owned())
}

/// certval's opinion about a certificate under one authority.
fn opinion(der: &[u8], ca: &[u8], policy: &str, at: SystemTime) -> Result<(), String> {
    let mut environment = PkiEnvironment::default();
    environment.populate_5280_pki_environment();
    let mut settings = CertificationPathSettings::new();
    let seconds = at.duration_since(UNIX_EPOCH).map_err(|error| error.to_string())?.as_secs();
    settings.set_time_of_interest(TimeOfInterest::from_unix_secs(seconds).map_err(|error| error.to_string())?);
    settings.set_require_ta_store(false);
    settings.set_initial_explicit_policy_indicator(true);
    settings.set_initial_policy_set(vec![policy.to_owned()]);
    let target = PDVCertificate::try_from(der).map_err(|error| error.to_string())?;
    let anchor = PDVTrustAnchorChoice::try_from(ca).map_err(|error| error.to_string())?;
    let path = CertificationPath::new(anchor, Vec::new(), target);
    let mut results = CertificationPathResults::new();
    validate_path_rfc5280(&environment, &settings, &path, &mut results).map_err(|error| format!("{error:?}"))
}

/// How many were believed here; each of them has to be believed there too.
fn compare<P: Purpose>(file: u16, authority_name: &str) -> usize {
    let folder = tempfile::tempdir().expect("a folder");
    let ca = authority(authority_name);
    let anchors = Anchors::<P>::test_only(&[&ca]).expect("an authority");
    let policy = P::TEST_POLICY.to_string();
    let (mut files, mut unlike) = (Vec::new(), Vec::new());
    for (round, tbs) in changed(&card(file)).iter().enumerate() {
        let der = signed(tbs, key(&format!("ca/{authority_name}")));
        let Ok(certificate) = TransientCertificate::<P>::new(&der) else { continue };
        let examined = examine(&certificate, &anchors, today(), &NotAsked).expect("findings");
        if examined.findings.conclusion(&[Check::Revocation]) != Conclusion::EverythingAsked {
            continue;
        }
        if let Err(why) = opinion(&der, &ca, &policy, today()) {
            unlike.push(format!("certval, {round}: {why}"));
        }
        let name = format!("{round}.der");
        std::fs::write(folder.path().join(&name), &der).expect("a file");
        files.push(name);
    }
    let (believed, said) = believed_by_openssl(&ca, &policy, folder.path(), &files);
    for name in files.iter().filter(|name| !believed.contains(*name)) {
        let der = std::fs::read(folder.path().join(name)).expect("a file");
        unlike.push(format!("OpenSSL, {name}: {}", hex::encode(der)));
    }
    assert!(unlike.is_empty(), "{}\n{said}", unlike.join("\n"));
    files.len()
}

#[test]
fn what_is_believed_of_two_thousand_changed_signing_certificates_others_believe_too() {
    assert_eq!(compare::<Signing>(0x01, "sign-ca-2"), 682);
}

#[test]
fn what_is_believed_of_two_thousand_changed_authentication_certificates_others_believe_too() {
    assert_eq!(compare::<UserAuthentication>(0x0A, "auth-ca-2"), 679);
}

#[test]
fn a_changed_byte_anywhere_in_a_certificate_is_not_believed() {
    let anchors = Anchors::<UserAuthentication>::test_only(&[&authority("auth-ca-2")]).expect("an authority");
    let card = card(0x0A);
    for place in 0..card.len() {
        let mut der = card.clone();
        der[place] ^= 1 << (place % 8);
        let Ok(certificate) = TransientCertificate::new(&der) else { continue };
        let examined = examine(&certificate, &anchors, today(), &NotAsked).expect("findings");
        assert!(
            matches!(examined.findings.conclusion(&[Check::Revocation]), Conclusion::Fails(..)),
            "byte {place} does not matter"
        );
    }
}

#[test]
fn the_others_believe_the_card_itself_and_neither_believes_another_time_policy_or_authority() {
    let (card, ca, other) = (card(0x0A), authority("auth-ca-2"), authority("auth-ca-1"));
    let policy = UserAuthentication::TEST_POLICY.to_string();
    assert_eq!(opinion(&card, &ca, &policy, today()), Ok(()));
    assert!(opinion(&card, &ca, &Signing::TEST_POLICY.to_string(), today()).is_err());
    assert!(opinion(&card, &other, &policy, today()).is_err());
    let later = today() + std::time::Duration::from_secs(10 * 365 * 86_400);
    assert!(opinion(&card, &ca, &policy, later).is_err());
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("card"), &card).expect("a file");
    let one = |ca: &[u8], policy: &str| {
        believed_by_openssl(ca, policy, folder.path(), &["card".to_owned()]).0.contains("card")
    };
    assert!(one(&ca, &policy));
    assert!(!one(&other, &policy));
    assert!(!one(&ca, &Signing::TEST_POLICY.to_string()));
}
