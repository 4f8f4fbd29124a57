//! The token on the wire: one JSON object (Web eID authentication token, format 1.0).

use crate::algorithm::Algorithm;
use base64ct::{Base64, Encoding as _};
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, Visitor};
use std::collections::BTreeSet;
use std::fmt;
use zeroize::Zeroizing;

/// In bytes; a token of these cards has about 3 000.
pub const LONGEST_TOKEN: usize = 16_384;

/// Ours; a consumer takes every minor version of the major one that it knows.
const FORMAT: &str = "web-eid:1.0";
/// Which program made the token, and its version; nobody may rely on it.
const APP_VERSION: &str = concat!("kazasu/", env!("CARGO_PKG_VERSION"));

/// What a token says. Nothing of it has been checked.
pub(super) struct Token {
    pub(super) certificate: Zeroizing<Vec<u8>>,
    /// `None` for one that is not known.
    pub(super) algorithm: Option<Algorithm>,
    /// As on the wire.
    pub(super) signature: Vec<u8>,
}

/// Why there is none.
#[derive(Debug)]
pub(super) enum NoToken {
    Unreadable,
    Version,
}

/// Reads a token.
pub(super) fn read(json: &[u8]) -> Result<Token, NoToken> {
    if json.len() > LONGEST_TOKEN {
        return Err(NoToken::Unreadable);
    }
    let mut reader = serde_json::Deserializer::from_slice(json);
    let members = Members.deserialize(&mut reader).and_then(|members| reader.end().map(|()| members));
    let members = members.map_err(|_| NoToken::Unreadable)?;
    let [Some(certificate), Some(algorithm), Some(signature), Some(format)] = members else {
        return Err(NoToken::Unreadable);
    };
    if !known(&format) {
        return Err(NoToken::Version);
    }
    let bytes = |text: &str| Base64::decode_vec(text).map_err(|_| NoToken::Unreadable);
    let algorithm = [Algorithm::Rs256, Algorithm::Es384].into_iter().find(|known| known.name() == *algorithm);
    Ok(Token { certificate: Zeroizing::new(bytes(&certificate)?), algorithm, signature: bytes(&signature)? })
}

/// Writes one.
pub(super) fn write(certificate: &[u8], algorithm: Algorithm, signature: &[u8]) -> Zeroizing<String> {
    let certificate = Zeroizing::new(Base64::encode_string(certificate));
    let signature = Base64::encode_string(signature);
    // None of these characters is escaped in JSON.
    let mut json = Zeroizing::new(String::with_capacity(certificate.len() + signature.len() + 256));
    let members = [
        ("{\"unverifiedCertificate\":\"", certificate.as_str()),
        ("\",\"algorithm\":\"", algorithm.name()),
        ("\",\"signature\":\"", &signature),
        ("\",\"format\":\"", FORMAT),
        ("\",\"appVersion\":\"", APP_VERSION),
    ];
    for (name, value) in members {
        json.push_str(name);
        json.push_str(value);
    }
    json.push_str("\"}");
    json
}

/// `web-eid:1`, or `web-eid:1.` and a number.
fn known(format: &str) -> bool {
    match format.strip_prefix("web-eid:1") {
        Some("") => true,
        Some(minor) => minor
            .strip_prefix('.')
            .is_some_and(|minor| (1..=3).contains(&minor.len()) && minor.bytes().all(|byte| byte.is_ascii_digit())),
        None => false,
    }
}

/// The members that mean something, in this order. Others may be there, as later minor versions have more; none may be
/// there twice, because then two readers could see two tokens.
const NAMES: [&str; 4] = ["unverifiedCertificate", "algorithm", "signature", "format"];

struct Members;

