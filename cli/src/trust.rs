//! How the table "what was checked, by whom, what was not" is shown: as text, as JSON, and as one page to print.

use crate::ui::{Ui, columns, harmless, table};
use kazasu_catalogue::trust::{Words, conclusion, next_step, outcome, sum};
use kazasu_catalogue::{Lang, Word};
use kazasu_core::Digest;
use kazasu_pki::finding::{By, Conclusion, Finding, Outcome};
use kazasu_pki::glance::time_in_japan;
use kazasu_pki::hash::{Hash, bytes};
use kazasu_pki::{Check, Findings};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::SystemTime;

/// One thing that was looked at: a signature, a certificate, a proof.
pub(crate) struct Section<'f> {
    /// Which.
    pub(crate) title: String,
    /// What it says of itself, as `label  value`.
    pub(crate) facts: Vec<(String, String)>,
    /// The table.
    pub(crate) findings: &'f Findings,
    /// Of a PDF.
    pub(crate) pdf: Option<OfPdf>,
}

/// What programs are told of a signature in a PDF beside the table: docs/json.md.
pub(crate) struct OfPdf {
    /// Which bytes of the file it is about.
    pub(crate) bytes: Value,
    /// A timestamp of the whole document, and nobody's signature.
    pub(crate) document_timestamp: bool,
}

/// A file that was looked at, so that everybody can tell later which one it was.
#[derive(Clone)]
pub(crate) struct Looked {
    name: String,
    sha256: String,
}

impl Looked {
    /// One whose bytes are at hand.
    pub(crate) fn at(path: &Path, bytes: &[u8]) -> Self {
        Self::with(path, &Hash::Sha256.digest(bytes))
    }

    /// One that was read piece by piece.
    pub(crate) fn with(path: &Path, sha256: &Digest) -> Self {
        Self { name: path.display().to_string(), sha256: hex::encode(bytes(sha256)) }
    }
}

/// Everything that was found about one file, card or token.
pub(crate) struct Report<'f> {
    /// What was looked at: a file's name, or what else.
    pub(crate) subject: String,
    /// When.
    pub(crate) at: SystemTime,
    /// The files of it.
    pub(crate) files: Vec<Looked>,
    /// One each; a file with two signatures has two.
    pub(crate) sections: Vec<Section<'f>>,
    /// What the caller can do without.
    pub(crate) without: &'f [Check],
    /// Whether options of this command help where something is missing or fails.
    pub(crate) options: bool,
    /// Whether it is known to be a demonstration card's, which certificates without a policy do not say.
    pub(crate) demonstration: bool,
}

/// The exit code of a result in which something failed, or was asked for and not checked.
const NOT_EVERYTHING: u8 = 6;

