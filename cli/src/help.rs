//! The help in the language of the reader. English is the grammar's own doc comments, shown by clap; Japanese is the
//! catalogue's table. clap counts a Japanese character as one column and breaks lines only at spaces, so the Japanese
//! pages are set here.

use crate::args::Cli;
use crate::ui::columns;
use clap::builder::{StyledStr, Styles};
use clap::{Arg, ArgAction, Command, CommandFactory};
use kazasu_catalogue::{Heading, Lang, Topic, help_ja};

/// The grammar with its texts in this language.
pub(crate) fn command(lang: Lang) -> Command {
    match lang {
        Lang::En => Cli::command(),
        Lang::Ja => {
            let mut command = translated(Cli::command(), "");
            command.build();
            with_page(command, "", page_width())
        }
    }
}

// ---- texts into the grammar ----

fn translated(command: Command, path: &str) -> Command {
    let command = match help_ja(path, Topic::About) {
        Some(about) => command.about(about),
        None => command,
    };
    let command = match help_ja(path, Topic::More) {
        Some(more) => command.long_about(more),
        None => command,
    };
    let command = match help_ja(path, Topic::After) {
        Some(after) => command.after_help(after),
        None => command,
    };
    command
        .mut_args(|arg| {
            let id = arg.get_id().as_str().to_owned();
            let arg = match help_ja(path, Topic::Argument(&id)) {
                Some(help) => arg.help(help),
                None => arg,
            };
            match help_ja(path, Topic::Hint(&id)) {
                Some(hint) => arg.value_name(hint),
                None => arg,
            }
        })
        .mut_subcommands(|command| {
            let path = below(path, command.get_name());
            translated(command, &path)
        })
}

fn below(path: &str, name: &str) -> String {
    // Every command that has commands has this one.
    if path.is_empty() || name == "help" { name.to_owned() } else { format!("{path} {name}") }
}

// ---- pages ----

/// Japanese lines longer than this are hard to follow.
const WIDEST: usize = 100;
/// What is explained stands at most this wide beside its explanation.
const LABEL: usize = 30;
/// Where an explanation begins that has no room beside its label.
const INDENT: usize = 8;

/// As wide as clap would write: the terminal, `COLUMNS`, or 100. Only clap knows, so it is given rulers to break, one
/// for odd and one for even widths.
fn page_width() -> usize {
    let odd = "x ".repeat(WIDEST);
    let mut ruler =
        Command::new("ruler").help_template("{about}").about(format!("{odd}\nx{odd}")).max_term_width(WIDEST);
    let widest = ruler.render_help().to_string().lines().map(|line| line.trim_end().len()).max();
    widest.unwrap_or(WIDEST).max(40)
}

fn with_page(mut command: Command, path: &str, width: usize) -> Command {
    let page = page(&mut command, path, width);
    command.override_help(StyledStr::from(page)).mut_subcommands(|command| {
        let path = below(path, command.get_name());
        if path == "help" && command.has_subcommands() {
            // clap hangs copies of all commands below `help`; no page is ever shown for them.
            let page = self::page(&mut command.clone(), &path, width);
            return command.override_help(StyledStr::from(page));
        }
        with_page(command, &path, width)
    })
}

fn page(command: &mut Command, path: &str, width: usize) -> String {
    let header = *Styles::styled().get_header();
    let heading = |heading: Heading| format!("{header}{}:{header:#}", heading.ja());
    let usage = usage_ja(&command.render_usage().to_string());
    let text = |topic| help_ja(path, topic);

    let about = command.get_about().map(ToString::to_string);
    let mut page = paragraph(text(Topic::About).unwrap_or(about.as_deref().unwrap_or_default()), width);
    if let Some(more) = text(Topic::More) {
        page += &format!("\n{}", paragraph(more, width));
    }
    page += &format!("\n{} {usage}\n", heading(Heading::Usage));

    let commands: Vec<_> = (command.get_subcommands().filter(|_| path != "help"))
        .map(|command| {
            let about = help_ja(&below(path, command.get_name()), Topic::About);
            let about = about.map_or_else(|| command.get_about().map(ToString::to_string), |ja| Some(ja.to_owned()));
            Row { label: command.get_name().to_owned(), help: vec![about.unwrap_or_default()] }
        })
        .collect();
    let rows = |wanted: &dyn Fn(&Arg) -> bool| -> Vec<Row> {
        command.get_arguments().filter(|arg| !arg.is_hide_set() && wanted(arg)).map(|arg| Row::of(arg, path)).collect()
    };
    let global = |arg: &Arg| arg.is_global_set();
    let sections = [
        (Heading::Commands, commands),
        (Heading::Arguments, rows(&|arg| arg.is_positional())),
        (Heading::Options, rows(&|arg| !arg.is_positional() && !global(arg))),
        (Heading::GlobalOptions, rows(&|arg| !arg.is_positional() && global(arg))),
    ];
    for (title, rows) in sections.iter().filter(|(_, rows)| !rows.is_empty()) {
        page += &format!("\n{}\n", heading(*title));
        let label = |row: &Row| columns(&row.label);
        let column = 4 + rows.iter().map(label).filter(|label| *label <= LABEL).max().unwrap_or(INDENT - 4);
        rows.iter().for_each(|row| page += &row.text(column, width));
    }
    if let Some(after) = text(Topic::After) {
        page += &format!("\n{}", paragraph(after, width));
    }
    page
}

