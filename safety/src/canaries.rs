//! Part 6: texts. Thirteen things that must never be told, in the forms in which they could be, looked for in everything that
//! the core and the catalogue write while every operation runs into every fault.

use crate::model::schedule::poll_once;
use crate::model::world::Fault;
use crate::sweep::operation::{Buffer, Operation, perform};
use crate::sweep::{Bench, KINDS};
use base64ct::{Base64Unpadded, Encoding};
use kazasu_catalogue::{Explain, Lang};
use kazasu_core::apdu::{Command, Form};
use kazasu_core::mynumber::surface::FACE_BUFFER;
use kazasu_core::secret::{Kind, Secret};
use kazasu_core::step::{Mailbox, Next, Stepper, block_on};
use kazasu_core::trace::Tracer;
use kazasu_core::{
    AuthPin, BirthKey, Capabilities, Date, Digest, Error, LastTry, NumberA, NumberB, Session, SignPassword, TextPin,
};
use kazasu_fixtures::scenario::{Driver, play};
use kazasu_fixtures::{Persona, Profile, SimCard};
use memchr::memmem::Finder;
use std::any::Any;
use std::collections::HashSet;
use std::fmt::{Debug, Display};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// One thing, in each of its forms.
struct Canary {
    name: &'static str,
    forms: Vec<Finder<'static>>,
}

impl Canary {
    fn new(name: &'static str, bytes: &[u8]) -> Self {
        let upper = hex::encode_upper(bytes);
        let spaced = |text: &str| {
            let pairs: Vec<_> = text.as_bytes().chunks(2).map(|pair| String::from_utf8_lossy(pair)).collect();
            pairs.join(" ")
        };
        let numbers: Vec<_> = bytes.iter().map(u8::to_string).collect();
        let mut forms = vec![
            bytes.to_vec(),
            upper.to_lowercase().into_bytes(),
            spaced(&upper).into_bytes(),
            spaced(&upper.to_lowercase()).into_bytes(),
            numbers.join(", ").into_bytes(),
            numbers.join(" ").into_bytes(),
            upper.into_bytes(),
        ];
        // In base64 it looks different for each of the three places where it may begin; what its neighbours touch is cut off.
        for before in 0..3 {
            let text = Base64Unpadded::encode_string(&[vec![0; before], bytes.to_vec()].concat());
            let from = (before * 8).div_ceil(6);
            let to = (before + bytes.len()) * 8 / 6;
            forms.push(text.as_bytes()[from..to].to_vec());
        }
        // Three characters of base64 stand anywhere by chance.
        forms.retain(|form| form.len() >= 4);
        Self { name, forms: forms.iter().map(|form| Finder::new(form).into_owned()).collect() }
    }
}

/// Looks at every text once.
pub struct Watch {
    canaries: Vec<Canary>,
    seen: HashSet<String>,
    /// Texts that were looked at, the same one again not counted.
    pub texts: usize,
    /// What was found, with the text in which it stood.
    pub hits: Vec<String>,
}

impl Watch {
    /// For what is on this person's card and in this person's head.
    #[must_use]
    pub fn new(person: &Persona) -> Self {
        let secrets = &person.secrets;
        let slice = |application, id, from: usize, len: usize| {
            let file = person.file(application, id).unwrap_or_default();
            file.get(from..from + len).unwrap_or_default().to_vec()
        };
        let mut canaries = vec![
            Canary::new("PIN", secrets.auth_pin.as_bytes()),
            Canary::new("password", secrets.sign_password.as_bytes()),
            Canary::new("text PIN", secrets.text_pin.as_bytes()),
            Canary::new("My Number", secrets.number_a.as_bytes()),
            Canary::new("number B", secrets.number_b.as_bytes()),
            Canary::new("birth key", secrets.birth_key.as_bytes()),
            Canary::new("name", person.person.name_in_certificate.as_bytes()),
            Canary::new("address", person.person.address_in_certificate.as_bytes()),
            Canary::new("birth date", person.person.birth.as_bytes()),
            Canary::new("card serial", &slice("common", 0x0001, 2, 15)),
            Canary::new("certificate", &slice("jpki", 0x0001, 400, 24)),
            Canary::new("user certificate", &slice("jpki", 0x000A, 400, 24)),
            Canary::new("photo", &slice("surface", 0x0002, 1_500, 24)),
        ];
        canaries.retain(|canary| !canary.forms.is_empty());
        Self { canaries, seen: HashSet::new(), texts: 0, hits: Vec::new() }
    }

