//! `kazasu demo`: a guided tour that reads like a story, on the built-in card.

use super::sign::{self, FormArg, Order};
use super::{data, status};
use crate::args::{ApplicationArg, Global, HashArg, KeyArg, WithArg};
use crate::card::Source;
use crate::failure::Failure;
use crate::picture::Grey;
use crate::secrets::{Asker, Typed, checked};
use crate::ui::{Output, Ui, say};
use kazasu_catalogue::Word;
use kazasu_core::LastTry;
use kazasu_core::mynumber::surface::FACE_BUFFER;
use kazasu_core::secret::{Auth, B};
use kazasu_core::step::block_on;
use kazasu_fixtures::Persona;
use kazasu_pki::handed_in::HandedIn;
use serde_json::json;
use std::process::{Command, Stdio};
use std::time::SystemTime;

fn persona(global: &Global) -> Result<(&str, Persona), Failure> {
    let card = global.card.as_deref().unwrap_or("demo");
    let name = card.split_once(':').map_or("", |(_, rest)| rest.split(',').next().unwrap_or_default());
    let name = if name.is_empty() { "adult" } else { name };
    Ok((name, Persona::named(name)?))
}

/// The demonstration card's secrets; it belongs to nobody.
pub(super) fn secrets(global: &Global) -> Result<Output, Failure> {
    let (_, persona) = persona(global)?;
    let secrets = persona.secrets;
    let rows = [
        ("auth_pin", secrets.auth_pin),
        ("sign_password", secrets.sign_password),
        ("text_pin", secrets.text_pin),
        ("number_a", secrets.number_a),
        ("number_b", secrets.number_b),
        ("birth_key", secrets.birth_key),
    ];
    let text = rows.iter().map(|(name, secret)| format!("{name}={secret}\n")).collect();
    let json = rows.iter().map(|(name, secret)| ((*name).to_owned(), json!(secret))).collect();
    Ok(Output { json: serde_json::Value::Object(json), text })
}

fn given(secret: &str) -> Asker {
    Asker::Given { lines: vec![Typed::new(secret.to_owned())].into_iter() }
}

/// The tour.
pub(super) fn tour(global: &Global, ui: Ui) -> Result<Output, Failure> {
    let (name, persona) = persona(global)?;
    let secrets = &persona.secrets;
    let profile = global.card.as_deref().and_then(|card| card.split_once(',')).map_or("", |(_, profile)| profile);
    let mut source = Source::demo(name, profile)?;
    let quiet = Ui { json: false, ..ui };
    let tell = |en: &str, ja: &str| {
        if !ui.json {
            let _ = say(&format!("\n{}\n\n", if ui.lang == kazasu_catalogue::Lang::En { en } else { ja }));
        }
    };
    let show = |text: &str| {
        if !ui.json {
            let indented = |line: &str| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") };
            let _ = say(&text.lines().map(indented).collect::<String>());
        }
    };

    let refused = |failure: &Failure| show(&format!("! {}", failure.explain(ui.lang).what));

    tell(
        "Kazasu — hold a My Number card to a reader. No reader is needed now: this card is built in, belongs to nobody,\n\
         and is as strict as a real one.",
        "かざす — マイナンバーカードをリーダーに。いまはリーダーはいりません。内蔵のデモカードは誰のものでもありませんが、本物と同じくらい厳格です。",
    );
    tell(
        "1. What is on the card? Nobody has typed anything yet.",
        "1. カードには何が入っている? まだ何も入力していません。",
    );
    let found = block_on(status::look(&mut source.open(quiet)?))?;
    show(&found.text(quiet));

    tell(
        "2. A wrong PIN is told with what it cost. A malformed one never reaches the card.",
        "2. 暗証番号を間違えると、残り回数を知らせます。形式の合わないものはカードに送りません。",
    );
    // The right PIN comes last and gives the lost try back; a card that is blocked says so each time.
    for pin in ["9999", "12345", &secrets.auth_pin] {
        if let Err(failure) = block_on(unlock(&mut source, quiet, pin)) {
            refused(&failure);
        }
    }

    tell(
        "3. Name, address, birth date and sex, with the PIN for card data.",
        "3. 券面事項入力補助用の暗証番号で、氏名・住所・生年月日・性別を読みます。",
    );
    let attributes = match data::attributes(global, &mut given(&secrets.text_pin), &mut source, quiet) {
        Ok(attributes) => {
            show(&attributes.text);
            attributes.json
        }
        Err(failure) => {
            refused(&failure);
            serde_json::Value::Null
        }
    };

    tell(
        "4. The photo, with what is printed on the card as the key. The card keeps it as JPEG 2000.",
        "4. 券面に印刷された情報を鍵にして、顔写真を読みます。カードの中ではJPEG 2000です。",
    );
    match block_on(photo(&mut source, quiet, &secrets.number_b)) {
        Ok(photo) => show(&photo.lines(44, ui.draws()).join("\n")),
        Err(failure) => refused(&failure),
    }

    tell(
        "5. Is the card genuine, and is it here? It signs a nonce, and every signature above its key is checked.",
        "5. このカードは本物で、いまここにある? ノンスに署名させ、カードの鍵の上にある署名をすべて確認します。",
    );
    match genuine(global, &mut source, quiet, &secrets.text_pin) {
        Ok(report) => show(&report),
        Err(failure) => refused(&failure),
    }

    tell(
        "6. A file is signed with the signature key, and OpenSSL, which nobody here wrote, checks the signature.",
        "6. 署名用の鍵でファイルに電子署名し、OpenSSLで検証します。",
    );
    let verdict = match sign_and_check(global, &mut source, quiet, &secrets.sign_password) {
        Ok(verdict) => {
            show("$ kazasu sign --raw contract.txt -o contract.sig");
            show("$ openssl dgst -sha256 -verify signer.pem -signature contract.sig contract.txt");
            show(&verdict);
            Some(verdict)
        }
        Err(failure) => {
            refused(&failure);
            None
        }
    };

    tell(
        "7. How long did the card have to be held? This many commands each:",
        "7. カードをかざす時間は、この命令の数で決まります:",
    );
    show(&super::bench::table(quiet)?.0);

    tell(
        "Next: `kazasu --card demo status`, `kazasu --help`, or put a real card on a reader and leave `--card demo` out.",
        "次は `kazasu --card demo status` や `kazasu --help` を。実物のカードとリーダーがあれば `--card demo` を外してください。",
    );
    let json = json!({ "persona": name, "attributes": attributes, "verified_by_openssl": verdict.as_deref() == Some("Verified OK") });
    Ok(Output { json, text: String::new() })
}

