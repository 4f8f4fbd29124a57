//! Who looks for canaries: each in every form in which a text could tell it.

use base64ct::{Base64Unpadded, Base64UrlUnpadded, Encoding};
use kazasu_catalogue::{Explain, Lang};
use kazasu_fixtures::Persona;
use memchr::memmem::Finder;
use std::any::Any;
use std::collections::HashSet;
use std::fmt::{Debug, Display};

/// Digits that are as many may be packed, two a byte, and are looked for among hexadecimal digits.
const PACKED: usize = 8;
/// So many hexadecimal digits in a row are bytes, not words.
const BYTES: usize = 40;

/// One thing, in each of its forms.
struct Canary {
    name: &'static str,
    value: Vec<u8>,
    /// As it stands: the text itself, backwards, in base64.
    plain: Vec<Finder<'static>>,
    /// Among bare hexadecimal digits.
    digits: Vec<Finder<'static>>,
    /// Among numbers with a comma before and after each.
    numbers: Vec<Finder<'static>>,
    /// Among bytes.
    bytes: Vec<Finder<'static>>,
    /// Among the hexadecimal digits of bytes: two digits a byte.
    packed: Option<Finder<'static>>,
}

impl Canary {
    fn new(name: &'static str, value: &[u8]) -> Self {
        let backwards: Vec<u8> = value.iter().rev().copied().collect();
        let text = std::str::from_utf8(value).ok();
        let wide: Vec<u16> = text.unwrap_or_default().encode_utf16().collect();
        let wide = [u16::to_be_bytes, u16::to_le_bytes].map(|form| wide.iter().copied().flat_map(form).collect());
        let mut plain = vec![value.to_vec(), backwards.clone()];
        plain.extend(text.map(|text| text.chars().rev().collect::<String>().into_bytes()));
        // In base64 it looks different for each of the three places where it may begin; what its neighbours touch is cut off.
        for before in 0..3 {
            let bytes = [vec![0; before], value.to_vec()].concat();
            let (from, to) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
            for text in [Base64Unpadded::encode_string(&bytes), Base64UrlUnpadded::encode_string(&bytes)] {
                plain.push(text.as_bytes()[from..to].to_vec());
            }
        }
        // Three characters of base64 stand anywhere by chance.
        plain.retain(|form| form.len() >= 4);
        let mut bytes = vec![value.to_vec(), backwards.clone()];
        // Two zeros beside a digit stand anywhere; four characters do not.
        bytes.extend(wide.into_iter().filter(|wide: &Vec<u8>| wide.len() >= 8));
        let digits = bytes.iter().map(|bytes| hex::encode(bytes).into_bytes()).collect();
        let numbers = [value, &backwards].map(|bytes| {
            let numbers: String = bytes.iter().map(|byte| format!("{byte},")).collect();
            format!(",{numbers}").into_bytes()
        });
        let is_packed = value.len() >= PACKED && value.iter().all(u8::is_ascii_digit);
        Self {
            name,
            value: value.to_vec(),
            plain: finders(plain),
            digits: finders(digits),
            numbers: finders(numbers.into()),
            bytes: finders(bytes),
            packed: is_packed.then(|| Finder::new(value).into_owned()),
        }
    }
}

fn finders(mut forms: Vec<Vec<u8>>) -> Vec<Finder<'static>> {
    forms.sort_unstable();
    forms.dedup();
    forms.iter().map(|form| Finder::new(form).into_owned()).collect()
}

