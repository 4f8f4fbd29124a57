//! Prints docs/cards/my-number.md from the tables: `cargo run -p kazasu-core --example card-map`.

use kazasu_core::SecretKind;
use kazasu_core::mynumber::APPLICATIONS;
use kazasu_core::table::{Access, Application, Content, Evidence, Operation, Privacy, short_id};

const HEADER: &str = "\
<!-- Generated from the tables in core/src/mynumber; do not edit. Make it again: make card-map -->
# The My Number card, as Kazasu knows it

This page is printed by `core/examples/card-map.rs` from the same tables that the client, the simulated card and the
tracer read. `make card-map` writes it again, and `make test` fails when it is not what the tables say.

**Evidence.** *Official* means that J-LIS, the Digital Agency or a standard says so; *measured* means that at least one
named author read it off a card. *Inferred* means that it was concluded from the two others, so check it on a card before
you build on it.

File, secret and key ids are file identifiers (SELECT, P1 = `02`); the short id is what P1 or P2 carries in their place.
A secret is named once per application: the same My Number opens files in two of them, and each counts its own tries.
";

fn main() {
    let pages: Vec<String> = APPLICATIONS.iter().map(|application| page(application)).collect();
    print!("{HEADER}\n{}\n{}", all_aids(), pages.join("\n"));
}

/// What Info.plist and an Android manifest want: one line of hexadecimal each.
fn all_aids() -> String {
    let rows = APPLICATIONS.iter().map(|application| {
        let Application { title, title_ja, aid, evidence, .. } = application;
        [format!("{title_ja} ({title})"), format!("`{}`", hex(aid, "")), word(*evidence)]
    });
    format!(
        "## All application identifiers\n\nAs `Info.plist` \
         (`com.apple.developer.nfc.readersession.iso7816.select-identifiers`) and\nAndroid manifests \
         (`aid-filter`) want them.\n\n{}",
        table(["Application", "AID", "Evidence"], rows)
    )
}

fn page(application: &Application) -> String {
    let Application { name, title, title_ja, aid, files, pins, keys, objects, evidence } = application;
    let mut page = format!(
        "## {title_ja}: {title}\n\nAID `{}` ({}); `{name}` in traces and transcripts.\n",
        hex(aid, " "),
        word(*evidence)
    );
    let mut add = |heading: &str, table: String, rows: usize| {
        if rows > 0 {
            page.push_str(&format!("\n### {heading}\n\n{table}"));
        }
    };

    let rows = files.iter().map(|file| {
        let content = match file.content {
            Content::Tlv(tag) => format!("the object `{tag:02X}`, as long as it says"),
            Content::Padded(tag, bytes) => format!("the object `{tag:02X}` in {bytes} bytes"),
            Content::Bytes(bytes) => format!("{bytes} bytes"),
            Content::Record => "one record (READ RECORD)".to_owned(),
        };
        let [id, short] = ids(file.id);
        [id, short, file.name.to_owned(), content, who(file.read), tells(file.privacy), word(file.evidence)]
    });
    let columns = ["Id", "Short id", "File", "What is read", "Who may read", "Privacy", "Evidence"];
    add("Files", table(columns, rows), files.len());

    let rows = pins.iter().map(|pin| {
        let [id, short] = ids(pin.id);
        [id, short, secret_in_full(pin.kind), format(pin.kind), pin.tries.to_string(), word(pin.evidence)]
    });
    add("Secrets", table(["Id", "Short id", "Secret", "Format", "Tries", "Evidence"], rows), pins.len());

    let rows = keys.iter().map(|key| {
        let [id, short] = ids(key.id);
        let command = match key.operation {
            Operation::Sign => {
                format!("`80 2A 00 {:02X}`, or key selected and `80 2A 00 80`", 0x80 | short_id(key.id))
            }
            Operation::SignDefault => "`80 2A 00 00` (the application's own key)".to_owned(),
            Operation::InternalAuthenticate => format!("`00 88 00 {:02X}`", 0x80 | short_id(key.id)),
        };
        [id, short, key.name.to_owned(), who(key.usage), command, word(key.evidence)]
    });
    add("Keys", table(["Id", "Short id", "Key", "Opened by", "Command", "Evidence"], rows), keys.len());

    let rows = objects.iter().map(|object| {
        [format!("`{:04X}`", object.tag), object.name.to_owned(), tells(object.privacy), word(object.evidence)]
    });
    add("Data objects (GET DATA)", table(["Tag", "Object", "Privacy", "Evidence"], rows), objects.len());
    page
}

fn table<const N: usize>(columns: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let line = |cells: [String; N]| format!("| {} |\n", cells.join(" | "));
    let rule = ["---"; N].map(str::to_owned);
    [columns.map(str::to_owned), rule].into_iter().chain(rows).map(line).collect()
}

fn ids(id: u16) -> [String; 2] {
    [format!("`{id:04X}`"), format!("`{:02X}`", short_id(id))]
}

fn hex(bytes: &[u8], between: &str) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(between)
}

fn who(access: Access) -> String {
    let secrets = || access.kinds().iter().map(|kind| secret(*kind)).collect::<Vec<_>>().join(" or ");
    match access {
        Access::Free => "anybody".to_owned(),
        Access::FreeOnCard(_) => format!("anybody; on a phone: {}", secrets()),
        Access::AnyOf(_) => secrets(),
    }
}

/// As it is called on paper.
fn secret(kind: SecretKind) -> &'static str {
    match kind {
        SecretKind::AuthPin => "user-authentication PIN",
        SecretKind::SignPassword => "signature password",
        SecretKind::TextPin => "text PIN",
        SecretKind::NumberA => "照合番号A",
        SecretKind::NumberB => "照合番号B",
        SecretKind::BirthKey => "birth date",
        SecretKind::CardPin => "card PIN",
    }
}

/// The same, for somebody who meets it for the first time.
fn secret_in_full(kind: SecretKind) -> String {
    let more = match kind {
        SecretKind::AuthPin => "利用者証明用電子証明書の暗証番号",
        SecretKind::SignPassword => "署名用電子証明書の暗証番号",
        SecretKind::TextPin => "券面事項入力補助用の暗証番号",
        SecretKind::NumberA => "the My Number itself",
        SecretKind::NumberB => "birth date, year of expiry and security code, as printed",
        SecretKind::BirthKey => "生年月日: year of the era, month, day",
        SecretKind::CardPin => "住民基本台帳用の暗証番号",
    };
    format!("{}: {more}", secret(kind))
}

fn format(kind: SecretKind) -> String {
    let format = kind.format();
    let count =
        if format.min == format.max { format.min.to_string() } else { format!("{}–{}", format.min, format.max) };
    let characters = if format.digits_only { "digits" } else { "letters A–Z and digits, at least one of each" };
    format!("{count} {characters}")
}

fn tells(privacy: Privacy) -> String {
    match privacy {
        Privacy::Public => "the same on many cards".to_owned(),
        Privacy::Personal => "**personal**".to_owned(),
    }
}

fn word(evidence: Evidence) -> String {
    format!("{evidence:?}").to_lowercase()
}
