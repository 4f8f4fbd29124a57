//! `kazasu-safety --fast | --full [--seed N] [ROWS...]`: prints one table; ends with 1 when a promise is broken. Files named
//! after the options add rows that other programs wrote; see `Table::add_file`.

use kazasu_safety::{Effort, run};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut effort = None;
    let mut seed = 1;
    let mut files = Vec::new();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match &*word {
            "--fast" => effort = Some(Effort::FAST),
            "--full" => effort = Some(Effort::FULL),
            "--seed" => match words.next().and_then(|seed| seed.parse().ok()) {
                Some(number) => seed = number,
                None => return usage(),
            },
            option if option.starts_with('-') => return usage(),
            _ => files.push(word),
        }
    }
    let Some(effort) = effort else { return usage() };
    // Panics that are provoked need not be told; one that is not ends the program all the same.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| ()));
    let table = std::panic::catch_unwind(|| run(effort, seed, &mut |done| eprintln!("{done}")));
    std::panic::set_hook(hook);
    let Ok(mut table) = table else {
        eprintln!("a check itself panicked; run it as a test to see where");
        return ExitCode::FAILURE;
    };
    for file in files {
        if let Err(error) = table.add_file(Path::new(&file)) {
            table.violations.push(format!("{file}: {error}"));
        }
    }
    print!("{table}");
    for violation in &table.violations {
        eprintln!("BROKEN  {violation}");
    }
    if table.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn usage() -> ExitCode {
    eprintln!("kazasu-safety --fast | --full [--seed N] [ROWS...]");
    ExitCode::from(2)
}
