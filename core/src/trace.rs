//! A transport around another that tells what goes through it, in the tables' names and without contents: a secret, a file's
//! bytes or a signature is never shown, only how long it is. The only place that may print commands.

use crate::mynumber::APPLICATIONS;
use crate::status::Status;
use crate::table::Application;
use crate::transport::{Capabilities, LinkError, ResponseBuf, Transport};
use core::fmt;

/// Calls `sink` with each command's and response's masked description.
pub struct Tracer<T, S> {
    inner: T,
    sink: S,
    annotator: Annotator,
}

impl<T, S: FnMut(Line<'_>)> Tracer<T, S> {
    /// Traces `inner` into `sink`.
    pub const fn new(inner: T, sink: S) -> Self {
        Self { inner, sink, annotator: Annotator::new() }
    }
}

impl<T: Transport, S: FnMut(Line<'_>)> Transport for Tracer<T, S> {
    async fn transmit(&mut self, command: &[u8], response: &mut ResponseBuf<'_>) -> Result<(), LinkError> {
        (self.sink)(self.annotator.command(command));
        let sent = self.inner.transmit(command, response).await;
        (self.sink)(match sent {
            Ok(()) => self.annotator.response(response.as_slice()),
            Err(link) => Line(Content::Broken(link)),
        });
        sent
    }

    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }

    fn progress(&mut self, done: usize, total: Option<usize>) {
        self.inner.progress(done, total);
    }
}

/// Follows a conversation, so that file ids get the names of the application that is selected.
#[derive(Default)]
pub struct Annotator {
    application: Option<&'static Application>,
    selecting: Option<&'static Application>,
}

impl Annotator {
    /// Before the first command.
    #[must_use]
    pub const fn new() -> Self {
        Self { application: None, selecting: None }
    }

    /// Describes a command.
    pub fn command<'a>(&mut self, command: &'a [u8]) -> Line<'a> {
        self.selecting = match *command {
            [0x00, 0xA4, 0x04, _, lc, ref rest @ ..] => {
                APPLICATIONS.iter().copied().find(|application| rest.get(..usize::from(lc)) == Some(application.aid))
            }
            _ => self.application,
        };
        let application = if is_select_application(command) { self.selecting } else { self.application };
        Line(Content::Command { bytes: command, application })
    }

    /// Describes the response to the last command.
    pub fn response(&mut self, response: &[u8]) -> Line<'static> {
        let [data @ .., sw1, sw2] = response else { return Line(Content::NoStatus(response.len())) };
        let status = Status(u16::from_be_bytes([*sw1, *sw2]));
        if status == Status::OK {
            self.application = self.selecting;
        }
        Line(Content::Response { len: data.len(), status })
    }
}

/// One line of a trace. `Display` and `Debug` mask; nothing else gets at the bytes.
#[derive(Clone, Copy)]
pub struct Line<'a>(Content<'a>);

#[derive(Clone, Copy)]
enum Content<'a> {
    Command { bytes: &'a [u8], application: Option<&'static Application> },
    Response { len: usize, status: Status },
    NoStatus(usize),
    Broken(LinkError),
}

impl fmt::Debug for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Content::Command { bytes, application } => show_command(f, bytes, application),
            Content::Response { len: 0, status } => write!(f, "< {status}  {}", status.meaning()),
            Content::Response { len, status } => write!(f, "< ({}) {status}  {}", Bytes(len), status.meaning()),
            Content::NoStatus(len) => write!(f, "< ({})  no status word", Bytes(len)),
            Content::Broken(link) => write!(f, "! {link}"),
        }
    }
}

/// How long something is.
struct Bytes(usize);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} byte{}", self.0, if self.0 == 1 { "" } else { "s" })
    }
}

const fn is_select_application(command: &[u8]) -> bool {
    matches!(command, [0x00, 0xA4, 0x04, ..])
}

