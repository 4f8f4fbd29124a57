//! `kazasu attributes` and `kazasu my-number`: the card's data as text.

use super::status::iso;
use crate::args::Global;
use crate::card::Source;
use crate::failure::Failure;
use crate::secrets::{Asker, Holds, checked, kind_of, last_try};
use crate::ui::{Output, Ui, table};
use kazasu_catalogue::Word;
use kazasu_core::SecretKind;
use kazasu_core::mynumber::text::{Attributes, TEXT_BUFFER};
use kazasu_core::secret::{A, B, Text};
use kazasu_core::step::block_on;
use serde_json::json;
use zeroize::Zeroizing;

pub(super) fn attributes(global: &Global, asker: &mut Asker, source: &mut Source, ui: Ui) -> Result<Output, Failure> {
    let wanted = [SecretKind::TextPin, SecretKind::NumberB];
    let typed = asker.ask_with_tries(ui, source, Holds::Text, &wanted)?;
    let mut buf = Zeroizing::new([0; TEXT_BUFFER]);
    // The format is checked before the session that it is for.
    match kind_of(&typed, &wanted)? {
        SecretKind::NumberB => {
            let number = checked::<B>(&typed)?;
            block_on(async {
                let mut session = source.open(ui)?;
                let mut text = session.text().await?;
                let mut unlocked = text.unlock(number, last_try(global)).await?;
                Ok(shown(&unlocked.attributes(&mut buf[..]).await?, ui))
            })
        }
        _ => {
            let pin = checked::<Text>(&typed)?;
            block_on(async {
                let mut session = source.open(ui)?;
                let mut text = session.text().await?;
                let mut unlocked = text.unlock(pin, last_try(global)).await?;
                Ok(shown(&unlocked.attributes(&mut buf[..]).await?, ui))
            })
        }
    }
}

fn shown(attributes: &Attributes<'_>, ui: Ui) -> Output {
    let (sex, word) = sex(attributes.sex);
    let text = table(&[
        (ui.word(Word::Name), attributes.name.to_owned()),
        (ui.word(Word::Address), attributes.address.to_owned()),
        (ui.word(Word::Birth), iso(attributes.birth)),
        (ui.word(Word::Sex), ui.word(word).to_owned()),
    ]);
    let json = json!({
        "name": attributes.name,
        "address": attributes.address,
        "birth": iso(attributes.birth),
        "sex": sex,
        "sex_code": attributes.sex,
    });
    Output { json, text }
}

/// JIS X 0303.
pub(super) fn sex(code: &str) -> (&'static str, Word) {
    match code {
        "1" => ("male", Word::Male),
        "2" => ("female", Word::Female),
        "9" => ("not-applicable", Word::NotApplicable),
        _ => ("unknown", Word::Unknown),
    }
}

pub(super) fn my_number(global: &Global, asker: &mut Asker, source: &mut Source, ui: Ui) -> Result<Output, Failure> {
    let wanted = [SecretKind::TextPin, SecretKind::NumberA];
    let typed = asker.ask_with_tries(ui, source, Holds::Text, &wanted)?;
    let number = match kind_of(&typed, &wanted)? {
        SecretKind::NumberA => {
            let number = checked::<A>(&typed)?;
            block_on(async {
                let mut session = source.open(ui)?;
                let mut text = session.text().await?;
                Ok::<_, Failure>(text.unlock(number, last_try(global)).await?.my_number().await?)
            })?
        }
        _ => {
            let pin = checked::<Text>(&typed)?;
            block_on(async {
                let mut session = source.open(ui)?;
                let mut text = session.text().await?;
                Ok::<_, Failure>(text.unlock(pin, last_try(global)).await?.my_number().await?)
            })?
        }
    };
    ui.note(ui.word(Word::NumberActNote));
    Ok(Output { json: json!({ "my_number": number.digits() }), text: format!("{}\n", number.digits()) })
}
