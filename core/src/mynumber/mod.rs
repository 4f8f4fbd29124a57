//! The applications of the My Number card, one file each: a table, then the methods that read by it.
//!
//! To add one, write its file and add its row below.

macro_rules! applications {
    ($($(#[$doc:meta])* $module:ident :: $table:ident;)*) => {
        $($(#[$doc])* pub mod $module;)*
        /// Every application that Kazasu knows.
        pub static APPLICATIONS: &[&crate::table::Application] = &[$(&$module::$table),*];
    };
}

applications! {
    /// 公的個人認証AP: two certificates, two keys.
    jpki::JPKI;
    /// 券面事項入力補助AP: the My Number and the four attributes as text.
    text::TEXT;
    /// 券面事項確認AP: what is printed on the card, as images.
    surface::SURFACE;
    /// 共通カードAP: what every application of the card shares.
    common::COMMON;
    /// The card manager: data objects outside any application.
    master::MASTER;
}

/// Everything that holds or reads personal data out of a card file fails the same way.
fn unreadable(reason: crate::tlv::TlvError) -> crate::error::Error {
    let reason = crate::error::Malformed::Tlv(reason);
    crate::error::Error::Malformed { step: crate::error::Step::Read, reason }
}

/// A field that does not hold what it should.
const CONTENT: crate::error::Error =
    crate::error::Error::Malformed { step: crate::error::Step::Read, reason: crate::error::Malformed::Content };