async fn unlock(source: &mut Source, ui: Ui, pin: &str) -> Result<(), Failure> {
    let pin = checked::<Auth>(&Typed::new(pin.to_owned()))?;
    source.open(ui)?.jpki().await?.unlock(pin, LastTry::Refuse).await?;
    Ok(())
}

async fn photo(source: &mut Source, ui: Ui, number: &str) -> Result<Grey, Failure> {
    let number = checked::<B>(&Typed::new(number.to_owned()))?;
    let mut buf = vec![0; FACE_BUFFER];
    let photo = {
        let mut session = source.open(ui)?;
        let mut surface = session.surface().await?;
        let mut unlocked = surface.unlock(number, LastTry::Refuse).await?;
        unlocked.face(&mut buf).await?.photo
    };
    Grey::decode(photo)
}

/// The table of a proof that is made and judged here, under the demonstration card's own authorities.
fn genuine(global: &Global, source: &mut Source, ui: Ui, pin: &str) -> Result<String, Failure> {
    let revocation = HandedIn { lists: Vec::new(), answers: Vec::new(), now: SystemTime::now() };
    let judge =
        super::genuine::Judge { holder: None, revocation, beside: Vec::new(), test_anchors: true, without: &[] };
    let order = super::genuine::Order { application: ApplicationArg::Text, with: &[WithArg::Attributes], output: None };
    let (output, _) = super::genuine::run(global, &mut given(pin), source, ui, None, &order, &judge)?;
    Ok(output.text)
}

/// Signs a file and lets OpenSSL, which nobody here wrote, check it; returns what OpenSSL said.
fn sign_and_check(global: &Global, source: &mut Source, ui: Ui, password: &str) -> Result<String, Failure> {
    let folder = tempfile::tempdir().map_err(|error| Failure::unwritable(&std::env::temp_dir(), &error))?;
    let path = |name: &str| folder.path().join(name);
    let (contract, signature, key) = (path("contract.txt"), path("contract.sig"), path("signer.pem"));
    crate::ui::write_file(&contract, "甲と乙は、かざすだけで署名できることに合意する。\n".as_bytes(), ui)?;
    let order = Order {
        key: KeyArg::Sign,
        form: Some(FormArg::Raw),
        hash: HashArg::Sha256,
        files: std::slice::from_ref(&contract),
        output: Some(&signature),
        acknowledge_disclosure: false,
        allow_expired: true,
        allow_changed: false,
    };
    sign::run(global, &mut given(password), source, ui, &order)?;
    let certificate = super::cert::run(
        global,
        &mut given(password),
        source,
        ui,
        crate::args::CertArg::Sign,
        Some(&path("signer.crt")),
        true,
    );
    certificate?;
    let openssl = |arguments: &[&std::ffi::OsStr]| {
        Command::new("openssl").args(arguments).stderr(Stdio::null()).output().map(|output| output.stdout)
    };
    let certificate = path("signer.crt");
    let public =
        openssl(&["x509".as_ref(), "-in".as_ref(), certificate.as_ref(), "-noout".as_ref(), "-pubkey".as_ref()]);
    let Ok(public) = public else {
        return Ok(ui.word(Word::NoOpenssl).into());
    };
    crate::ui::write_file(&key, &public, ui)?;
    let verdict = openssl(&[
        "dgst".as_ref(),
        "-sha256".as_ref(),
        "-verify".as_ref(),
        key.as_ref(),
        "-signature".as_ref(),
        signature.as_ref(),
        contract.as_ref(),
    ]);
    Ok(verdict.map(|said| String::from_utf8_lossy(&said).trim().to_owned()).unwrap_or_default())
}
