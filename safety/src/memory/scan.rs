//! Searching a process's memory, mostly our own. What is searched for is kept masked; plain it stands only in one buffer,
//! while a search runs. That buffer is left out of the search, and so is the list of mappings, whose addresses may have the
//! digits of a PIN.

use crate::card::Masked;
use memchr::memmem::Finder;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// What is searched for.
#[derive(Debug, Clone)]
pub struct Needle {
    /// What it is called in a report.
    pub name: &'static str,
    /// Its bytes.
    pub bytes: Masked,
}

/// Where something was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Which needle.
    pub needle: &'static str,
    /// Where.
    pub address: u64,
    /// What the kernel calls the place; nothing for a thread's stack and for large blocks of the heap.
    pub place: String,
}

const CHUNK: usize = 1 << 18;
const LONGEST: usize = 32;
/// More than the list of mappings of any test: a text that grows would leave its old place on the heap.
const MAPPINGS: usize = 1 << 20;

/// Searches writable memory.
pub struct Scanner {
    process: PathBuf,
    memory: File,
    needles: Vec<Needle>,
    /// One needle in plain, then a copy of a piece of memory.
    arena: Vec<u8>,
    /// The list of mappings.
    mappings: String,
}

impl Scanner {
    /// For these needles in this process.
    ///
    /// # Errors
    /// Where there is no `/proc/self/mem`.
    pub fn new(needles: Vec<Needle>) -> io::Result<Self> {
        Self::of(Path::new("/proc/self"), needles)
    }

    /// For these needles in the process that has this folder in `/proc`.
    ///
    /// # Errors
    /// When its memory cannot be read.
    pub fn of(process: &Path, needles: Vec<Needle>) -> io::Result<Self> {
        let (arena, mappings) = (vec![0; LONGEST + CHUNK], String::with_capacity(MAPPINGS));
        Ok(Self { process: process.to_owned(), memory: File::open(process.join("mem"))?, needles, arena, mappings })
    }

    /// Every place of every needle.
    ///
    /// # Errors
    /// When the list of mappings cannot be read.
    pub fn search(&mut self) -> io::Result<Vec<Hit>> {
        self.mappings.clear();
        File::open(self.process.join("maps"))?.read_to_string(&mut self.mappings)?;
        let own = [(self.arena.as_ptr(), self.arena.len()), (self.mappings.as_ptr(), self.mappings.capacity())];
        let own = own.map(|(start, len)| start as u64..start as u64 + len as u64);
        let mut hits = Vec::new();
        for line in self.mappings.lines() {
            let mut words = line.split_whitespace();
            let (Some(range), Some(rights)) = (words.next(), words.next()) else { continue };
            let place = words.nth(3).unwrap_or_default();
            if !rights.starts_with("rw") || place.starts_with("[v") {
                continue;
            }
            let Some((start, end)) = range.split_once('-') else { continue };
            let (Ok(mut at), Ok(end)) = (u64::from_str_radix(start, 16), u64::from_str_radix(end, 16)) else {
                continue;
            };
            while at < end {
                let len = CHUNK.min((end - at) as usize);
                let (plain, copy) = self.arena.split_at_mut(LONGEST);
                // A thread that ends takes its stack with it.
                let Ok(len @ 1..) = self.memory.read_at(&mut copy[..len], at) else { break };
                for needle in &self.needles {
                    let needle_len = needle.bytes.write(plain);
                    for found in Finder::new(&plain[..needle_len]).find_iter(&copy[..len]) {
                        let address = at + found as u64;
                        if !own.iter().any(|own| own.contains(&address)) {
                            hits.push(Hit { needle: needle.name, address, place: place.to_owned() });
                        }
                    }
                    plain.fill(0);
                }
                copy[..len].fill(0);
                // The next piece begins before the end of this one, so that nothing is cut in two.
                let cut = at + (len as u64) < end && len > LONGEST;
                at += (if cut { len - LONGEST } else { len }) as u64;
            }
        }
        hits.dedup();
        Ok(hits)
    }
}
