//! `kazasu face`: what is printed on the card, as files.

use super::data::sex;
use super::status::iso;
use crate::args::Global;
use crate::card::Source;
use crate::failure::Failure;
use crate::picture::Grey;
use crate::secrets::{Asker, Holds, checked, kind_of, last_try};
use crate::ui::{Output, Ui, make_folder, table, write_folder};
use kazasu_catalogue::Word;
use kazasu_core::SecretKind;
use kazasu_core::mynumber::surface::{FACE_BUFFER, Face};
use kazasu_core::secret::{A, B};
use kazasu_core::step::block_on;
use serde_json::json;
use std::path::Path;

pub(super) fn run(
    global: &Global,
    asker: &mut Asker,
    source: &mut Source,
    ui: Ui,
    folder: &Path,
    as_png: bool,
) -> Result<Output, Failure> {
    let wanted = [SecretKind::NumberB, SecretKind::NumberA];
    let typed = asker.ask_with_tries(ui, source, Holds::Surface, &wanted)?;
    make_folder(folder)?;
    let mut buf = [0; FACE_BUFFER];
    let face = match kind_of(&typed, &wanted)? {
        SecretKind::NumberA => {
            let number = checked::<A>(&typed)?;
            block_on(async {
                let mut session = source.open(ui)?;
                let mut surface = session.surface().await?;
                let mut unlocked = surface.unlock(number, last_try(global)).await?;
                Ok::<_, Failure>(unlocked.face(&mut buf).await?)
            })
        }
        _ => {
            let number = checked::<B>(&typed)?;
            block_on(async {
                let mut session = source.open(ui)?;
                let mut surface = session.surface().await?;
                let mut unlocked = surface.unlock(number, last_try(global)).await?;
                Ok::<_, Failure>(unlocked.face(&mut buf).await?)
            })
        }
    }?;
    // The card is left before anything is decoded or written.
    written(&face, ui, folder, as_png)
}

fn written(face: &Face<'_>, ui: Ui, folder: &Path, as_png: bool) -> Result<Output, Failure> {
    let files = [
        ("name.png", face.name_image),
        ("address.png", face.address_image),
        ("security-code.png", face.security_code_image),
        ("photo.jp2", face.photo),
        ("record.bin", face.record),
    ];
    write_folder(folder, &files)?;
    let mut names: Vec<_> = files.iter().map(|(name, _)| folder.join(name).display().to_string()).collect();
    if as_png {
        write_folder(folder, &[("photo.png", &Grey::decode(face.photo)?.png()?)])?;
        names.push(folder.join("photo.png").display().to_string());
    }
    let (sex, word) = sex(face.sex);
    let mut text = table(&[
        (ui.word(Word::Birth), iso(face.birth)),
        (ui.word(Word::Sex), ui.word(word).to_owned()),
        (ui.word(Word::Expiry), iso(face.expiry)),
    ]);
    for name in &names {
        text += &format!("{}: {name}\n", ui.word(Word::Written));
    }
    let json = json!({
        "birth": iso(face.birth),
        "sex": sex,
        "sex_code": face.sex,
        "expiry": iso(face.expiry),
        "files": names,
    });
    Ok(Output { json, text })
}