    /// One more thing that must not be told: what the card answered.
    pub fn add(&mut self, name: &'static str, bytes: &[u8]) {
        self.canaries.push(Canary::new(name, bytes));
    }

    /// How many things are looked for.
    #[must_use]
    pub fn things(&self) -> usize {
        self.canaries.len()
    }

    /// Looks at `text`.
    pub fn look(&mut self, text: String) {
        if self.seen.contains(&text) {
            return;
        }
        self.texts += 1;
        for canary in &self.canaries {
            if canary.forms.iter().any(|form| form.find(text.as_bytes()).is_some()) {
                self.hits.push(format!("{} in: {text}", canary.name));
            }
        }
        self.seen.insert(text);
    }

    /// Looks at everything that formatting can make of `value`.
    pub fn shown(&mut self, value: &(impl Debug + Display)) {
        self.look(format!("{value}"));
        self.look(format!("{value:#}"));
        self.debugged(value);
    }

    /// Looks at both forms of `Debug`.
    pub fn debugged(&mut self, value: &impl Debug) {
        self.look(format!("{value:?}"));
        self.look(format!("{value:#?}"));
    }

    /// Looks at an error: its own texts, and what a person is told in both languages.
    pub fn error(&mut self, error: &Error) {
        self.shown(error);
        self.look(error.code().to_owned());
        for lang in [Lang::En, Lang::Ja] {
            let explanation = error.explain(lang);
            self.debugged(&explanation);
            self.look(explanation.what);
            self.look(explanation.next);
        }
    }

    /// Looks at what a panic said.
    pub fn panic(&mut self, payload: &(dyn Any + Send)) {
        let text = payload.downcast_ref::<String>().cloned();
        let text = text.or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        self.look(text.unwrap_or_else(|| "a panic without words".to_owned()));
    }
}

/// What a search came to.
#[derive(Debug, Default)]
pub struct Summary {
    /// Operations that were run, each with a fault or without.
    pub runs: usize,
    /// Panics that were provoked.
    pub panics: usize,
    /// Different texts.
    pub texts: usize,
    /// Things that were looked for.
    pub things: usize,
    /// What was found.
    pub hits: Vec<String>,
}

/// The adult, with secrets that stand in no text by chance.
fn marked() -> Option<Persona> {
    let mut persona = Persona::named("adult").ok()?;
    persona.secrets.auth_pin = "7391".to_owned();
    persona.secrets.text_pin = "6084".to_owned();
    persona.secrets.sign_password = "KQ7WZ93X".to_owned();
    Some(persona)
}

/// Everything. `every` = take every so many runs.
#[must_use]
pub fn search(every: usize) -> Summary {
    let Some(persona) = marked() else { return Summary::default() };
    let mut watch = Watch::new(&persona);
    let mut summary = Summary::default();
    values(&mut watch, &persona);
    let mut number = 0;
    for (_, profile, link) in KINDS {
        let Ok(profile) = Profile::named(profile) else { continue };
        let card = || SimCard::new(&persona, profile.clone()).behind(link);
        let mut bench = Bench::new(card());
        for operation in Operation::ALL.iter().copied() {
            let mut faults = vec![None];
            faults.extend((0..6).flat_map(|at| Fault::ALL.map(|fault| Some((fault, at)))));
            for fault in faults {
                number += 1;
                if fault.is_some() && number % every != 0 {
                    continue;
                }
                if operation.leaves_a_mark() {
                    bench = Bench::new(card());
                }
                bench.card.borrow_mut().power_cycle();
                summary.runs += 1;
                let outcome = {
                    let mut session = Session::new(Tracer::new(bench.link(fault), |line| watch.shown(&line)));
                    poll_once(perform(operation, &mut session, &persona.secrets, &mut Buffer::default()))
                };
                if let Some(Err(error)) = outcome {
                    watch.error(&error);
                }
            }
            if operation.leaves_a_mark() {
                bench = Bench::new(card());
            }
        }
    }
    summary.panics = provoke(&mut watch);
    transcripts(&mut watch, &persona);
    Summary { texts: watch.texts, things: watch.things(), hits: watch.hits, ..summary }
}