/// What is explained, and its explanation: the sentence, then the values that are possible.
struct Row {
    label: String,
    help: Vec<String>,
}

impl Row {
    fn of(arg: &Arg, path: &str) -> Self {
        let id = arg.get_id().as_str();
        // What stands in every command is explained once.
        let own = |topic: Topic<'_>| help_ja(path, topic).or_else(|| help_ja("", topic));
        let english = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let mut sentence = own(Topic::Argument(id)).map_or(english, str::to_owned);
        let takes_values = matches!(arg.get_action(), ArgAction::Set | ArgAction::Append);
        let defaults: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
        if takes_values && !defaults.is_empty() {
            sentence += &format!(" [{}: {}]", Heading::Default.ja(), defaults.join(" "));
        }
        let values = if takes_values { arg.get_possible_values() } else { Vec::new() };
        let values: Vec<_> = values.iter().filter(|value| !value.is_hide_set()).collect();
        let told = |value: &str| own(Topic::Value(id, value));
        let mut help = vec![sentence];
        if values.iter().any(|value| told(value.get_name()).is_some()) {
            help.extend(
                values
                    .iter()
                    .map(|value| format!("  {}: {}", value.get_name(), told(value.get_name()).unwrap_or_default())),
            );
        } else if let Some(sentence) = help.first_mut()
            && !values.is_empty()
        {
            let names: Vec<_> = values.iter().map(|value| value.get_name()).collect();
            *sentence += &format!(" [{}: {}]", Heading::OneOf.ja(), names.join("、"));
        }
        Self { label: label(arg), help }
    }

    fn text(&self, column: usize, width: usize) -> String {
        let beside = columns(&self.label) + 4 <= column && column + 24 <= width;
        let indent = if beside { column } else { INDENT };
        let mut text = format!("  {}", self.label);
        text +=
            &if beside { " ".repeat(column - 2 - columns(&self.label)) } else { format!("\n{}", " ".repeat(indent)) };
        let mut lines = Vec::new();
        for help in &self.help {
            let hang = help.len() - help.trim_start().len();
            let wrapped = wrap(help.trim_start(), width.saturating_sub(indent + 2 * hang));
            lines.extend(
                wrapped
                    .into_iter()
                    .enumerate()
                    .map(|(at, line)| format!("{}{line}", " ".repeat(if at == 0 { hang } else { 2 * hang }))),
            );
        }
        text + &lines.join(&format!("\n{}", " ".repeat(indent))) + "\n"
    }
}

/// `-o, --output <FILE>`, or `<FILE>`.
fn label(arg: &Arg) -> String {
    let names = arg.get_value_names().unwrap_or_default();
    let mut hint = names.iter().map(|name| format!("<{name}>")).collect::<Vec<_>>().join(" ");
    if arg.is_positional() {
        if !arg.is_required_set() {
            hint = hint.replace('<', "[").replace('>', "]");
        }
        return hint;
    }
    let short = arg.get_short().map_or_else(|| "    ".to_owned(), |short| format!("-{short}, "));
    let long = arg.get_long().map(|long| format!("--{long}")).unwrap_or_default();
    let takes_values = matches!(arg.get_action(), ArgAction::Set | ArgAction::Append);
    if takes_values { format!("{short}{long} {hint}") } else { format!("{short}{long}") }
}

/// clap's usage line with its own words in Japanese; the hints in it already are.
pub(crate) fn usage_ja(usage: &str) -> String {
    let usage = usage.trim().strip_prefix("Usage:").unwrap_or(usage).trim();
    let hint = Heading::CommandHint.ja();
    usage
        .replace("[OPTIONS]", &format!("[{}]", Heading::Options.ja()))
        .replace("<COMMAND>", &format!("<{hint}>"))
        .replace("[COMMAND]", &format!("[{hint}]"))
}

fn paragraph(text: &str, width: usize) -> String {
    wrap(text, width).into_iter().map(|line| line + "\n").collect()
}

/// Breaks a text into lines where one reads on most easily: at spaces and between phrases.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut column = 0;
    for piece in pieces(text) {
        if column > 0 && column + columns(piece.trim_end()) > width {
            lines.push(String::new());
            column = 0;
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(piece);
            column = columns(line);
        }
    }
    lines.iter_mut().for_each(|line| line.truncate(line.trim_end().len()));
    lines
}

