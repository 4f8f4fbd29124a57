//! What hosts say and declare that is not of the card protocol: their own errors, the lines on the NFC sheet, the
//! application identifiers that an app must list.

use crate::error::{Explanation, KazasuError};
use kazasu_catalogue::{HostTrouble, Lang};

/// A line for the holder while a card is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum Prompt {
    /// Before there is a card.
    Hold,
    /// The same, where the antenna is in the upper part of the phone's back.
    HoldTop,
    /// In the middle.
    HoldMiddle,
    /// In the lower part.
    HoldBottom,
    /// While it is being read.
    Reading,
    /// It slipped away.
    HoldAgain,
    /// It slipped away more than once.
    OtherPlace,
    /// There are several.
    OneCard,
    /// The end.
    Done,
}

impl From<Prompt> for kazasu_catalogue::Prompt {
    fn from(prompt: Prompt) -> Self {
        match prompt {
            Prompt::Hold => Self::Hold,
            Prompt::HoldTop => Self::HoldTop,
            Prompt::HoldMiddle => Self::HoldMiddle,
            Prompt::HoldBottom => Self::HoldBottom,
            Prompt::Reading => Self::Reading,
            Prompt::HoldAgain => Self::HoldAgain,
            Prompt::OtherPlace => Self::OtherPlace,
            Prompt::OneCard => Self::OneCard,
            Prompt::Done => Self::Done,
        }
    }
}

fn lang(japanese: bool) -> Lang {
    if japanese { Lang::Ja } else { Lang::En }
}

/// A host's own error, by its number (501 to 510), for the holder: Japanese or English.
#[uniffi::export]
pub fn explain_host(number: u16, japanese: bool) -> Result<Option<Explanation>, KazasuError> {
    Ok(HostTrouble::numbered(number).map(|trouble| Explanation::of(&trouble, lang(japanese))))
}

/// A line for the NFC sheet.
#[uniffi::export]
pub fn prompt(line: Prompt, japanese: bool) -> Result<String, KazasuError> {
    Ok(kazasu_catalogue::Prompt::from(line).text(lang(japanese)).to_owned())
}

/// The application identifiers that operations select, in hexadecimal: what an app lists in its Info.plist.
#[uniffi::export]
pub fn application_ids() -> Result<Vec<String>, KazasuError> {
    let hex = |aid: &[u8]| aid.iter().map(|byte| format!("{byte:02X}")).collect();
    Ok(kazasu_core::plan::applications().iter().map(|application| hex(application.aid)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_s_error_is_explained_by_its_number() {
        let said = explain_host(502, true).expect("a text").expect("an error");
        assert_eq!(said.what, "NFCがオフになっています。");
        assert_eq!(explain_host(101, true), Ok(None));
    }

    #[test]
    fn an_app_lists_the_four_applications_that_a_plan_selects() {
        let four = ["D3921000310001010100", "D392F000260100000001", "D3921000310001010408", "D3921000310001010402"];
        assert_eq!(application_ids().expect("identifiers"), four);
    }
}