/// Everything that the core hands out, as `Debug` shows it; and signatures, which are looked for from here on.
fn values(watch: &mut Watch, persona: &Persona) {
    let secrets = &persona.secrets;
    let mut session = Session::new(SimCard::new(persona, Profile::default()));
    let mut buf = vec![0; FACE_BUFFER];
    let told: Result<(), Error> = block_on(async {
        let refuse = LastTry::Refuse;
        let mut jpki = session.jpki().await?;
        let (pin, password): (AuthPin, SignPassword) = (secret(&secrets.auth_pin)?, secret(&secrets.sign_password)?);
        watch.debugged(&pin);
        watch.debugged(&password);
        for signature in [
            jpki.unlock(pin, refuse).await?.sign(&Digest::Sha256([1; 32])).await?,
            jpki.unlock(password, refuse).await?.sign(&Digest::Sha256([1; 32])).await?,
        ] {
            watch.add("signature", &signature.0[100..124]);
            watch.debugged(&signature);
        }
        let mut text = session.text().await?;
        let (pin, number): (TextPin, NumberA) = (secret(&secrets.text_pin)?, secret(&secrets.number_a)?);
        watch.debugged(&number);
        let mut unlocked = text.unlock(pin, refuse).await?;
        watch.debugged(&unlocked.my_number().await?);
        watch.debugged(&unlocked.attributes(&mut buf).await?);
        let mut surface = session.surface().await?;
        let (birth, number_b): (BirthKey, NumberB) = (secret(&secrets.birth_key)?, secret(&secrets.number_b)?);
        watch.debugged(&birth);
        watch.debugged(&number_b);
        watch.debugged(&surface.unlock(birth, refuse).await?.birth_record(&mut buf).await?);
        watch.debugged(&surface.unlock(number_b, refuse).await?.face(&mut buf).await?);
        watch.debugged(&surface.unlock(number, refuse).await?.number_image(&mut buf).await?);
        watch.debugged(&session.common().await?.card_record().await?);
        watch.debugged(&Date::new(1980, 2, 17));
        let verify = Command::new([0x00, 0x20, 0x00, 0x98], secrets.auth_pin.as_bytes(), 0, Form::Short);
        watch.debugged(&Next::<()>::Transmit(verify.map_err(|_| Error::Misuse("not a command"))?));
        Ok(())
    });
    // A canary that could not be fetched is one that is not looked for.
    if let Err(error) = told {
        watch.hits.push(format!("not everything could be shown: {error}"));
    }
}

fn secret<K: Kind>(text: &str) -> Result<Secret<K>, Error> {
    Secret::new(text).map_err(|reason| Error::SecretFormat { kind: K::KIND, reason })
}

/// Panics of the core while it holds a secret: both are mistakes of a program.
fn provoke(watch: &mut Watch) -> usize {
    let mut panics = 0;
    let mut note = |outcome: std::thread::Result<()>| {
        if let Err(payload) = outcome {
            panics += 1;
            watch.panic(&*payload);
        }
    };
    let pin = || AuthPin::new("7391");
    note(catch_unwind(|| {
        let mailbox = Mailbox::<64>::new(Capabilities::SHORT);
        let mut session = Session::new(&mailbox);
        let Ok(pin) = pin() else { return };
        let _ = block_on(async { session.jpki().await?.unlock(pin, LastTry::Refuse).await.map(drop) });
    }));
    note(catch_unwind(AssertUnwindSafe(|| {
        let mailbox = Mailbox::<64>::new(Capabilities::SHORT);
        let mut session = Session::new(&mailbox);
        let Ok(pin) = pin() else { return };
        let operation = async { session.jpki().await?.unlock(pin, LastTry::Refuse).await.map(drop) };
        let operation = std::pin::pin!(operation);
        let mut stepper = Stepper::new(operation, &mailbox);
        let _ = stepper.next();
        let _ = stepper.next();
    })));
    panics
}

/// What the transcript player says of a transcript with secrets in it from which the conversation strays.
fn transcripts(watch: &mut Watch, persona: &Persona) {
    let select = "> 00A4040C0AD392F000260100000001\n< 9000\n";
    let verify = format!("> 0020009804{}\n< 9000\n", hex::encode(&persona.secrets.auth_pin));
    for text in [
        format!("link: short\ndo: sign auth {} 00\n{select}{verify}expect: ok\n", persona.secrets.auth_pin),
        format!(
            "link: short\ndo: sign auth {} {}\n{select}{verify}expect: ok\n",
            persona.secrets.auth_pin,
            "5A".repeat(32)
        ),
        format!("link: short\ndo: my-number {}\n{verify}expect: ok {0}\n", persona.secrets.number_a),
    ] {
        for driver in [Driver::Blocking, Driver::Stepping] {
            watch.debugged(&play(&text, driver));
        }
    }
}
