//! Part 6: memory. After each flow and each fault the process's own memory is searched for the secrets that were typed and for the
//! My Number that was read. The flows run in a thread of their own, which stands still while it is searched: what they left on
//! its stack is still there.

pub mod flow;
pub mod scan;

use crate::model::world::{At, Fault};
use flow::{Driver, Flow, Run};
use kazasu_core::stack::wiping_stack;
use scan::{Needle, Scanner};
use std::collections::BTreeMap;
use std::sync::mpsc::channel;
use std::{fmt, io, thread};

/// What a search after many runs came to.
#[derive(Debug, Default)]
pub struct Summary {
    /// Runs, each with a search after it.
    pub runs: usize,
    /// Places where something was found.
    pub hits: usize,
    /// Where, in words, and how often.
    pub found: BTreeMap<String, usize>,
}

/// What the host does about the stack that an operation used: what moved there leaves copies that only the host can reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// It overwrites that stack.
    Wipes,
    /// Nothing.
    Careless,
}

/// Every flow and fault at every command with every driver; at most `limit` runs, spread evenly.
///
/// # Errors
/// Where there is no `/proc/self/mem`.
pub fn search(host: Host, limit: usize) -> io::Result<Summary> {
    let mut runs = Vec::new();
    for flow in Flow::ALL {
        for driver in Driver::ALL {
            runs.push(Run { flow, driver, fault: None });
            for fault in Fault::ALL {
                runs.extend((0..flow.commands()).map(|n| Run { flow, driver, fault: Some((fault, At::Command(n))) }));
            }
        }
    }
    // Steps of a golden section fall in with no pattern of the list.
    let spread = (0..runs.len().min(limit)).map(|n| runs[n * 967 % runs.len()]).collect::<Vec<_>>();
    watched(flow::needles(0), spread.into_iter(), move |run| match host {
        Host::Wipes => wiping_stack::<64, _>(|| flow::run(run)),
        Host::Careless => flow::run(run),
    })
}

/// Does each piece of `work` in a thread of its own and searches memory for `needles` after it.
///
/// # Errors
/// Where there is no `/proc/self/mem`.
pub fn watched<W: Copy + fmt::Debug + Send + 'static>(
    needles: Vec<Needle>,
    work: impl Iterator<Item = W>,
    mut act: impl FnMut(W) + Send + 'static,
) -> io::Result<Summary> {
    let (to_worker, from_here) = channel::<W>();
    let (done, from_worker) = channel::<()>();
    let worker = thread::Builder::new().stack_size(1 << 20).spawn(move || {
        while let Ok(piece) = from_here.recv() {
            // What the run before left is not this one's.
            wiping_stack::<256, _>(|| ());
            act(piece);
            if done.send(()).is_err() {
                return;
            }
        }
    })?;
    let mut scanner = Scanner::new(needles)?;
    let mut summary = Summary::default();
    let mut before = scanner.search()?;
    for piece in work {
        if to_worker.send(piece).is_err() || from_worker.recv().is_err() {
            break;
        }
        let hits = scanner.search()?;
        summary.runs += 1;
        for hit in hits.iter().filter(|hit| !before.contains(hit)) {
            summary.hits += 1;
            *summary.found.entry(format!("{} after {piece:?}", hit.needle)).or_default() += 1;
        }
        before = hits;
    }
    drop(to_worker);
    let _ = worker.join();
    Ok(summary)
}