fn show_command(f: &mut fmt::Formatter<'_>, bytes: &[u8], application: Option<&'static Application>) -> fmt::Result {
    let [cla, ins, p1, p2, rest @ ..] = bytes else { return write!(f, "> ({})  not a command", Bytes(bytes.len())) };
    write!(f, "> {cla:02X} {ins:02X} {p1:02X} {p2:02X}")?;
    // Identifiers of applications and files are public; every other command's data is not shown.
    if matches!((cla, ins, p1), (0x00, 0xA4, 0x02 | 0x04)) {
        rest.iter().try_for_each(|byte| write!(f, " {byte:02X}"))?;
    } else if !rest.is_empty() {
        write!(f, " … ({})", Bytes(rest.len()))?;
    }
    let name_of = |id| application.and_then(|application| application.name_of(id));
    let short = |p: u8| if p & 0x80 != 0 && p & 0x1F != 0 { name_of(u16::from(p & 0x1F)) } else { None };
    let (verb, name) = match (cla, ins, p1) {
        (0x00, 0xA4, 0x04) => ("select", application.map(|application| application.title)),
        (0x00, 0xA4, 0x02) => match rest {
            [2, high, low] => ("select", name_of(u16::from_be_bytes([*high, *low]))),
            _ => ("select", None),
        },
        (0x00, 0xB0, p1) if p1 & 0x80 != 0 => ("read", short(*p1)),
        (0x00, 0xB0, _) => {
            return write!(f, "  read on from byte {}", u16::from_be_bytes([*p1, *p2]));
        }
        (0x00, 0xB2, _) => ("read record", name_of(u16::from(p2 >> 3))),
        (0x00, 0x20, _) if rest.is_empty() => ("tries left of", short(*p2)),
        (0x00, 0x20, _) => ("verify", short(*p2)),
        (0x00, 0x24, _) => ("change", short(*p2)),
        (0x80, 0x2A, _) if *p2 == 0 => ("sign with", application.and_then(default_key)),
        (0x80, 0x2A, _) => ("sign with", short(*p2)),
        (0x00, 0x88, _) => ("internal authenticate with", short(*p2)),
        (0x00, 0xCA, _) => {
            let tag = u16::from_be_bytes([*p1, *p2]);
            let object =
                application.and_then(|application| application.objects.iter().find(|object| object.tag == tag));
            ("get data", object.map(|object| object.name))
        }
        (0x00, 0xC0, _) => return f.write_str("  get response"),
        _ => return f.write_str("  a command that Kazasu does not send"),
    };
    write!(f, "  {verb} {}", name.unwrap_or(if *ins == 0xA4 { "something unknown" } else { "what is selected" }))
}

fn default_key(application: &'static Application) -> Option<&'static str> {
    let key = application.keys.iter().find(|key| key.operation == crate::table::Operation::SignDefault);
    key.map(|key| key.name)
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::format;

    #[test]
    fn a_secret_and_a_files_bytes_are_shown_as_lengths() {
        let mut annotator = Annotator::new();
        let select = [0x00, 0xA4, 0x04, 0x0C, 0x0A, 0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01];
        assert!(
            format!("{}", annotator.command(&select)).ends_with("select public key infrastructure for individuals")
        );
        annotator.response(&[0x90, 0x00]);
        for (command, shown) in [
            (&[0x00, 0x20, 0x00, 0x98, 0x04, 0x39, 0x31, 0x38, 0x32][..], "> 00 20 00 98 … (5 bytes)  verify auth-pin"),
            (&[0x00, 0x24, 0x01, 0x80, 0x02, 0x39, 0x31], "> 00 24 01 80 … (3 bytes)  change what is selected"),
            (&[0x00, 0x20, 0x00, 0x9B], "> 00 20 00 9B  tries left of sign-password"),
            (&[0x80, 0x2A, 0x00, 0x9A, 0x01, 0xAA, 0x00], "> 80 2A 00 9A … (3 bytes)  sign with signature key"),
            (&[0x80, 0xFC, 0x39, 0x31, 0x38], "> 80 FC 39 31 … (1 byte)  a command that Kazasu does not send"),
            (&[0x39, 0x31, 0x38], "> (3 bytes)  not a command"),
        ] {
            assert_eq!(format!("{}", annotator.command(command)), shown);
            assert_eq!(format!("{:?}", annotator.command(command)), shown);
        }
        assert_eq!(format!("{}", annotator.response(&[0x39, 0x31, 0x90, 0x00])), "< (2 bytes) 9000  ok");
        assert_eq!(format!("{}", annotator.response(&[0x39])), "< (1 byte)  no status word");
    }
}
