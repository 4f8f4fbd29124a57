//! What the core hands out, as `Debug` shows it, and what it says when a program makes a mistake.

use super::watch::Watch;
use kazasu_core::apdu::{Command, Form};
use kazasu_core::mynumber::jpki::FreeCertificate;
use kazasu_core::mynumber::surface::FACE_BUFFER;
use kazasu_core::secret::{Kind, Secret};
use kazasu_core::step::{Mailbox, Next, Stepper, block_on};
use kazasu_core::tlv::{Header, Tlv};
use kazasu_core::{
    AuthPin, BirthKey, Capabilities, Date, Digest, Error, LastTry, NumberA, NumberB, ResponseBuf, Session,
    SignPassword, TextPin,
};
use kazasu_fixtures::{Persona, Profile, SimCard};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What is signed; its first bytes are looked for as well.
const DIGEST: [u8; 64] = *b"a digest leads to the document of which it is the digest, always";

/// Everything that the core hands out or takes; and signatures and digests, which are looked for from here on.
pub(super) fn look(watch: &mut Watch, persona: &Persona) {
    let secrets = &persona.secrets;
    let mut session = Session::new(SimCard::new(persona, Profile::default()));
    let mut buf = vec![0; FACE_BUFFER];
    watch.add("digest", &DIGEST[..24]);
    // What the operations of the sweep sign.
    watch.add("digest", &[0x5A; 24]);
    let told: Result<(), Error> = block_on(async {
        let refuse = LastTry::Refuse;
        let digests = digests();
        digests.iter().for_each(|digest| watch.debugged(digest));
        let mut jpki = session.jpki().await?;
        let (pin, password): (AuthPin, SignPassword) = (secret(&secrets.auth_pin)?, secret(&secrets.sign_password)?);
        watch.debugged(&pin);
        watch.debugged(&password);
        for signature in [
            jpki.unlock(pin, refuse).await?.sign(&digests[0]).await?,
            jpki.unlock(password, refuse).await?.sign(&digests[1]).await?,
        ] {
            watch.add("signature", &signature.0[100..124]);
            watch.debugged(&signature);
        }
        let certificate = jpki.certificate(FreeCertificate::Auth, &mut buf).await?;
        watch.debugged(&Header::parse(certificate));
        watch.debugged(&Tlv::first(certificate));
        let mut response = [0; 64];
        let mut response = ResponseBuf::new(&mut response);
        response.extend(&certificate[390..450])?;
        watch.debugged(&response);
        let mut text = session.text().await?;
        let (pin, number): (TextPin, NumberA) = (secret(&secrets.text_pin)?, secret(&secrets.number_a)?);
        watch.debugged(&number);
        let mut unlocked = text.unlock(pin, refuse).await?;
        watch.debugged(&unlocked.my_number().await?);
        let attributes = unlocked.attributes(&mut buf).await?;
        watch.debugged(&attributes);
        watch.debugged(&Tlv::first(attributes.record).and_then(|file| file.child(0xDF22)));
        let mut surface = session.surface().await?;
        let (birth, number_b): (BirthKey, NumberB) = (secret(&secrets.birth_key)?, secret(&secrets.number_b)?);
        watch.debugged(&birth);
        watch.debugged(&number_b);
        watch.debugged(&surface.unlock(birth, refuse).await?.birth_record(&mut buf).await?);
        watch.debugged(&surface.unlock(number_b, refuse).await?.face(&mut buf).await?);
        watch.debugged(&surface.unlock(number, refuse).await?.number_image(&mut buf).await?);
        watch.debugged(&session.common().await?.card_record().await?);
        let (year, month) = (date(&persona.person.birth, 0..4), date(&persona.person.birth, 4..6) as u8);
        let born = Date::new(year, month, date(&persona.person.birth, 6..8) as u8);
        // A date in three numbers is no canary of the list.
        watch.add("date", format!("{year}").as_bytes());
        watch.debugged(&born);
        let verify = || Command::new([0x00, 0x20, 0x00, 0x98], secrets.auth_pin.as_bytes(), 0, Form::Short);
        let not = |_| Error::Misuse("not a command");
        watch.debugged(&verify().map_err(not)?);
        watch.debugged(&Next::<()>::Transmit(verify().map_err(not)?));
        // What does not fit tells how long it is.
        watch.debugged(&Command::new(
            [0x00, 0x20, 0x00, 0x98],
            &secrets.number_a.as_bytes().repeat(40),
            0,
            Form::Short,
        ));
        Ok(())
    });
    // A canary that could not be fetched is one that is not looked for.
    if let Err(error) = told {
        watch.hits.push(format!("not everything could be shown: {error}"));
    }
}

fn digests() -> [Digest; 3] {
    let mut longer = [0; 48];
    longer.copy_from_slice(&DIGEST[..48]);
    let mut short = [0; 32];
    short.copy_from_slice(&DIGEST[..32]);
    [Digest::Sha256(short), Digest::Sha384(longer), Digest::Sha512(DIGEST)]
}

fn date(text: &str, part: std::ops::Range<usize>) -> u16 {
    text.get(part).and_then(|digits| digits.parse().ok()).unwrap_or_default()
}

fn secret<K: Kind>(text: &str) -> Result<Secret<K>, Error> {
    Secret::new(text).map_err(|reason| Error::SecretFormat { kind: K::KIND, reason })
}

/// Panics of the core while it holds a secret: all are mistakes of a program. How many there were.
pub(super) fn provoke(watch: &mut Watch, persona: &Persona) -> usize {
    let mut panics = 0;
    let mut note = |outcome: std::thread::Result<()>| {
        if let Err(payload) = outcome {
            panics += 1;
            watch.panic(&*payload);
        }
    };
    let pin = || AuthPin::new(&persona.secrets.auth_pin);
    note(catch_unwind(AssertUnwindSafe(|| {
        let mailbox = Mailbox::<64>::new(Capabilities::SHORT);
        let mut session = Session::new(&mailbox);
        let Ok(pin) = pin() else { return };
        let _ = block_on(async { session.jpki().await?.unlock(pin, LastTry::Refuse).await.map(drop) });
    })));
    note(catch_unwind(AssertUnwindSafe(|| {
        let mailbox = Mailbox::<64>::new(Capabilities::SHORT);
        let mut session = Session::new(&mailbox);
        let Ok(pin) = pin() else { return };
        let operation = async { session.jpki().await?.unlock(pin, LastTry::Refuse).await.map(drop) };
        let operation = std::pin::pin!(operation);
        let mut stepper = Stepper::new(operation, &mailbox);
        // SELECT, the query, then VERIFY is taken and not answered.
        for answer in [&[0x90, 0x00][..], &[0x63, 0xC3]] {
            let _ = stepper.next();
            stepper.feed(Ok(answer));
        }
        let _ = stepper.next();
        let _ = stepper.next();
    })));
    note(catch_unwind(AssertUnwindSafe(|| {
        let mailbox = Mailbox::<64>::new(Capabilities::SHORT);
        let Ok(_pin) = pin() else { return };
        let operation = std::pin::pin!(std::future::pending::<()>());
        let _ = Stepper::new(operation, &mailbox).next();
    })));
    panics
}
