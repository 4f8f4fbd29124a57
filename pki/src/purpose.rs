//! The two certificates of a holder, kept apart by type: a signing key never logs in, an authentication key never
//! signs a document.

use der::asn1::ObjectIdentifier;

mod sealed {
    pub trait Sealed {}
}

/// What a certificate and its key are for. Profile: J-LIS's certificate profile 3.2, with the evidence in each line.
pub trait Purpose: sealed::Sealed {
    /// The card's other key.
    type Other: Purpose;
    /// For programs.
    const CODE: &'static str;
    /// KeyUsage, DER; critical. Official (profile) and measured on test certificates.
    const KEY_USAGE: &'static [u8];
    /// extendedKeyUsage is clientAuth, or absent. Measured on test certificates.
    const CLIENT_AUTH: bool;
    /// certificatePolicies on real cards. Inferred: one source.
    const POLICY: ObjectIdentifier;
    /// certificatePolicies in the test hierarchy. Measured on test certificates.
    const TEST_POLICY: ObjectIdentifier;
    /// Pins of the production authorities: see [`crate::anchors`].
    const PINS: &'static [crate::anchors::Pin];
}

/// 署名用電子証明書: carries name, address, birth date and sex; its key signs documents.
pub enum Signing {}

/// 利用者証明用電子証明書: carries no attribute; its key logs in.
pub enum UserAuthentication {}

impl sealed::Sealed for Signing {}
impl sealed::Sealed for UserAuthentication {}

impl Purpose for Signing {
    type Other = UserAuthentication;
    const CODE: &'static str = "signing";
    /// digitalSignature and nonRepudiation.
    const KEY_USAGE: &'static [u8] = &[0x03, 0x02, 0x06, 0xC0];
    const CLIENT_AUTH: bool = false;
    const POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.392.200149.8.5.1.1.20");
    const TEST_POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.392.200149.8.5.1.0.20");
    const PINS: &'static [crate::anchors::Pin] = &crate::anchors::SIGNING;
}

impl Purpose for UserAuthentication {
    type Other = Signing;
    const CODE: &'static str = "user-authentication";
    /// digitalSignature.
    const KEY_USAGE: &'static [u8] = &[0x03, 0x02, 0x07, 0x80];
    const CLIENT_AUTH: bool = true;
    const POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.392.200149.8.5.1.3.30");
    const TEST_POLICY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.392.200149.8.5.1.0.30");
    const PINS: &'static [crate::anchors::Pin] = &crate::anchors::USER_AUTHENTICATION;
}
