//! PDF objects, read strictly (ISO 32000-2, 7.3): what programs read in different ways is refused, above all a key that
//! a dictionary has twice.

use super::budget::Budget;
use super::value::{Dictionary, Value};
use super::{Damage, PdfError};
use std::borrow::Cow;

/// Objects within objects.
const DEEPEST: usize = 64;

/// No number of anybody's has so many characters.
const LONGEST_NUMBER: usize = 64;

/// Why a piece of a file is no object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Syntax,
    TwiceTheKey,
    TooDeep,
}

/// Reads forwards from a place.
pub(super) struct Reader<'b> {
    bytes: &'b [u8],
    pub(super) at: usize,
    /// A comment, a name with escapes, or a number that could be shorter was on the way.
    pub(super) unusual: bool,
}

const fn white(byte: u8) -> bool {
    matches!(byte, b'\0' | b'\t' | b'\n' | b'\x0C' | b'\r' | b' ')
}

pub(super) const fn regular(byte: u8) -> bool {
    !white(byte) && !matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

impl<'b> Reader<'b> {
    pub(super) fn new(bytes: &'b [u8], at: usize) -> Self {
        Self { bytes, at, unusual: false }
    }

    fn rest(&self) -> &'b [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// White space, without comments.
    pub(super) fn blank(&mut self) {
        self.at += self.rest().iter().take_while(|byte| white(**byte)).count();
    }

    /// White space and comments.
    pub(super) fn space(&mut self) {
        loop {
            self.blank();
            if !self.rest().starts_with(b"%") {
                return;
            }
            self.unusual = true;
            self.at += self.rest().iter().take_while(|byte| !matches!(byte, b'\r' | b'\n')).count();
        }
    }

    /// These bytes, here.
    pub(super) fn exactly(&mut self, wanted: &[u8]) -> Option<()> {
        self.rest().starts_with(wanted).then(|| self.at += wanted.len())
    }

    /// A word, and no more of it.
    pub(super) fn keyword(&mut self, wanted: &[u8]) -> Option<()> {
        let ends = self.rest().get(wanted.len()).is_none_or(|byte| !regular(*byte));
        if ends { self.exactly(wanted) } else { None }
    }

    /// Digits.
    pub(super) fn number<N: std::str::FromStr>(&mut self) -> Option<N> {
        let length = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
        if length > LONGEST_NUMBER {
            return None;
        }
        self.unusual |= length > 1 && self.rest().starts_with(b"0");
        let number = std::str::from_utf8(&self.rest()[..length]).ok()?.parse().ok()?;
        self.at += length;
        Some(number)
    }

    /// Digits, behind white space.
    pub(super) fn number_alone<N: std::str::FromStr>(&mut self) -> Option<N> {
        self.space();
        self.number()
    }

    /// `N G obj`.
    pub(super) fn header(&mut self) -> Option<(u32, u16)> {
        let number = self.number()?;
        self.blank();
        let generation = self.number()?;
        self.blank();
        self.keyword(b"obj")?;
        Some((number, generation))
    }

    /// The next object.
    pub(super) fn value(&mut self, budget: &mut Budget) -> Result<Value<'b>, PdfError> {
        let start = self.at;
        let mut count = 0;
        let most = budget.values;
        let value = self.object(0, &mut count, most);
        budget.values(count)?;
        value.map_err(|fault| {
            let damage = match fault {
                Fault::Syntax => Damage::NoObject { at: start },
                Fault::TwiceTheKey => Damage::TwiceTheKey { at: start },
                Fault::TooDeep => Damage::TooDeep { at: start },
            };
            damage.into()
        })
    }

    /// A dictionary, and whether a stream begins behind it.
    pub(super) fn dictionary(&mut self, budget: &mut Budget) -> Result<Dictionary<'b>, PdfError> {
        let start = self.at;
        match self.value(budget)? {
            Value::Dictionary(dictionary) => Ok(dictionary),
            _ => Err(Damage::NoDictionary { at: start }.into()),
        }
    }

    fn object(&mut self, depth: usize, count: &mut usize, most: usize) -> Result<Value<'b>, Fault> {
        self.space();
        *count += 1;
        if *count > most {
            // One more than there is: whoever counts refuses.
            return Err(Fault::Syntax);
        }
        if depth == DEEPEST {
            return Err(Fault::TooDeep);
        }
        let rest = self.rest();
        let start = self.at;
        match rest.first().ok_or(Fault::Syntax)? {
            b'/' => Ok(Value::Name(self.name()?)),
            b'(' => {
                self.literal()?;
                Ok(Value::String(&self.bytes[start..self.at]))
            }
            b'<' if rest.starts_with(b"<<") => {
                self.at += 2;
                self.entries(depth, count, most).map(Value::Dictionary)
            }
            b'<' => {
                let digits = rest[1..].iter().take_while(|byte| byte.is_ascii_hexdigit() || white(**byte)).count();
                if rest.get(1 + digits) != Some(&b'>') {
                    return Err(Fault::Syntax);
                }
                self.at += digits + 2;
                Ok(Value::String(&rest[..digits + 2]))
            }
            b'[' => {
                self.at += 1;
                let mut items = Vec::new();
                loop {
                    self.space();
                    if self.exactly(b"]").is_some() {
                        return Ok(Value::Array(items));
                    }
                    items.push(self.object(depth + 1, count, most)?);
                }
            }
            b'+' | b'-' | b'.' | b'0'..=b'9' => self.numeric(),
            _ => {
                for (word, value) in
                    [(&b"null"[..], Value::Null), (b"true", Value::Boolean(true)), (b"false", Value::Boolean(false))]
                {
                    if self.keyword(word).is_some() {
                        return Ok(value);
                    }
                }
                Err(Fault::Syntax)
            }
        }
    }

    fn entries(&mut self, depth: usize, count: &mut usize, most: usize) -> Result<Dictionary<'b>, Fault> {
        let mut entries = Vec::new();
        loop {
            self.space();
            if self.exactly(b">>").is_some() {
                break;
            }
            *count += 1;
            let key = self.name()?;
            entries.push((key, self.object(depth + 1, count, most)?));
        }
        Dictionary::of(entries).ok_or(Fault::TwiceTheKey)
    }

    /// ISO 32000-2, 7.3.5.
    fn name(&mut self) -> Result<Cow<'b, [u8]>, Fault> {
        self.exactly(b"/").ok_or(Fault::Syntax)?;
        let raw = &self.rest()[..self.rest().iter().take_while(|byte| regular(**byte)).count()];
        self.at += raw.len();
        if !raw.contains(&b'#') {
            return Ok(Cow::Borrowed(raw));
        }
        self.unusual = true;
        let mut name = Vec::with_capacity(raw.len());
        let mut rest = raw;
        while let Some((&byte, after)) = rest.split_first() {
            let digits = after.split_at_checked(2).filter(|_| byte == b'#');
            let escaped = digits.and_then(|(digits, after)| Some((super::ranges::unhex(digits)?[0], after)));
            let (byte, after) = escaped.unwrap_or((byte, after));
            name.push(byte);
            rest = after;
        }
        Ok(Cow::Owned(name))
    }

    /// A string in round brackets, which nest.
    fn literal(&mut self) -> Result<(), Fault> {
        let mut open = 0_usize;
        let mut rest = self.rest().iter();
        while let Some(byte) = rest.next() {
            match byte {
                b'\\' => {
                    rest.next();
                }
                b'(' => open += 1,
                b')' => open -= 1,
                _ => {}
            }
            if open == 0 {
                self.at = self.bytes.len() - rest.len();
                return Ok(());
            }
        }
        Err(Fault::Syntax)
    }

    /// A number, or a reference: two numbers and an R.
    fn numeric(&mut self) -> Result<Value<'b>, Fault> {
        let rest = self.rest();
        let text = &rest[..rest.iter().take_while(|byte| regular(**byte)).count()];
        self.at += text.len();
        let digits = text.strip_prefix(b"+").or_else(|| text.strip_prefix(b"-")).unwrap_or(text);
        let points = digits.iter().filter(|byte| **byte == b'.').count();
        let shape = digits.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.') && digits.len() > points;
        match (shape, points) {
            // Some programs read so many characters of a number and no more.
            _ if text.len() > LONGEST_NUMBER => return Err(Fault::Syntax),
            (true, 0) => self.unusual |= text.starts_with(b"+") || digits.len() > 1 && digits.starts_with(b"0"),
            (true, 1) => return Ok(Value::Real(text)),
            _ => return Err(Fault::Syntax),
        }
        let integer = std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()).ok_or(Fault::Syntax)?;
        let behind = self.at;
        if let (Ok(number), Some((generation, end))) = (u32::try_from(integer), self.referred())
            && digits.len() == text.len()
        {
            self.at = end;
            return Ok(Value::Reference(number, generation));
        }
        self.at = behind;
        Ok(Value::Integer(integer))
    }

    /// The rest of a reference behind its number, and where that ends.
    fn referred(&mut self) -> Option<(u16, usize)> {
        let blank = self.at;
        self.space();
        if self.at == blank {
            return None;
        }
        let generation = self.number()?;
        let blank = self.at;
        self.space();
        if self.at == blank {
            return None;
        }
        self.keyword(b"R")?;
        Some((generation, self.at))
    }
}

