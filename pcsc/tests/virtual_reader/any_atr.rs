//! A card is known by the application that answers, and by nothing that its ATR says.

use super::*;
use kazasu_core::{CardKind, Session};
use kazasu_fixtures::{Persona, Profile, SimCard};

/// The demonstration card, or one without any application, with somebody else's ATR.
struct Disguised {
    card: Option<SimCard>,
    atr: Vec<u8>,
}

impl VirtualCard for Disguised {
    fn atr(&self) -> Vec<u8> {
        self.atr.clone()
    }

    fn power_on(&mut self) {}

    fn power_off(&mut self) {}

    fn reset(&mut self) {}

    fn transmit(&mut self, command: &[u8]) -> Option<Vec<u8>> {
        match &mut self.card {
            Some(card) => card.command(command),
            None => Some(vec![0x6A, 0x82]),
        }
    }
}

/// What the card with this ATR is taken for.
fn recognised(card: Option<SimCard>, atr: Vec<u8>) -> (Vec<u8>, CardKind) {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    let thread = thread::spawn(move || plug::serve(SLOT_0, &mut Disguised { card, atr }, &flag));
    let reader = readers::wait_for_card(Some(FIRST), SOON).expect("a card is put in");
    let mut session = Session::new(OpenOptions::new().open(&reader).expect("the card opens"));
    let kind = pollster::block_on(session.recognise()).expect("recognised");
    session.into_transport().close().expect("left");
    let_the_service_finish();
    stop.store(true, Ordering::Relaxed);
    thread.join().expect("every command was known").expect("the reader is still there");
    wait_until_empty();
    (reader.atr, kind)
}

/// ISO/IEC 7816-3: TS, T0 with TD1 and so many historical bytes, TD1 and TD2 for T=0 and T=1, the bytes, and their check.
fn any(seed: &mut u32) -> Vec<u8> {
    let mut next = || {
        *seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (*seed >> 24) as u8
    };
    let historical = next() % 16;
    let mut atr = vec![0x3B, 0x80 | historical, 0x80, 0x01];
    atr.extend((0..historical).map(|_| next()));
    let check = atr[1..].iter().fold(0, |check, byte| check ^ byte);
    atr.push(check);
    atr
}

#[test]
#[ignore = "needs the virtual reader: .ci/virtual-reader cargo test -p kazasu-pcsc --test virtual_reader -- --ignored"]
fn r19_a_card_is_recognised_by_its_application_whatever_its_atr_says() {
    let _alone = alone();
    let adult = || Some(SimCard::new(&Persona::named("adult").expect("a persona"), Profile::default()));
    // A contact card, two contactless ones, a 住基カード (public lists), then any.
    let mut atrs = vec![
        vec![0x3B, 0xE0, 0x00, 0xFF, 0x81, 0x31, 0xFE, 0x45, 0x14],
        vec![0x3B, 0x88, 0x80, 0x01, 0x00, 0x00, 0x41, 0xE0, 0xB3, 0x81, 0xA1, 0x00, 0x3B],
        vec![0x3B, 0x88, 0x80, 0x01, 0x00, 0x4B, 0x51, 0xFF, 0xB3, 0x81, 0xD1, 0x00, 0x0F],
        vec![0x3B, 0x88, 0x80, 0x01, 0x00, 0x00, 0x14, 0xE0, 0xB3, 0x81, 0x91, 0x00, 0x5E],
    ];
    let mut seed = 0x2026;
    atrs.extend((0..8).map(|_| any(&mut seed)));
    for atr in atrs {
        assert_eq!(recognised(adult(), atr.clone()), (atr, CardKind::MyNumber));
    }
    // Nor does a My Number card's own ATR make another card one.
    let own = adult().expect("the card").atr();
    assert_eq!(recognised(None, own.clone()), (own, CardKind::Other));
}
