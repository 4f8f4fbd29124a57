//! Nothing that went over the bridge stays in memory on this side of it.

use super::documents::{Ends, Paper};
use super::{FreeCertificateKind, KazasuError, LinkFailure, Next, Operation, SecretKind, SigningKey, Want};
use crate::UniFfiTag;
use kazasu_core::{LinkError, ResponseBuf};
use kazasu_safety::card::Masked;
use kazasu_safety::memory::flow::{SIGN, needles, world};
use kazasu_safety::memory::scan::Needle;
use kazasu_safety::memory::watched;
use kazasu_safety::model::world::{At, Fault, World};
use std::sync::{Mutex, PoisonError};
use uniffi::{Lift, Lower};
use zeroize::Zeroizing;

/// One test at a time: each would find what another is about to send.
static ALONE: Mutex<()> = Mutex::new(());

#[derive(Debug, Clone, Copy)]
enum Flow {
    Sign,
    Number,
    Change,
}

/// Marked secrets of the safety card, put together here so that they stand nowhere before.
fn typed(flow: Flow) -> Vec<u8> {
    match flow {
        Flow::Sign => SIGN.plain().collect(),
        Flow::Number => b"6318".iter().map(|digit| digit + 1).collect(),
        Flow::Change => b"7205".iter().map(|digit| digit + 1).collect(),
    }
}

fn operation(flow: Flow) -> std::sync::Arc<Operation> {
    let certificate = Want::Certificate { which: FreeCertificateKind::Auth };
    let planned = |want, kind| {
        let operation = Operation::plan(vec![certificate, want]).expect("a plan");
        operation.give(kind, &Zeroizing::new(typed(flow))).expect("the right format");
        operation
    };
    match flow {
        Flow::Sign => planned(Want::Sign { key: SigningKey::Sign, digest: vec![1; 32] }, SecretKind::SignPassword),
        Flow::Number => planned(Want::MyNumber, SecretKind::TextPin),
        Flow::Change => {
            let typed = Zeroizing::new(typed(flow));
            Operation::change(SecretKind::AuthPin, &typed, &typed).expect("a change")
        }
    }
}

/// As bytes cross the bridge on their way to the host: through a buffer of its own, which it frees.
fn crossed(bytes: Vec<u8>) -> Vec<u8> {
    let bytes = Zeroizing::new(bytes);
    let buffer = <Vec<u8> as Lower<UniFfiTag>>::lower(bytes.to_vec());
    <Vec<u8> as Lift<UniFfiTag>>::try_lift(buffer).expect("the same bytes")
}

/// The host's loop, once; it wipes what is its own.
fn drive(operation: &Operation, world: &mut World) -> Result<(), KazasuError> {
    operation.connected(65_544, 65_538)?;
    while operation.next()? == Next::Transmit {
        let command = Zeroizing::new(crossed(operation.command()?));
        let mut bytes = Zeroizing::new(vec![0; 4_098]);
        let mut response = ResponseBuf::new(&mut bytes);
        match world.exchange(0, &command, &mut response) {
            Some(Ok(())) => operation.feed(response.as_slice())?,
            Some(Err(LinkError::CardReset)) => operation.fail(LinkFailure::CardReset)?,
            Some(Err(_)) => operation.fail(LinkFailure::CardLost)?,
            None => return operation.cancel(),
        }
    }
    Ok(())
}

#[test]
fn r28_no_secret_stays_on_this_side_of_the_bridge_after_any_flow_and_any_fault() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let faults = Fault::ALL.map(Some).into_iter().chain([None]);
    let runs = faults.flat_map(|fault| {
        [Flow::Sign, Flow::Number, Flow::Change]
            .into_iter()
            .flat_map(move |flow| (0..6).map(move |n| (flow, fault.map(|fault| (fault, At::Command(n))))))
    });
    // The host lives on; what it holds is freed, and freed memory is wiped.
    let found = watched(needles(8), runs, |(flow, fault)| {
        let mut world = world(fault);
        let operation = operation(flow);
        let _ = drive(&operation, &mut world);
    })
    .expect("/proc/self/mem");
    assert!(found.runs > 100, "{}", found.runs);
    assert_eq!(found.found.keys().collect::<Vec<_>>(), Vec::<&String>::new());
}

/// The search would see what it looks for.
#[test]
fn a_host_that_keeps_its_copy_is_found() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let kept = std::cell::RefCell::new(Vec::new());
    let found = watched(needles(8), [Flow::Sign].into_iter(), move |flow| kept.borrow_mut().push(typed(flow)));
    assert!(found.expect("/proc/self/mem").hits > 0);
}

/// What is searched for has been there.
#[test]
fn without_a_fault_each_flow_comes_to_its_end() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    for flow in [Flow::Sign, Flow::Number, Flow::Change] {
        let outcome = drive(&operation(flow), &mut world(None));
        assert_eq!(outcome, Ok(()), "{flow:?}");
    }
}

/// Long enough that what an allocator notes down in a freed block does not hide it.
#[test]
fn the_bridges_own_buffers_are_wiped_when_they_are_freed() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let found = watched(needles(8), 0..8, |_| {
        drop(Zeroizing::new(crossed((0..20).flat_map(|_| SIGN.plain()).collect())));
    });
    assert_eq!(found.expect("/proc/self/mem").hits, 0);
}

/// Whose name is in the certificate, as certificates have it and as PDFs write it, in hexadecimal; and the start of
/// what proofs and tokens carry in base64.
fn person() -> Vec<Needle> {
    const NAME: Masked = Masked::new("数差　花子".as_bytes());
    const IN_PDF: Masked = Masked::new(b"e695b0e5b7aee380");
    const ADDRESS: Masked = Masked::new("数差県花市".as_bytes());
    const ENCODED: Masked = Masked::new(b"MIIGMjCCBRqgAwIBA");
    [("the name", NAME), ("the name in a PDF", IN_PDF), ("the address", ADDRESS), ("a certificate in base64", ENCODED)]
        .map(|(name, bytes)| Needle { name, bytes })
        .to_vec()
}

#[test]
fn nothing_of_the_holder_stays_after_a_document_a_login_or_a_proof_however_it_ends() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let runs = Paper::ALL.into_iter().flat_map(|paper| Ends::ALL.map(|ends| (paper, ends)));
    let found = watched(person(), runs, |(paper, ends)| paper.flow(ends)).expect("/proc/self/mem");
    assert_eq!(found.runs, Paper::ALL.len() * Ends::ALL.len());
    assert_eq!(found.found.keys().collect::<Vec<_>>(), Vec::<&String>::new());
}

/// The search would see what it looks for, in each of its forms.
#[test]
fn a_host_that_keeps_the_signed_file_is_found() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let kept = std::cell::RefCell::new(Vec::new());
    let papers = [Paper::Pdf, Paper::Cms, Paper::Login];
    let found = watched(person(), papers.into_iter(), move |paper| kept.borrow_mut().push(paper.made()));
    let found = found.expect("/proc/self/mem").found;
    for name in ["the name", "the name in a PDF", "a certificate in base64"] {
        assert!(found.keys().any(|place| place.starts_with(name)), "{name}: {:?}", found.keys());
    }
}