#[cfg(test)]
mod tests {
    use super::{Budget, Damage, PdfError, Reader, Value};
    use std::borrow::Cow;

    fn read(text: &str) -> Result<Value<'_>, PdfError> {
        Reader::new(text.as_bytes(), 0).value(&mut Budget::of_one_reading(0))
    }

    fn damage(text: &str) -> Damage {
        match read(text) {
            Err(PdfError::Malformed { why }) => why,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn objects_are_what_the_standard_says() {
        let name = |name: &'static str| Value::Name(Cow::Borrowed(name.as_bytes()));
        assert_eq!(read(" % so\n null").expect("an object"), Value::Null);
        assert_eq!(read("-17").expect("an object"), Value::Integer(-17));
        assert_eq!(read("+.5").expect("an object"), Value::Real(b"+.5"));
        assert_eq!(read("(a\\)(b)c)d").expect("an object"), Value::String(b"(a\\)(b)c)"));
        assert_eq!(read("<4 1>").expect("an object"), Value::String(b"<4 1>"));
        assert_eq!(read("/#41B").expect("an object"), Value::Name(Cow::Borrowed(b"AB")));
        let list = vec![Value::Reference(1, 0), Value::Integer(2), Value::Integer(3), name("R")];
        assert_eq!(read("[1 0 R 2 3/R]").expect("an object"), Value::Array(list));
        let Value::Dictionary(dictionary) = read("<</A 1/B<</A true>>>>").expect("an object") else {
            panic!("no dictionary")
        };
        assert_eq!(dictionary.integer(b"A"), Some(1));
    }

    #[test]
    fn what_programs_read_in_different_ways_is_refused() {
        for text in ["<</A 1/A 1>>", "<</A 1/#41 1>>", "[<</B<</A 1/A 2>>>>]"] {
            assert!(matches!(damage(text), Damage::TwiceTheKey { .. }), "{text}");
        }
        for text in
            ["", "--1", "1e5", "1.2.3", ".", "(a", "<4x>", "[1", "<</A>>", "<</A 1", "nul", "trueish", "<<1 2>>"]
        {
            assert!(read(text).is_err(), "{text}");
        }
        assert_eq!(damage(&"[".repeat(65)), Damage::TooDeep { at: 0 });
    }

    #[test]
    fn a_value_more_than_there_may_be_is_refused() {
        let mut budget = Budget::of_one_reading(0);
        let text = format!("[{}]", "0 ".repeat(500_000));
        assert_eq!(Reader::new(text.as_bytes(), 0).value(&mut budget), Err(PdfError::TooLarge));
        let text = format!("[{}]", "0 ".repeat(499_999));
        assert!(Reader::new(text.as_bytes(), 0).value(&mut Budget::of_one_reading(0)).is_ok());
    }
}
