//! Card-verifiable certificates: what a municipality's key is signed with, in the two 券面 applications.
//!
//! ```text
//! 7F21 { 5F4E { issuer key id 16, subject key id 16, 90 03 010001, 91 8201 00 modulus }   297 bytes
//!        5F37 { signature over the value of 5F4E } }                                      PKCS#1 v1.5, SHA-256
//! ```
//!
//! A key identifier is seven digits, `08 05`, three digits, three zeros and a last byte. The first five digits of a
//! municipality's are its code (全国地方公共団体コード without the check digit; Measured on the published test card).

use crate::anchors::hex;
use crate::finding::{Outcome, Reason};
use crate::opened::signed_digest;
use kazasu_core::table::Evidence;
use kazasu_core::tlv::{Cursor, Tlv};
use rsa::traits::PublicKeyParts as _;
use rsa::{BigUint, RsaPublicKey};
use thiserror::Error;

/// Names a key.
pub type KeyId = [u8; 16];

/// The authorities of one application certify nothing in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chain {
    /// Data objects outside any application.
    MasterFile,
    /// 券面事項確認AP.
    Surface,
    /// 券面事項入力補助AP.
    Text,
}

/// A key that certifies municipalities. It is not on the card.
#[derive(Clone, Copy)]
pub struct CvAuthority {
    /// Where it certifies.
    pub chain: Chain,
    /// What certificates call it.
    pub id: KeyId,
    /// Big-endian; the exponent is 65537.
    pub modulus: [u8; 256],
}

/// One authority of J-LIS's, and how sure that is.
pub struct Row {
    /// The key.
    pub authority: CvAuthority,
    /// [`Evidence::Measured`]: see [`PRODUCTION`].
    pub evidence: Evidence,
}

const fn row(chain: Chain, id: &str, modulus: &str) -> Row {
    Row { authority: CvAuthority { chain, id: hex(id), modulus: hex(modulus) }, evidence: Evidence::Measured }
}

/// The three keys above real cards: 5000020, 5000023, 5000033.
///
/// J-LIS does not publish them. They are measured, and by one source: the author of the public client myna-card (3.3.4)
/// gives them as what every card that he examined was certified with. A genuine card under a key that is not here gets
/// [`Reason::UnknownIssuer`]; compare with a card of your own before you refuse people for that.
#[rustfmt::skip]
pub static PRODUCTION: [Row; 3] = [
    row(
        Chain::MasterFile,
        "353030303032300805303031000000A8",
        "B62D081145D34ACEB022BC2F0A08D8B390E42FFEEEC93472F675EC33507BBCE982C22F33B7304CF17639CE75A1D0FD1E\
             75FFAD86B0D72CCCF0D0B05136DDB7261400C0160C713872E1E83C48A2A00818147FEFBF0B09F643EE4B328419E87637\
             67ADBEAEBA88D49C3B44A5B8F8AD794FCF64A4161A9FE8B97660FCA4694114594D4B8498FE1E52502086ABC1B0EDA004\
             D39D95193B4031AB0C516008BBAFFC49AC6A2EBE544EF49EA3B790CD13F133896DF8DA63E15CE8AC0DC276F76F080B72\
             3E6648F10A6FB7B08E5C69DCDFADD52F7B5B6D1740CF8E356BC685B31D7C455680CD95D3B4B20EA8094F00660AE774EE\
             BAB2875487A1210CA87221A0B63A3E83",
    ),
    row(
        Chain::Surface,
        "35303030303233080530303100000000",
        "B2F740F0AD86D17CF3F537D23B4B3C65A3CB58474D857F55D0B9BC0411B1CB0849068DE332A50D63B3E6921C9CCBE615\
             6496EFB04BE8FFCC74FDE9A228A36AD7EDCE9793204E35973DC911108365002C40169E0B60018DFB99E1E2310D9A110F\
             F0FC269F1F220C63B8A1510DE5A6898220C78908FC280D8AA95D5D113B7CF00700F3FF5AD8B3D6AD2EB53C7D563498B4\
             A938DEFFC9BDA32BF4146C1B07EF870D99EB35DE5D70AC18715874277A13151D217D04D42E97923923A40FBC7D06FAA8\
             338CCBE876620F9B8EF4471CD4B9E29D4EA621E0FB8F1DC04B487210097DBAAF3D8E0550C76A5B97CF202FA47C7A2622\
             F1C084E65C13D13B8E7AB226F5F51F87",
    ),
    row(
        Chain::Text,
        "35303030303333080530303100000000",
        "D24615F63525E740C87E83ED64787E76D10A1F8652EBE1EA28934D35CE3BF07716F5B79E2BCB2AE2B91B4F4C9FFB6024\
             97F596D659AF9D0A14B45CDD738EF56249349B8CC7DB32F2D433BD39BCC44F503E881D56C149ECD5155C1CE7461FC3AC\
             4F55D0A39CCAAADFAE5B8AFA11CCF91BEDC774023D11CA6EBA99004F81C541A7D67DDED8C724D6E20B10A3DEAAE8C43C\
             137CCD71B263740E8979752DE4D5676329CABCBD7F3A77FC48A6F8E61D399B4AC66684A9FDFC99ECEF900DD6FF7F0FDD\
             39E23D163F8A468C62DBEAE00906DFAD5A89B45CA5B7353DC998A80D3803EDA794B55F99F535D1C39A243C8352AD602D\
             926C389D2816C941349EE24E4F41597F",
    ),
];

