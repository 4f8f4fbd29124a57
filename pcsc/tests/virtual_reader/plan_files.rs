//! The plan files over a real PC/SC service: each contact is a connection of its own.

use super::*;
use kazasu_fixtures::SimCard;
use kazasu_fixtures::plans::{Driver, PlanFile};
use std::fs;

/// The card in the reader; between two files it becomes another one.
#[derive(Clone)]
struct Changing(Arc<Mutex<SimCard>>);

impl Changing {
    fn card(&self) -> MutexGuard<'_, SimCard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl VirtualCard for Changing {
    fn atr(&self) -> Vec<u8> {
        self.card().atr()
    }

    fn power_on(&mut self) {
        self.card().power_cycle();
    }

    fn power_off(&mut self) {
        self.card().power_cycle();
    }

    fn reset(&mut self) {
        // A real card keeps what was opened through a warm reset.
    }

    fn transmit(&mut self, command: &[u8]) -> Option<Vec<u8>> {
        self.card().command(command)
    }
}

#[test]
#[ignore = "needs a PC/SC service with a virtual reader"]
fn every_plan_file_comes_out_over_pcsc() {
    let _guard = alone();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/plans");
    let mut files: Vec<_> =
        fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    files.sort();
    assert!(files.len() >= 20, "{} files", files.len());

    let read = |path| PlanFile::parse(&fs::read_to_string(path).expect("readable")).expect("a plan file");
    let changing = Changing(Arc::new(Mutex::new(read(&files[0]).card().expect("a card"))));
    let (stop, mut card) = (Arc::new(AtomicBool::new(false)), changing.clone());
    let flag = Arc::clone(&stop);
    let thread = thread::spawn(move || plug::serve(SLOT_0, &mut card, &flag));
    let reader = readers::wait_for_card(Some(FIRST), SOON).expect("a card is put in");
    let mut failed = Vec::new();
    for path in &files {
        let file = read(path);
        *changing.card() = file.card().expect("a card");
        let open = || OpenOptions::new().open(&reader).expect("the card opens");
        failed.extend(file.play(Driver::Blocking, open).err().map(|problem| format!("{}: {problem}", path.display())));
    }
    let_the_service_finish();
    stop.store(true, Ordering::Relaxed);
    thread.join().expect("no panic").expect("the reader is still there");
    assert_eq!(failed, [] as [String; 0]);
}
