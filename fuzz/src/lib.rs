//! What the targets share: throwing one input at operations of the core under both drivers, and holding both to the
//! same result; and whose signatures are believed.

use kazasu_core::Capabilities;
use kazasu_fixtures::Persona;
use kazasu_fixtures::evil::{Behaviour, EvilCard, Moment, Operation, run};
use kazasu_fixtures::scenario::Driver;
use kazasu_pki::cms::Trust;
use kazasu_pki::finding::Conclusion;
use kazasu_pki::revocation::NotAsked;
use kazasu_pki::{Anchors, Check, Findings, Purpose, Signing, UserAuthentication};
use std::sync::LazyLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Performs `operation` on cards that `make` makes; `run` asserts the bounds.
fn both(operation: Operation, make: impl Fn() -> EvilCard) {
    let (mut one, mut other) = (make(), make());
    let at_once = run(&mut one, operation, Driver::Blocking);
    let by_steps = run(&mut other, operation, Driver::Stepping);
    assert_eq!(at_once, by_steps, "{}", operation.name());
    assert_eq!(one.seen(), other.seen(), "{}", operation.name());
}

/// A card whose every file, record and object holds the input after its first byte. The first byte says over which link
/// it is read and in how large pieces it comes; its upper half picks the operation.
pub fn file(operations: &[Operation], input: &[u8]) {
    let Some((how, content)) = input.split_first() else { return };
    let link = if how & 1 == 0 { Capabilities::EXTENDED } else { Capabilities::SHORT };
    let behaviour = match how >> 1 & 7 {
        0 => Behaviour::Dribbles(64),
        1 => Behaviour::Crawls(48),
        2 => Behaviour::Word(0x6282),
        _ => Behaviour::Proper,
    };
    let operation = operations[usize::from(how >> 4) % operations.len()];
    let reading = &[Moment::Read, Moment::Record, Moment::GetData];
    both(operation, || EvilCard::new(behaviour.clone()).at(reading).holding(content).behind(link));
}

/// A card that answers as the input after its first two bytes says; see [`EvilCard::scripted`]. The first byte picks
/// the operation, the second the link and whether the card behaves until it has been unlocked.
pub fn script(input: &[u8]) {
    let [operation, how, script @ ..] = input else { return };
    let operation = Operation::ALL[usize::from(*operation) % Operation::ALL.len()];
    let link = match how & 3 {
        0 => Capabilities::SHORT,
        1 => Capabilities { max_command: 261, max_response: 2 + usize::from(how >> 2) },
        _ => Capabilities::EXTENDED,
    };
    let late = how & 4 != 0 && how & 3 != 1;
    both(operation, || {
        let card = EvilCard::scripted(script).behind(link).holding(HELD);
        if late { card.at(&LATE) } else { card }
    });
}

const LATE: [Moment; 6] =
    [Moment::Read, Moment::Record, Moment::GetData, Moment::Sign, Moment::Authenticate, Moment::Change];

/// An object with fields of every application, so that what a script lets through gets somewhere.
const HELD: &[u8] = b"\xFF\x20\x44\xDF\x22\x01A\xDF\x23\x01B\xDF\x24\x01C\xDF\x25\x01D\xDF\x26\x01E\xDF\x27\x01F\xDF\x28\x01G\
\xDF\x29\x01H\xDF\x2A\x01I\xDF\x11\x01J\xDF\x12\x01K\xDF\x13\x01L\xDF\x41\x02MM\xDF\x42\x01N\xDF\x43\x01O\xDF\x31\x02PP\x04\x00";

/// A holder's certificate of the demonstration card, and its authority's.
pub struct Card<P> {
    pub certificate: Vec<u8>,
    pub anchors: Anchors<P>,
}

fn card<P: Purpose>(own: u16, authority: u16) -> Card<P> {
    let persona = Persona::named("adult").expect("a persona");
    let file = |id| persona.file("jpki", id).expect("a certificate");
    Card { certificate: file(own), anchors: Anchors::test_only(&[&file(authority)]).expect("an authority") }
}

/// What documents are signed with.
pub static SIGNING: LazyLock<Card<Signing>> = LazyLock::new(|| card(0x0001, 0x0002));
/// What people log in with.
pub static AUTHENTICATION: LazyLock<Card<UserAuthentication>> = LazyLock::new(|| card(0x000A, 0x000B));

/// 2026-11-20.
pub fn today() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_795_132_800)
}

/// What is believed of documents.
pub fn trust() -> Trust<'static> {
    let anchors = &SIGNING.anchors;
    Trust { anchors, revocation: &NotAsked, at: today(), timestamp_authorities: &[], cades: false }
}

/// Whether a table says that everything asked for was looked at and holds; nobody asks about revocation here.
pub fn everything(findings: &Findings) -> bool {
    findings.conclusion(&[Check::Revocation]) == Conclusion::EverythingAsked
}