impl Report<'_> {
    /// Success only when every section says that everything asked for was checked and holds; nothing to look at is not
    /// success.
    pub(crate) fn exit_code(&self) -> ExitCode {
        let everything = !self.sections.is_empty() && self.holding() == self.sections.len();
        if everything { ExitCode::SUCCESS } else { ExitCode::from(NOT_EVERYTHING) }
    }

    /// How many sections say so.
    fn holding(&self) -> usize {
        self.sections.iter().filter(|section| self.concludes(section) == Conclusion::EverythingAsked).count()
    }

    /// What several sections say together: the good news of the last one is none about the file.
    fn sum(&self, ui: Ui) -> Option<String> {
        (self.sections.len() > 1).then(|| sum(self.holding(), self.sections.len(), ui.lang))
    }

    /// What to do about a section.
    fn next_step(&self, section: &Section<'_>, ui: Ui) -> Option<&'static str> {
        let next = next_step(self.concludes(section), section.findings, self.demonstration, ui.lang);
        next.filter(|_| self.options)
    }

    fn concludes(&self, section: &Section<'_>) -> Conclusion {
        section.findings.conclusion(self.without)
    }

    /// Which of the lines that nobody looked at the caller does without: a conclusion does not speak of them.
    fn left_out(&self, section: &Section<'_>, ui: Ui) -> Option<String> {
        let unchecked = |line: &&Finding| matches!(line.outcome, Outcome::NotChecked(_));
        let lines = section.findings.lines().iter().filter(unchecked);
        let left_out: Vec<_> = lines.filter(|line| self.without.contains(&line.check)).collect();
        let names: Vec<_> = left_out.iter().map(|line| line.check.text(ui.lang)).collect();
        (!names.is_empty()).then(|| format!("{}: {}", ui.word(Word::LeftOut), names.join(", ")))
    }

    /// When it was, and which files they were.
    fn heading(&self, ui: Ui) -> Vec<(String, String)> {
        let at = (ui.word(Word::LookedAtTime).to_owned(), in_japan(self.at));
        let files = self.files.iter().map(|file| (format!("SHA-256 ({})", file.name), file.sha256.clone()));
        [at].into_iter().chain(files).collect()
    }

    /// For a terminal.
    pub(crate) fn text(&self, ui: Ui) -> String {
        let heading = self.heading(ui);
        let rows: Vec<_> = heading.iter().map(|(label, value)| (label.as_str(), value.clone())).collect();
        let mut out = format!("{}\n{}", harmless(&self.subject), table(&rows));
        for section in &self.sections {
            let _ = write!(out, "\n{}\n", harmless(&section.title));
            let facts = section.facts.iter().map(|(label, value)| (label.as_str(), value.as_str()));
            let lines = section.findings.lines().iter();
            let width = facts.clone().map(|(label, _)| columns(label));
            let width = width.chain(lines.clone().map(|line| columns(line.check.text(ui.lang)))).max().unwrap_or(0);
            for (label, value) in facts {
                let _ = writeln!(out, "    {label}{}  {}", gap(label, width), harmless(value));
            }
            for line in lines {
                let check = line.check.text(ui.lang);
                let remark = remark(line, ui.lang);
                let shown = format!("  {} {check}{}  {remark}", mark(line), gap(check, width));
                let _ = writeln!(out, "{}", shown.trim_end());
            }
            if section.findings.test() {
                let _ = writeln!(out, "  ! {}", ui.word(Word::TestAnchors));
            }
            if let Some(left_out) = self.left_out(section, ui) {
                let _ = writeln!(out, "  ! {left_out}");
            }
            let _ = writeln!(out, "  = {}", conclusion(self.concludes(section), ui.lang));
            if let Some(next) = self.next_step(section, ui) {
                let _ = writeln!(out, "    {next}");
            }
        }
        if let Some(sum) = self.sum(ui) {
            let _ = writeln!(out, "\n= {sum}");
        }
        out
    }

    /// For programs: docs/json.md.
    pub(crate) fn json(&self) -> Value {
        let sections = self.sections.iter().map(|section| {
            let findings = section.findings.lines().iter().map(finding_json);
            let (result, check, because) = match self.concludes(section) {
                Conclusion::EverythingAsked => ("everything-asked", None, None),
                Conclusion::Fails(check, reason) => ("fails", Some(check.code()), Some(reason.code())),
                Conclusion::NotEverything(check, why) => ("not-everything", Some(check.code()), Some(why.code())),
            };
            let mut shown = json!({
                "title": section.title,
                "facts": section.facts.iter().cloned().map(|(label, value)| [label, value]).collect::<Vec<_>>(),
                "findings": findings.collect::<Vec<_>>(),
                "test": section.findings.test(),
                "conclusion": { "result": result, "check": check, "because": because },
            });
            if let Some(OfPdf { bytes, document_timestamp }) = &section.pdf {
                shown["bytes"] = bytes.clone();
                shown["document_timestamp"] = json!(document_timestamp);
            }
            shown
        });
        let files = self.files.iter().map(|file| json!({ "file": file.name, "sha256": file.sha256 }));
        json!({
            "subject": self.subject,
            "looked_at": in_japan(self.at),
            "files": files.collect::<Vec<_>>(),
            "without": self.without.iter().map(|check| check.code()).collect::<Vec<_>>(),
            "sections": sections.collect::<Vec<_>>(),
            "sum": { "hold": self.holding(), "of": self.sections.len() },
        })
    }

    /// One page that stands alone: no script, nothing fetched.
    pub(crate) fn html(&self, ui: Ui) -> String {
        let lang = ui.lang.pick("en", "ja");
        let subject = escaped(&self.subject);
        let mut out = format!(
            "<!doctype html>\n<html lang=\"{lang}\">\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
             <title>{subject}</title>\n<style>\n{STYLE}</style>\n<h1>{}</h1>\n<p class=\"subject\">{subject}</p>\n",
            ui.word(Word::ReportTitle)
        );
        definitions(&mut out, &self.heading(ui));
        for section in &self.sections {
            let concluded = self.concludes(section);
            let class = match concluded {
                Conclusion::EverythingAsked => "holds",
                Conclusion::Fails(..) => "fails",
                Conclusion::NotEverything(..) => "open",
            };
            let _ = writeln!(out, "<section>\n<h2>{}</h2>", escaped(&section.title));
            let _ = writeln!(out, "<p class=\"conclusion {class}\">{}</p>", escaped(&conclusion(concluded, ui.lang)));
            if let Some(next) = self.next_step(section, ui) {
                let _ = writeln!(out, "<p>{}</p>", escaped(next));
            }
            if section.findings.test() {
                let _ = writeln!(out, "<p class=\"conclusion open\">{}</p>", escaped(ui.word(Word::TestAnchors)));
            }
            if let Some(left_out) = self.left_out(section, ui) {
                let _ = writeln!(out, "<p class=\"conclusion open\">{}</p>", escaped(&left_out));
            }
            definitions(&mut out, &section.facts);
            let heads = [Word::ReportCheck, Word::ReportOutcome, Word::ReportBy].map(|word| ui.word(word));
            let _ = writeln!(
                out,
                "<table>\n<tr><th></th><th>{}</th><th>{}</th><th>{}</th></tr>",
                heads[0], heads[1], heads[2]
            );
            for line in section.findings.lines() {
                let class = match line.outcome {
                    Outcome::Holds => "holds",
                    Outcome::Fails(_) => "fails",
                    Outcome::NotChecked(_) => "open",
                };
                let outcome = outcome(line.outcome, ui.lang);
                let cells = [mark(line), line.check.text(ui.lang), &outcome, line.by.text(ui.lang)];
                let cells = cells.map(|cell| format!("<td>{}</td>", escaped(cell))).concat();
                let _ = writeln!(out, "<tr class=\"{class}\">{cells}</tr>");
            }
            out.push_str("</table>\n</section>\n");
        }
        if let Some(sum) = self.sum(ui) {
            let class = if self.holding() == self.sections.len() { "holds" } else { "fails" };
            let _ = writeln!(out, "<p class=\"conclusion {class}\">{}</p>", escaped(&sum));
        }
        let _ = writeln!(out, "<footer>kazasu {}</footer>\n</html>", env!("CARGO_PKG_VERSION"));
        out
    }
}