/// What is not broken, in order: a phrase of Japanese is a word and the hiragana behind it. What closes stays with what
/// stands before it, what opens with what follows, and what is in backquotes together.
fn pieces(text: &str) -> Vec<&str> {
    const CLOSES: &str = "、。・〜ー…)]」』】";
    const OPENS: &str = "([「『【〜";
    let mut pieces = Vec::new();
    let (mut start, mut before, mut quoted) = (0, ' ', false);
    for (at, character) in text.char_indices() {
        let phrase = script(character) != Script::Hiragana
            && script(before) != script(character)
            && !(before.is_ascii_digit() && script(character) == Script::Kanji);
        let held = quoted || character == ' ' || CLOSES.contains(character) || OPENS.contains(before);
        if at > 0 && !held && (phrase || before == ' ' || "、。・".contains(before)) {
            pieces.push(&text[start..at]);
            start = at;
        }
        quoted ^= character == '`';
        before = character;
    }
    pieces.push(&text[start..]);
    pieces
}

#[derive(PartialEq, Eq)]
enum Script {
    Latin,
    Hiragana,
    Katakana,
    Kanji,
}

const fn script(character: char) -> Script {
    match character {
        ..'\u{1100}' => Script::Latin,
        'ぁ'..='ゟ' => Script::Hiragana,
        'ァ'..='ヿ' => Script::Katakana,
        _ => Script::Kanji,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::error::ErrorKind;
    use kazasu_catalogue::HELP_JA;

    /// Every text that the grammar has room for, as the table's key.
    fn wanted(command: &Command, path: &str, keys: &mut Vec<(String, String)>) {
        let mut want = |topic: Topic<'_>| keys.push((path.to_owned(), format!("{topic:?}")));
        want(Topic::About);
        if command.get_long_about().is_some() {
            want(Topic::More);
        }
        if command.get_after_help().is_some() {
            want(Topic::After);
        }
        for arg in command.get_arguments() {
            let id = arg.get_id().as_str();
            // Global arguments and clap's own ones are explained once, at the root.
            if !path.is_empty() && (arg.is_global_set() || id == "help") {
                continue;
            }
            want(Topic::Argument(id));
            if !matches!(arg.get_action(), ArgAction::Set | ArgAction::Append) {
                continue;
            }
            want(Topic::Hint(id));
            for value in arg.get_possible_values().iter().filter(|value| value.get_help().is_some()) {
                want(Topic::Value(id, value.get_name()));
            }
        }
        for command in command.get_subcommands() {
            match below(path, command.get_name()).as_str() {
                "help" if path.is_empty() => keys.push(("help".into(), format!("{:?}", Topic::About))),
                "help" => {}
                path => wanted(command, path, keys),
            }
        }
    }

    #[test]
    fn the_japanese_help_says_all_that_the_grammar_has_and_nothing_else() {
        let mut grammar = Cli::command();
        grammar.build();
        let mut wanted_keys = Vec::new();
        wanted(&grammar, "", &mut wanted_keys);
        let there: Vec<_> = HELP_JA.iter().map(|row| (row.0.to_owned(), format!("{:?}", row.1))).collect();
        let missing: Vec<_> = wanted_keys.iter().filter(|key| !there.contains(key)).collect();
        let stale: Vec<_> = there.iter().filter(|key| !wanted_keys.contains(key)).collect();
        assert!(missing.is_empty(), "no Japanese text for {missing:?}");
        assert!(stale.is_empty(), "nothing in the grammar for {stale:?}");
    }

    #[test]
    fn both_grammars_are_sound_and_understand_the_same() {
        Cli::command().debug_assert();
        for lang in [Lang::En, Lang::Ja] {
            let parse = |words: &[&str]| command(lang).try_get_matches_from(words);
            assert!(parse(&["kazasu", "--json", "sign", "--key", "auth", "f", "-o", "s", "--lang", "ja"]).is_ok());
            assert!(parse(&["kazasu", "pin", "change", "text", "--reader", "x"]).is_ok());
            for (words, kind) in [
                (&["kazasu", "sing"][..], ErrorKind::InvalidSubcommand),
                (&["kazasu", "sign", "--key", "x", "f", "-o", "s"], ErrorKind::InvalidValue),
                (&["kazasu", "sign"], ErrorKind::MissingRequiredArgument),
                (&["kazasu", "sign", "--raw", "--cms", "f"], ErrorKind::ArgumentConflict),
                (&["kazasu", "status", "--wait", "soon"], ErrorKind::ValueValidation),
                (&["kazasu", "status", "--card", "demo", "--reader", "x"], ErrorKind::ArgumentConflict),
                (&["kazasu", "help", "sign"], ErrorKind::DisplayHelp),
                (&["kazasu", "pin", "change", "-h"], ErrorKind::DisplayHelp),
            ] {
                assert_eq!(parse(words).expect_err("no command").kind(), kind, "{words:?}");
            }
        }
    }

    #[test]
    fn a_japanese_line_is_broken_where_a_reader_expects_it() {
        assert_eq!(wrap("暗証番号を、入力する。", 14), ["暗証番号を、", "入力する。"]);
        assert_eq!(wrap("マイナンバーカード(個人番号カード)です", 20), ["マイナンバーカード", "(個人番号カード)です"]);
        assert_eq!(wrap("使うには `--card demo` を付ける", 14), ["使うには", "`--card demo`", "を付ける"]);
        assert_eq!(wrap("残り1回の照合と6〜16文字", 10), ["残り1回の", "照合と", "6〜16文字"]);
        assert_eq!(wrap("", 10), [""]);
    }
}