fn any(finders: &[Finder<'_>], text: &[u8]) -> bool {
    finders.iter().any(|finder| finder.find(text).is_some())
}

/// Hexadecimal digits without what may stand between the bytes: blanks, commas, colons, `0x`, `\x`, `%`.
fn bare_digits(text: &str) -> String {
    let text = text.to_ascii_lowercase().replace("0x", "").replace("\\x", "");
    text.chars().filter(|character| !character.is_whitespace() && !",:;-_%".contains(*character)).collect()
}

/// Every number with a comma before and behind it, and nothing else.
fn bare_numbers(text: &str) -> String {
    let numbers = text.split(|character: char| !character.is_ascii_digit()).filter(|number| !number.is_empty());
    numbers.fold(",".to_owned(), |all, number| all + number + ",")
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
        let mut watch = Self { canaries: Vec::new(), seen: HashSet::new(), texts: 0, hits: Vec::new() };
        for (name, text) in [
            ("PIN", &secrets.auth_pin),
            ("password", &secrets.sign_password),
            ("text PIN", &secrets.text_pin),
            ("My Number", &secrets.number_a),
            ("number B", &secrets.number_b),
            ("birth key", &secrets.birth_key),
            ("name", &person.person.name_in_certificate),
            ("address", &person.person.address_in_certificate),
            ("birth date", &person.person.birth),
        ] {
            watch.add(name, text.as_bytes());
        }
        // Of a long file a part that is this card's alone: in the middle of a key or of the photo, the end of a signature.
        for (name, application, id, from, len) in [
            ("card serial", "common", 0x0001, 2, 15),
            ("token serial", "jpki", 0x0006, 80, 16),
            ("certificate", "jpki", 0x0001, 400, 24),
            ("user certificate", "jpki", 0x000A, 400, 24),
            ("photo", "surface", 0x0002, 1_500, 24),
        ] {
            let file = person.file(application, id).unwrap_or_default();
            watch.add(name, file.get(from..from + len).unwrap_or_default());
        }
        for (name, application, id) in [
            ("integrity record", "text", 0x0003),
            ("key record", "text", 0x0007),
            ("birth record", "surface", 0x0001),
            ("number image", "surface", 0x0005),
        ] {
            let file = person.file(application, id).unwrap_or_default();
            watch.add(name, file.last_chunk::<24>().map_or(&[], |end| &end[..]));
        }
        watch
    }

    /// One more thing that must not be told, such as what the card answered.
    pub fn add(&mut self, name: &'static str, bytes: &[u8]) {
        // A card without the file, or a person without the secret, has nothing to tell; and once is enough.
        if !bytes.is_empty() && self.canaries.iter().all(|canary| canary.value != bytes) {
            self.canaries.push(Canary::new(name, bytes));
        }
    }

    /// How many things are looked for.
    #[must_use]
    pub fn things(&self) -> usize {
        self.canaries.len()
    }

    /// Looks at `text`.
    pub fn look(&mut self, text: String) {
        let (digits, numbers) = (bare_digits(&text), bare_numbers(&text));
        self.search(text, |canary, text| {
            any(&canary.plain, text.as_bytes())
                || any(&canary.digits, digits.as_bytes())
                || any(&canary.numbers, numbers.as_bytes())
        });
    }

    /// Looks at a transcript: rows of hexadecimal digits are bytes, the rest is text. Among so many digits a PIN stands by
    /// chance.
    pub fn look_at_transcript(&mut self, transcript: &str) {
        let (words, rows) = apart(transcript);
        self.look(words);
        let bytes = rows.iter().flat_map(|row| hex::decode(row).unwrap_or_default()).collect::<Vec<_>>();
        // A value that the card gave in two answers stands together without the status word between them.
        let data = transcript.lines().filter_map(|line| hex::decode(line.strip_prefix("< ")?).ok());
        let data: Vec<u8> = data.flat_map(|answer| answer[..answer.len().saturating_sub(2)].to_vec()).collect();
        let digits = rows.concat();
        self.search(transcript.to_owned(), |canary, _| {
            any(&canary.bytes, &bytes)
                || any(&canary.bytes, &data)
                || canary.packed.as_ref().is_some_and(|packed| packed.find(digits.as_bytes()).is_some())
        });
    }

    fn search(&mut self, text: String, is_in: impl Fn(&Canary, &str) -> bool) {
        if self.seen.contains(&text) {
            return;
        }
        self.texts += 1;
        let start = || text.chars().take(400).collect::<String>();
        let found = self.canaries.iter().filter(|canary| is_in(canary, &text));
        self.hits.extend(found.map(|canary| format!("{} in: {}", canary.name, start())));
        self.seen.insert(text);
    }

    /// Looks at everything that formatting can make of `value`.
    pub fn shown(&mut self, value: &(impl Debug + Display)) {
        self.look(format!("{value}"));
        self.look(format!("{value:#}"));
        self.debugged(value);
    }

    /// Looks at every form of `Debug`.
    pub fn debugged(&mut self, value: &impl Debug) {
        self.look(format!("{value:?}"));
        self.look(format!("{value:#?}"));
        self.look(format!("{value:x?}"));
    }

    /// Looks at an error: its own texts, and what a person is told in both languages.
    pub fn error(&mut self, error: &(impl Explain + Debug)) {
        self.debugged(error);
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

/// The text without its rows of bytes, and these.
fn apart(transcript: &str) -> (String, Vec<String>) {
    let (mut words, mut rows) = (String::new(), Vec::new());
    for line in transcript.lines() {
        // What is sent and answered is bytes however short; elsewhere a short row is a word.
        let least = if line.starts_with(['>', '<']) { 2 } else { BYTES };
        for word in line.split(' ') {
            if word.len() >= least && word.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                rows.push(word.to_ascii_lowercase());
            } else {
                words = words + word + " ";
            }
        }
        words.push('\n');
    }
    (words, rows)
}
