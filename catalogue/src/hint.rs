//! What the command line adds to an error of the card protocol: its own command or option that helps. An app has
//! neither, so the texts in `errors.rs` name none.

use crate::Lang;
use kazasu_core::error::{Error, Step};
use kazasu_core::mynumber::APPLICATIONS;

/// For the command line alone.
#[must_use]
pub fn command_hint(error: &Error, lang: Lang) -> Option<&'static str> {
    Some(match error {
        Error::LastTry { .. } => lang.pick("--allow-last-try allows it.", "許可するには --allow-last-try を付けます。"),
        Error::Absent { what } if APPLICATIONS.iter().any(|application| application.title == *what) => lang
            .pick("`kazasu status` says what is there now.", "いま何が置かれているかは `kazasu status` でわかります。"),
        Error::Absent { what: "signature certificate" } => return None,
        Error::Absent { .. } => {
            lang.pick("`kazasu status` says what this card has.", "このカードの内容は `kazasu status` でわかります。")
        }
        Error::Refused { step: Step::Verify | Step::Change, .. } | Error::OutcomeUnknown { .. } => {
            lang.pick("`kazasu status` says how many tries are left.", "残り回数は `kazasu status` でわかります。")
        }
        Error::Refused { .. } | Error::Malformed { .. } => lang.pick(
            "With -v it shows the commands, without secrets, for the report.",
            "報告には -v の出力(秘密は含まれません)を添えてください。",
        ),
        _ => return None,
    })
}
