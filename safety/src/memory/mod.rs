//! Part 6: memory. After each flow and each fault the process's own memory is searched for the secrets that were typed and for the
//! My Number that was read. The flows run in a thread of their own, which stands still while it is searched: what they left on
//! its stack is still there.

pub mod flow;
pub mod scan;

use crate::model::world::{At, Fault};
use flow::{Driver, Flow, Run};
use scan::Scanner;
use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::mpsc::channel;
use std::{fmt, io, thread};
use zeroize::Zeroize;

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

/// What the host does when an operation has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Host {
    /// It overwrites the stack that the operation had used: what moved there leaves copies that nobody but the host can reach.
    Wipes,
    /// Nothing.
    Careless,
}

/// Every flow and fault at every command with these drivers; at most `limit` runs, spread evenly.
///
/// # Errors
/// Where there is no `/proc/self/mem`.
pub fn search(drivers: &[Driver], host: Host, limit: usize) -> io::Result<Summary> {
    let mut runs = Vec::new();
    for flow in Flow::ALL {
        for driver in drivers.iter().copied() {
            runs.push(Run { flow, driver, fault: None });
            for fault in Fault::ALL {
                runs.extend((0..flow.commands()).map(|n| Run { flow, driver, fault: Some((fault, At::Command(n))) }));
            }
        }
    }
    let every = runs.len().div_ceil(limit.max(1)).max(1);
    watched(runs.into_iter().step_by(every), move |run| {
        flow::run(run);
        if host == Host::Wipes {
            wipe_stack();
        }
    })
}

/// Does each piece of `work` in a thread of its own and searches memory after it.
///
/// # Errors
/// Where there is no `/proc/self/mem`.
pub fn watched<W: Copy + fmt::Debug + Send + 'static>(
    work: impl Iterator<Item = W>,
    mut act: impl FnMut(W) + Send + 'static,
) -> io::Result<Summary> {
    let (to_worker, from_here) = channel::<W>();
    let (done, from_worker) = channel::<()>();
    let worker = thread::Builder::new().stack_size(1 << 20).spawn(move || {
        while let Ok(piece) = from_here.recv() {
            // What the run before left is not this one's.
            wipe_stack();
            act(piece);
            if done.send(()).is_err() {
                return;
            }
        }
    })?;
    let mut scanner = Scanner::new(flow::needles())?;
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

/// Overwrites 256 KiB of stack below the caller.
#[inline(never)]
pub fn wipe_stack() {
    let mut stack = [0_u8; 1 << 18];
    stack.zeroize();
    black_box(&mut stack);
}