/// The authorities that are believed.
pub struct CvAuthorities {
    authorities: Vec<CvAuthority>,
    test: bool,
}

impl CvAuthorities {
    /// Those of [`PRODUCTION`].
    #[must_use]
    pub fn production() -> Self {
        Self { authorities: PRODUCTION.iter().map(|row| row.authority).collect(), test: false }
    }

    /// Only these, and every result is stamped as a test's. Never in an app that meets real cards.
    #[must_use]
    pub fn test_only(authorities: &[CvAuthority]) -> Self {
        Self { authorities: authorities.to_vec(), test: true }
    }

    pub(crate) fn is_test(&self) -> bool {
        self.test
    }
}

/// Bytes that are not the record they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("these bytes are not this record of the card; read it again")]
pub struct RecordError;

/// A municipality's certificate, borrowed from its record.
pub struct CvCertificate<'a> {
    issuer: &'a KeyId,
    subject: &'a KeyId,
    key: RsaPublicKey,
    body: &'a [u8],
    signature: &'a [u8],
}

impl<'a> CvCertificate<'a> {
    /// From EF 0004 of either application.
    ///
    /// # Errors
    /// [`RecordError`].
    pub fn parse(record: &'a [u8]) -> Result<Self, RecordError> {
        let [body, signature] = objects(record, 0x7F21, [0x5F4E, 0x5F37])?;
        let (issuer, rest) = body.value.split_first_chunk::<16>().ok_or(RecordError)?;
        let (subject, key) = rest.split_first_chunk::<16>().ok_or(RecordError)?;
        if !subject[..7].iter().all(u8::is_ascii_digit) {
            return Err(RecordError);
        }
        let key = public_key(key)?;
        Ok(Self { issuer, subject, key, body: body.value, signature: signature.value })
    }

    /// The municipality's code: five digits.
    #[must_use]
    pub fn municipality(&self) -> &'a str {
        // Digits, as `parse` has seen.
        core::str::from_utf8(&self.subject[..5]).unwrap_or_default()
    }

    pub(crate) fn key(&self) -> &RsaPublicKey {
        &self.key
    }

    /// Whether an authority of this chain is named, and whether its key signed; `None` where there is no key to ask.
    pub(crate) fn examine(&self, chain: Chain, authorities: &CvAuthorities) -> (Outcome, Option<Outcome>) {
        let Some(authority) = authorities.authorities.iter().find(|authority| authority.id == *self.issuer) else {
            return (Outcome::Fails(Reason::UnknownIssuer), None);
        };
        let named = if authority.chain == chain { Outcome::Holds } else { Outcome::Fails(Reason::WrongChain) };
        let signed = match RsaPublicKey::new(BigUint::from_bytes_be(&authority.modulus), 65_537_u32.into()) {
            Ok(key) => signed_digest(&key, self.signature, &[self.body]),
            Err(_) => Outcome::Fails(Reason::Weak),
        };
        (named, Some(signed))
    }
}

/// The objects in a record: exactly these, in this order, and nothing behind the record.
pub(crate) fn objects<const N: usize>(record: &[u8], tag: u32, tags: [u32; N]) -> Result<[Tlv<'_>; N], RecordError> {
    let objects = children(record, tag)?;
    let objects: [Tlv<'_>; N] = objects.try_into().map_err(|_| RecordError)?;
    let as_they_should_be = objects.iter().map(|object| object.tag).eq(tags);
    as_they_should_be.then_some(objects).ok_or(RecordError)
}

/// All objects in a record that is nothing but one object with this tag.
pub(crate) fn children(record: &[u8], tag: u32) -> Result<Vec<Tlv<'_>>, RecordError> {
    let file = Tlv::first(record).map_err(|_| RecordError)?;
    if file.tag != tag || file.whole.len() != record.len() {
        return Err(RecordError);
    }
    all(file.children())
}

fn all(mut cursor: Cursor<'_>) -> Result<Vec<Tlv<'_>>, RecordError> {
    let mut objects = Vec::new();
    while let Some(object) = cursor.next_object().map_err(|_| RecordError)? {
        objects.push(object);
    }
    Ok(objects)
}

/// `90 03 010001, 91 8201 00 modulus`: how the card writes an RSA key. 2048 bits with exponent 65537, or it is none.
pub(crate) fn public_key(bytes: &[u8]) -> Result<RsaPublicKey, RecordError> {
    let objects: [Tlv<'_>; 2] = all(Cursor::new(bytes))?.try_into().map_err(|_| RecordError)?;
    let [exponent, modulus] = objects;
    if (exponent.tag, modulus.tag, exponent.value, modulus.value.len()) != (0x90, 0x91, &[1, 0, 1][..], 256) {
        return Err(RecordError);
    }
    let key = RsaPublicKey::new(BigUint::from_bytes_be(modulus.value), 65_537_u32.into()).map_err(|_| RecordError)?;
    if key.size() == 256 && key.n().bits() == 2_048 { Ok(key) } else { Err(RecordError) }
}