impl<'de> DeserializeSeed<'de> for Members {
    type Value = [Option<Zeroizing<String>>; 4];

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Members {
    type Value = [Option<Zeroizing<String>>; 4];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a token")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = [const { None }; 4];
        let mut seen = BTreeSet::new();
        while let Some(name) = map.next_key::<String>()? {
            match NAMES.iter().position(|known| *known == name) {
                Some(at) => members[at] = Some(Zeroizing::new(map.next_value::<String>()?)),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
            if !seen.insert(name) {
                return Err(A::Error::custom("a member twice"));
            }
        }
        Ok(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str =
        r#"{"unverifiedCertificate":"AAEC","algorithm":"RS256","signature":"AwQ=","format":"web-eid:1.0"}"#;

    fn refused(json: &str) -> bool {
        matches!(read(json.as_bytes()), Err(NoToken::Unreadable))
    }

    #[test]
    fn what_is_written_is_read_again() {
        let token = read(write(&[1, 2, 3], Algorithm::Rs256, &[4, 5]).as_bytes()).expect("a token");
        assert_eq!(
            (&**token.certificate, token.algorithm, &*token.signature),
            (&[1, 2, 3][..], Some(Algorithm::Rs256), &[4, 5][..])
        );
    }

    #[test]
    fn the_wire_format_is_web_eid_s() {
        let token = write(&[0, 1, 2], Algorithm::Es384, &[3, 4]);
        let value: serde_json::Value = serde_json::from_str(&token).expect("JSON");
        assert_eq!(value["unverifiedCertificate"], "AAEC");
        assert_eq!(value["algorithm"], "ES384");
        assert_eq!(value["signature"], "AwQ=");
        assert_eq!(value["format"], "web-eid:1.0");
        assert_eq!(value.as_object().map(serde_json::Map::len), Some(5));
    }

    #[test]
    fn members_that_nobody_knows_are_passed_over() {
        let more = GOOD.replace("{\"unv", "{\"issuerApp\":\"x\",\"later\":{\"a\":[1,2]},\"unv");
        assert!(read(more.as_bytes()).is_ok());
    }

    #[test]
    fn no_member_may_be_there_twice() {
        for twice in ["\"algorithm\":\"RS256\"", "\"format\":\"web-eid:1.0\"", "\"later\":1,\"later\":2"] {
            assert!(refused(&GOOD.replacen('{', &format!("{{{twice},"), 1)), "{twice}");
        }
        // Written differently, but the same name.
        assert!(refused(&GOOD.replacen('{', "{\"\\u0061lgorithm\":\"RS256\",", 1)));
    }

    #[test]
    fn each_member_must_be_there_and_be_text() {
        for name in NAMES {
            assert!(refused(&GOOD.replace(name, "other")), "{name}");
            assert!(refused(&GOOD.replace(&format!("\"{name}\":\""), &format!("\"{name}\":[\""))), "{name}");
        }
        assert!(refused(&GOOD.replace("\"AwQ=\"", "7")));
        assert!(refused(&GOOD.replace("\"AwQ=\"", "null")));
    }

    #[test]
    fn nothing_but_one_object_is_a_token() {
        for json in ["", "null", "[]", "\"token\"", "{", &format!("{GOOD}{GOOD}"), &format!("{GOOD} x")] {
            assert!(refused(json), "{json}");
        }
        assert!(read(format!(" {GOOD}\n").as_bytes()).is_ok());
        assert!(matches!(read(b"\xFF"), Err(NoToken::Unreadable)));
    }

    #[test]
    fn base64_is_the_strict_one() {
        for wrong in ["AwQ", "AwQ==", "AwR=", "Aw-_", "Aw Q="] {
            assert!(refused(&GOOD.replace("AwQ=", wrong)), "{wrong}");
        }
    }

    #[test]
    fn a_token_has_16_kib_and_not_a_byte_more() {
        let padded = |length: usize| format!("{GOOD}{}", " ".repeat(length - GOOD.len()));
        assert!(read(padded(LONGEST_TOKEN).as_bytes()).is_ok());
        assert!(refused(&padded(LONGEST_TOKEN + 1)));
    }

    #[test]
    fn each_minor_version_of_the_first_major_one_is_known_and_no_other() {
        for format in ["web-eid:1", "web-eid:1.0", "web-eid:1.1", "web-eid:1.12"] {
            assert!(known(format), "{format}");
        }
        for format in [
            "web-eid:2.0",
            "web-eid:1.",
            "web-eid:10",
            "web-eid:1.0.0",
            "web-eid:1.0000",
            "web-eid:1.x",
            "Web-eid:1.0",
            "",
        ] {
            assert!(!known(format), "{format}");
            assert!(matches!(read(GOOD.replace("web-eid:1.0", format).as_bytes()), Err(NoToken::Version)), "{format}");
        }
    }

    #[test]
    fn an_algorithm_outside_the_list_is_none() {
        for name in ["none", "rs256", "RS384", "PS256", "ES256", "HS256", ""] {
            let token = read(GOOD.replace("RS256", name).as_bytes()).expect("a token");
            assert_eq!(token.algorithm, None, "{name}");
        }
    }

    #[test]
    fn an_ecdsa_signature_on_the_wire_has_96_bytes() {
        let wire = [7; 96];
        let der = Algorithm::Es384.out_of_token(&wire).expect("a signature");
        assert_eq!(Algorithm::Es384.in_token(&der).as_deref(), Some(&wire[..]));
        assert_eq!(Algorithm::Es384.out_of_token(&wire[1..]), None);
        assert_eq!(Algorithm::Es384.out_of_token(&[0; 96]), None);
    }
}
