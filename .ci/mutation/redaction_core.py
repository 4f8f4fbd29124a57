"""What the core keeps out of traces and of Debug, shown again one at a time."""

SAID = ["-p", "kazasu-safety", "--test", "texts", "--", "nothing_that_is_handed_out_or_said"]
SHOWS = ["nothing_that_is_handed_out_or_said_shows_what_it_holds"]
TEXTS = ["-p", "kazasu-safety", "--test", "texts", "--", "no_text_of_the_core"]
TELLS = ["no_text_of_the_core_tells_what_it_must_not_tell"]
UNIT = ["-p", "kazasu-core", "--lib", "--", "trace::", "apdu::", "secret::"]
TRACE = "core/src/trace.rs"

MUTANTS = [
    # ---- the trace ----
    ("trace-data", "a trace shows no command's data", TRACE,
     '        write!(f, " … ({})", Bytes(rest.len()))?;\n', '        rest.iter().try_for_each(|byte| write!(f, " {byte:02X}"))?;\n',
     UNIT, ["a_secret_and_a_files_bytes_are_shown_as_lengths"]),
    ("trace-verify", "a trace shows no secret", TRACE,
     "    if matches!((cla, ins, p1), (0x00, 0xA4, 0x02 | 0x04)) {\n",
     "    if matches!((cla, ins, p1), (0x00, 0xA4, 0x02 | 0x04) | (0x00, 0x20, 0x00)) {\n",
     TEXTS, TELLS),
    ("trace-change", "a trace shows no new secret", TRACE,
     "    if matches!((cla, ins, p1), (0x00, 0xA4, 0x02 | 0x04)) {\n",
     "    if matches!((cla, ins, p1), (0x00, 0xA4, 0x02 | 0x04) | (0x00, 0x24, _)) {\n",
     UNIT, ["a_secret_and_a_files_bytes_are_shown_as_lengths"]),
    ("trace-signed", "a trace shows no digest", TRACE,
     "    if matches!((cla, ins, p1), (0x00, 0xA4, 0x02 | 0x04)) {\n",
     "    if matches!((cla, ins, p1), (0x00, 0xA4, 0x02 | 0x04) | (0x80, 0x2A, _)) {\n",
     UNIT, ["a_secret_and_a_files_bytes_are_shown_as_lengths"]),
    ("trace-fragment", "a trace shows no piece of a command", TRACE,
     'write!(f, "> ({})  not a command", Bytes(bytes.len()))', 'write!(f, "> {bytes:02X?}  not a command")',
     UNIT, ["a_secret_and_a_files_bytes_are_shown_as_lengths"]),
    ("trace-answer", "a trace shows no answer's data", TRACE,
     "    pub fn response(&mut self, response: &[u8]) -> Line<'static> {\n",
     "    pub fn response<'a>(&mut self, response: &'a [u8]) -> Line<'a> {\n",
     TEXTS, TELLS, [
         (TRACE, "Line(Content::Response { len: data.len(), status })", "Line(Content::Response { data, status })"),
         (TRACE, "    Response { len: usize, status: Status },\n", "    Response { data: &'a [u8], status: Status },\n"),
         (TRACE, "            Content::Response { len: 0, status } =>", "            Content::Response { data: [], status } =>"),
         (TRACE, 'Content::Response { len, status } => write!(f, "< ({}) {status}  {}", Bytes(len), status.meaning()),',
          'Content::Response { data, status } => write!(f, "< {data:02X?} {status}  {}", status.meaning()),'),
     ]),
    ("trace-debug", "Debug of a trace's line masks too", TRACE,
     "        fmt::Display::fmt(self, f)\n",
     "        match self.0 {\n            Content::Command { bytes, .. } => write!(f, \"{bytes:?}\"),\n"
     "            _ => fmt::Display::fmt(self, f),\n        }\n",
     UNIT, ["a_secret_and_a_files_bytes_are_shown_as_lengths"]),
    # ---- Debug ----
    ("debug-command", "Debug of a command shows no data", "core/src/apdu.rs",
     'write!(f, "Command(INS {:02X}, {} bytes)", self.bytes[1], self.len)', 'write!(f, "Command({:02X?})", self.as_slice())',
     SAID, SHOWS),
    ("debug-response", "Debug of a response shows no data", "core/src/transport.rs",
     'write!(f, "ResponseBuf({} of {} bytes)", self.len, self.bytes.len())', 'write!(f, "ResponseBuf({:?})", self.as_slice())',
     SAID, SHOWS),
    ("debug-object", "Debug of an object shows no value", "core/src/tlv.rs",
     'write!(f, "Tlv({:X}, {} bytes)", self.tag, self.value.len())', 'write!(f, "Tlv({:X}, {:?})", self.tag, self.value)',
     SAID, SHOWS),
    ("debug-date", "Debug of a birth date shows nothing", "core/src/secret.rs",
     'f.write_str("Date(…)")', 'write!(f, "Date({}-{}-{})", self.year, self.month, self.day)',
     SAID, SHOWS),
    ("debug-signature", "Debug of a signature shows its size", "core/src/session/sign.rs",
     'f.write_str("Signature(256 bytes)")', 'write!(f, "Signature({:?})", self.0)',
     SAID, SHOWS),
    ("debug-digest", "Debug of a digest shows its kind", "core/src/session/sign.rs",
     'Self::Sha384(_) => "Sha384(…)",', 'Self::Sha384(digest) => return write!(f, "Sha384({digest:?})"),',
     SAID, SHOWS),
    ("debug-number", "Debug of the My Number shows nothing", "core/src/mynumber/text.rs",
     'f.write_str("MyNumber(…)")', 'write!(f, "MyNumber({})", self.digits())',
     SAID, SHOWS),
    ("debug-attributes", "Debug of the four attributes shows nothing", "core/src/mynumber/text.rs",
     'f.write_str("Attributes(…)")', 'write!(f, "Attributes({} {} {} {})", self.name, self.address, self.birth, self.sex)',
     SAID, SHOWS),
    ("debug-face", "Debug of the card face shows nothing", "core/src/mynumber/surface.rs",
     "shows_nothing!(Face NumberImage BirthRecord);",
     "shows_nothing!(NumberImage BirthRecord);\n"
     "impl fmt::Debug for Face<'_> {\n    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {\n"
     '        write!(f, "Face({})", self.birth)\n    }\n}',
     SAID, SHOWS),
    ("debug-image", "Debug of the My Number's image shows nothing", "core/src/mynumber/surface.rs",
     "shows_nothing!(Face NumberImage BirthRecord);",
     "shows_nothing!(Face BirthRecord);\n"
     "impl fmt::Debug for NumberImage<'_> {\n    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {\n"
     '        write!(f, "NumberImage({:?})", self.record)\n    }\n}',
     SAID, SHOWS),
    ("debug-birth", "Debug of the birth record shows nothing", "core/src/mynumber/surface.rs",
     "shows_nothing!(Face NumberImage BirthRecord);",
     "shows_nothing!(Face NumberImage);\n"
     "impl fmt::Debug for BirthRecord<'_> {\n    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {\n"
     '        write!(f, "BirthRecord({})", self.birth)\n    }\n}',
     SAID, SHOWS),
    ("debug-card-record", "Debug of the card record shows nothing", "core/src/mynumber/common.rs",
     'f.write_str("CardRecord(…)")', 'write!(f, "CardRecord({})", self.serial())',
     SAID, SHOWS),
    # ---- panics ----
    ("panic-unanswered", "a panic over a command shows none of it", "core/src/step.rs",
     '        assert!(self.mailbox.slot.borrow().holds != Holds::Sent, "the last command has not been answered");\n',
     "        let slot = self.mailbox.slot.borrow();\n"
     '        assert!(slot.holds != Holds::Sent, "not answered: {:?}", slot.command.as_slice());\n        drop(slot);\n',
     SAID, SHOWS, [
         # What is taken is wiped where it lay; that is another redaction, and this one is looked at without it.
         ("core/src/step.rs", "Next::Transmit(slot.command.take())",
          "Next::Transmit(Command::copy_of(slot.command.as_slice()).unwrap_or(Command::empty()))"),
     ]),
]
