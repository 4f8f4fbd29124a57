//! Numbers that must not grow, one a line: a name, a tab, a number. `.ci/bench` holds them against `bench/baseline.tsv`.
//!
//! Nothing of that is timed. `read N`, `exchange N` and `verify N FOLDER` do the same work N times, for a tool that counts
//! instructions; `verify` also says how long the quickest one took, to stand beside OpenSSL's. `files FOLDER` writes what it reads.

use kazasu_core::mynumber::jpki::{CERTIFICATE_BUFFER, FreeCertificate};
use kazasu_core::step::block_on;
use kazasu_core::{AuthPin, Capabilities, Digest, LastTry, LinkError, ResponseBuf, Session, Transport};
use kazasu_fixtures::Profile;
use kazasu_fixtures::floor::{Ability, Cost, Job, cost, cost_on};
use kazasu_fixtures::profile::PROFILES;
use kazasu_fixtures::scenario::{Driver, play};
use kazasu_fixtures::vectors::ALL;
use kazasu_pki::finding::Conclusion;
use kazasu_pki::path::examine;
use kazasu_pki::revocation::NotAsked;
use kazasu_pki::{Algorithm, Anchors, Check, TransientCertificate, UserAuthentication};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::alloc::System;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant, UNIX_EPOCH};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Every flow of the card must succeed in a thread with so much stack.
const STACK: usize = 16 * 1024;

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let times = || arguments.get(1).and_then(|times| times.parse().ok()).unwrap_or(1);
    match arguments.first().map(String::as_str) {
        Some("read") => (0..times()).for_each(|_| read_certificate()),
        Some("exchange") => (0..times()).for_each(|_| exchange()),
        Some("verify") => println!("{}", verify(times(), Path::new(&arguments[2])).as_nanos()),
        Some("files") => files(Path::new(&arguments[1])),
        _ => numbers(),
    }
}

fn numbers() {
    for job in Job::ALL {
        for (ability, link) in Ability::ALL.into_iter().zip(["extended", "short", "select"]) {
            let cost = cost(job, ability, true).expect("the demonstration card does every job");
            println!("{job:?}, {link}, known card\t{}", apdus(&cost));
        }
        // Rows that take a number are about time and about a link that fails, not about a kind of card.
        let kinds = PROFILES.iter().map(|row| row.id).filter(|id| !id.contains('='));
        for kind in kinds.chain(["short-only,no-short-ids"]) {
            for (link, over) in [(Capabilities::EXTENDED, ""), (Capabilities::SHORT, ", over a short link")] {
                let profile = Profile::named(kind).expect("a row");
                let (cost, ended) = cost_on(job, profile, link).expect("the demonstration card");
                let ended = ended.err().map(|error| format!(", {}", error.code())).unwrap_or_default();
                println!("{job:?}, {kind}{over}\t{}{ended}", apdus(&cost));
            }
        }
    }
    println!("allocations: certificate\t{}", allocations(read_certificate));
    println!("allocations: unlock and sign\t{}", allocations(sign));
    println!("scenarios that fail in {STACK} bytes of stack\t{}", failures_on_a_small_stack());
}

fn apdus(cost: &Cost) -> String {
    format!("{} commands, {} bytes", cost.commands, cost.bytes_out + cost.bytes_in)
}

/// How often the heap is asked while `work` runs.
fn allocations(work: fn()) -> usize {
    let region = Region::new(ALLOCATOR);
    work();
    let change = region.change();
    change.allocations + change.reallocations
}

/// Plays every scenario in a thread with little stack, and counts those that fail; more stack would end the process.
fn failures_on_a_small_stack() -> usize {
    let failed = |driver| ALL.iter().filter(|(_, text)| play(text, driver) != Ok(())).count();
    let work = move || failed(Driver::Blocking) + failed(Driver::Stepping);
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(work).expect("a thread");
    thread.join().expect("every flow fits")
}

/// A card that answers from constants: what is counted is core alone.
struct Constant;

static CERTIFICATE: [u8; 1_590] = {
    let mut certificate = [0x5A; 1_590];
    [certificate[0], certificate[1], certificate[2], certificate[3]] = [0x30, 0x82, 0x06, 0x32];
    certificate
};

impl Transport for Constant {
    async fn transmit(&mut self, command: &[u8], response: &mut ResponseBuf<'_>) -> Result<(), LinkError> {
        match *command {
            [0x00, 0xB0, high, low, le] => {
                let at = if high & 0x80 == 0 { usize::from(high) << 8 | usize::from(low) } else { 0 };
                let len = if le == 0 { 256 } else { usize::from(le) };
                response.extend(&CERTIFICATE[at..(at + len).min(CERTIFICATE.len())])?;
            }
            [0x00, 0x20, _, _] => return response.extend(&[0x63, 0xC3]),
            [0x80, 0x2A, ..] => response.extend(&[0x5A; 256])?,
            _ => {}
        }
        response.extend(&[0x90, 0x00])
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::SHORT
    }
}

fn read_certificate() {
    let mut buf = [0; CERTIFICATE_BUFFER];
    let mut session = Session::new(Constant);
    let len = block_on(async {
        let mut jpki = session.jpki().await?;
        jpki.certificate(FreeCertificate::Auth, &mut buf).await.map(<[u8]>::len)
    });
    assert_eq!(black_box(len), Ok(CERTIFICATE.len()));
}

fn sign() {
    let mut session = Session::new(Constant);
    let signature = block_on(async {
        let pin = AuthPin::new("1234").expect("a PIN");
        session.jpki().await?.unlock(pin, LastTry::Refuse).await?.sign(&Digest::Sha256([1; 32])).await
    });
    assert!(black_box(signature).is_ok());
}

/// One command and its answer: the SELECT of an application.
fn exchange() {
    let mut session = Session::new(Constant);
    assert!(black_box(block_on(session.jpki()).map(|_| ())).is_ok());
}

/// The demonstration card's certificate, its authority's, and its key, which signs the message that stands beside them.
fn files(folder: &Path) {
    let persona = kazasu_fixtures::Persona::named("adult").expect("a persona");
    let write = |name: &str, bytes: Option<Vec<u8>>| std::fs::write(folder.join(name), bytes.expect("a file"));
    write("certificate", persona.file("jpki", 0x000A)).expect("written");
    write("authority", persona.file("jpki", 0x000B)).expect("written");
    write("key", persona.key("jpki", 0x0017)).expect("written");
}

/// Reads a certificate, examines it under an authority that is kept, and checks a signature of its key, as a server does at each
/// login. Returns what the quickest one took.
fn verify(times: u32, folder: &Path) -> Duration {
    let read = |name| std::fs::read(folder.join(name)).expect("a file");
    let (der, authority, message, signature) =
        (read("certificate"), read("authority"), read("message"), read("signature"));
    let anchors = Anchors::<UserAuthentication>::test_only(&[&authority]).expect("an authority");
    let at = UNIX_EPOCH + Duration::from_secs(1_795_132_800);
    let mut best = Duration::MAX;
    for _ in 0..times {
        let begin = Instant::now();
        let certificate = TransientCertificate::new(black_box(&der)).expect("a certificate");
        let examined = examine(&certificate, &anchors, at, &NotAsked).expect("findings");
        assert_eq!(examined.findings.conclusion(&[Check::Revocation]), Conclusion::EverythingAsked);
        let digest = Algorithm::Rs256.digest(&message).digest;
        certificate.key().expect("a key").verify(&digest, &signature).expect("a signature");
        best = best.min(begin.elapsed());
    }
    best
}