fn definitions(out: &mut String, rows: &[(String, String)]) {
    if rows.is_empty() {
        return;
    }
    out.push_str("<dl>\n");
    for (label, value) in rows {
        let _ = writeln!(out, "<dt>{}</dt><dd>{}</dd>", escaped(label), escaped(value));
    }
    out.push_str("</dl>\n");
}

/// `2026-11-20 09:00:00 JST`.
pub(crate) fn in_japan(at: SystemTime) -> String {
    format!("{} JST", time_in_japan(at))
}

const STYLE: &str = "\
@page { size: A4; margin: 18mm }
body { font: 10.5pt/1.5 'Noto Sans', 'Noto Sans JP', 'Hiragino Sans', 'Yu Gothic', sans-serif; color: #1a1a1a; max-width: 48em; margin: 2em auto; padding: 0 1em }
h1 { font-size: 1.5em; margin: 0 } h2 { font-size: 1.1em; margin: 1.6em 0 .4em } .subject { color: #555; margin: 0; overflow-wrap: anywhere }
.conclusion { border-left: .35em solid; padding: .4em .8em; margin: .4em 0; font-weight: 600 }
.conclusion.holds { border-color: #1b7f3b; background: #eef8f0 } .conclusion.fails { border-color: #b3261e; background: #fdf0ef } .conclusion.open { border-color: #8a6100; background: #fdf7e6 }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1em 1em } dt { color: #555 } dd { margin: 0; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100% } th { text-align: left; color: #555; font-weight: 500; white-space: nowrap } td, th { padding: .22em .6em .22em 0; border-bottom: 1px solid #ddd; vertical-align: top }
tr.holds td:first-child { color: #1b7f3b } tr.fails td:first-child, tr.fails td:nth-child(3) { color: #b3261e; font-weight: 600 } tr.open td:first-child, tr.open td:nth-child(3) { color: #8a6100 }
footer { margin-top: 2em; color: #777; font-size: .85em }
@media print { @page { margin: 12mm 16mm } body { font-size: 8.5pt; line-height: 1.35; max-width: none; margin: 0; padding: 0 } h2 { margin: 1em 0 .3em } td, th { padding: .1em .5em .1em 0 } section { break-inside: avoid } footer { margin-top: 1em } }
";

fn finding_json(line: &Finding) -> Value {
    let (result, because) = match line.outcome {
        Outcome::Holds => ("holds", None),
        Outcome::Fails(reason) => ("fails", Some(reason.code())),
        Outcome::NotChecked(why) => ("not-checked", Some(why.code())),
    };
    let by = match line.by {
        By::Kazasu => "kazasu",
        By::Other => "other",
        By::Nobody => "nobody",
    };
    json!({ "check": line.check.code(), "result": result, "because": because, "by": by })
}

/// A sign that needs no colour.
const fn mark(line: &Finding) -> &'static str {
    match line.outcome {
        Outcome::Holds => "✓",
        Outcome::Fails(_) => "✗",
        Outcome::NotChecked(_) => "–",
    }
}

/// What a terminal's line says beside the mark.
fn remark(line: &Finding, lang: Lang) -> String {
    match (line.outcome, line.by) {
        (Outcome::Holds, By::Kazasu) => String::new(),
        (Outcome::Holds, by) => format!("({})", by.text(lang)),
        (other, _) => outcome(other, lang),
    }
}

fn gap(label: &str, width: usize) -> String {
    " ".repeat(width.saturating_sub(columns(label)))
}

fn escaped(text: &str) -> String {
    let text = harmless(text);
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use kazasu_pki::path::examine;
    use kazasu_pki::revocation::NotAsked;
    use kazasu_pki::{Anchors, TransientCertificate, UserAuthentication};
    use std::time::{Duration, UNIX_EPOCH};

    /// 2026-11-20.
    fn today() -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_795_132_800)
    }

    /// The demonstration card's certificate under authorities that do not know it.
    fn findings() -> Findings {
        let persona = kazasu_fixtures::Persona::named("adult").expect("a persona");
        let der = persona.file("jpki", 0x0A).expect("a certificate");
        let certificate = TransientCertificate::<UserAuthentication>::new(&der).expect("a certificate");
        examine(&certificate, &Anchors::production(), today(), &NotAsked).expect("findings").findings
    }

    fn report(findings: &Findings) -> Report<'_> {
        let facts = vec![(String::from("label"), String::from("<b>\u{1b}[31m"))];
        let section = Section { title: String::from("a & b"), facts, findings, pdf: None };
        let files = vec![Looked::at(Path::new("<i>.txt"), b"abc")];
        let sections = vec![section];
        Report {
            subject: String::from("file"),
            at: today(),
            files,
            sections,
            without: &[],
            options: true,
            demonstration: false,
        }
    }

    #[test]
    fn a_table_shows_every_line_in_text_json_and_html() {
        let findings = findings();
        let report = report(&findings);
        for lang in [Lang::En, Lang::Ja] {
            let ui = Ui { lang, json: false, verbose: false, force: false };
            let (text, html) = (report.text(ui), report.html(ui));
            for line in findings.lines() {
                assert!(text.contains(line.check.text(lang)) && html.contains(&escaped(line.check.text(lang))));
            }
            assert!(text.contains("✗") && text.contains("–"));
        }
        assert_eq!(report.json()["sections"][0]["findings"].as_array().map(Vec::len), Some(findings.lines().len()));
        assert_eq!(report.json()["sections"][0]["conclusion"]["result"], "fails");
    }

    #[test]
    fn what_a_file_says_of_itself_can_neither_command_a_terminal_nor_a_browser() {
        let findings = findings();
        let report = report(&findings);
        let ui = Ui { lang: Lang::En, json: false, verbose: false, force: false };
        assert!(!report.text(ui).contains('\u{1b}'));
        assert!(report.html(ui).contains("&lt;b&gt;") && !report.html(ui).contains("<b>"));
        assert!(report.html(ui).contains("a &amp; b"));
    }

    #[test]
    fn a_report_says_when_it_was_about_which_file_and_what_option_helps() {
        let findings = findings();
        let report = report(&findings);
        let ui = Ui { lang: Lang::En, json: false, verbose: false, force: false };
        // FIPS 180-4, the digest of `abc`.
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        for told in [report.text(ui), report.html(ui), report.json().to_string()] {
            assert!(told.contains("2026-11-20 09:00:00 JST") && told.contains(abc), "{told}");
        }
        assert!(report.text(ui).contains("--test-anchors") && report.html(ui).contains("--test-anchors"));
    }

    #[test]
    fn several_sections_end_with_their_sum_and_one_does_not() {
        let findings = findings();
        let one = report(&findings);
        let of = |count| {
            let sections = (0..count).map(|_| report(&findings).sections.remove(0)).collect();
            Report { sections, ..report(&findings) }
        };
        for lang in [Lang::En, Lang::Ja] {
            let ui = Ui { lang, json: false, verbose: false, force: false };
            let told = sum(0, 2, lang);
            assert!(of(2).text(ui).ends_with(&format!("\n= {told}\n")) && of(2).html(ui).contains(&escaped(&told)));
            assert!(!one.text(ui).contains("\n= "), "it has said so itself");
        }
        assert_eq!(
            (&one.json()["sum"], &of(2).json()["sum"]),
            (&json!({"hold": 0, "of": 1}), &json!({"hold": 0, "of": 2}))
        );
    }

    #[test]
    fn a_report_about_nothing_is_no_success() {
        let findings = findings();
        let empty = Report { sections: Vec::new(), ..report(&findings) };
        assert_eq!(format!("{:?}", empty.exit_code()), format!("{:?}", ExitCode::from(6)));
    }
}
