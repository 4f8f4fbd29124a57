//! What becomes of an open card when the PC/SC service itself ends. It cannot be undone, so this test has a service of its own:
//!
//! `.ci/virtual-reader cargo test -p kazasu-pcsc --test service_ends -- --ignored`

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::Duration;

use kazasu_core::transport::{LinkError, ResponseBuf, Transport};
use kazasu_pcsc::plug::{self, PlugError, SLOT_0, VirtualCard};
use kazasu_pcsc::{PcscError, PcscTransport, readers};

struct OneAnswer;

impl VirtualCard for OneAnswer {
    fn atr(&self) -> Vec<u8> {
        vec![0x3B, 0xE0, 0x00, 0xFF, 0x81, 0x31, 0xFE, 0x45, 0x14]
    }

    fn power_on(&mut self) {}

    fn power_off(&mut self) {}

    fn reset(&mut self) {}

    fn transmit(&mut self, command: &[u8]) -> Option<Vec<u8>> {
        assert_eq!(command, [0x00, 0x84, 0x00, 0x00, 0x02], "a command that this test does not send");
        Some(vec![0xAB, 0xCD, 0x90, 0x00])
    }
}

fn transmit(card: &mut PcscTransport) -> Result<Vec<u8>, LinkError> {
    let mut bytes = [0; 258];
    let mut response = ResponseBuf::new(&mut bytes);
    pollster::block_on(card.transmit(&[0x00, 0x84, 0x00, 0x00, 0x02], &mut response))?;
    Ok(response.as_slice().to_vec())
}

#[test]
#[ignore = "ends the service that the other tests need; run alone in .ci/virtual-reader with --ignored"]
fn when_the_service_ends_the_reader_is_lost_and_the_plug_is_told() {
    let service = std::env::var("KAZASU_VIRTUAL_READER_SERVICE").expect("run this in .ci/virtual-reader");
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    let plugged = thread::spawn(move || plug::serve(SLOT_0, &mut OneAnswer, &flag));
    let reader = readers::wait_for_card(None, Duration::from_secs(10)).expect("a card is put in");
    let mut card = PcscTransport::open(&reader).expect("the card opens");
    assert_eq!(transmit(&mut card), Ok(vec![0xAB, 0xCD, 0x90, 0x00]));

    assert!(Command::new("kill").args(["-KILL", &service]).status().expect("kill runs").success());
    let outcome = plugged.join().expect("the command was known");
    assert!(matches!(outcome, Err(PlugError::ReaderGone)), "{outcome:?}");

    assert_eq!(transmit(&mut card), Err(LinkError::ReaderLost), "{:?}", card.last_error());
    assert_eq!(transmit(&mut card), Err(LinkError::ReaderLost));
    assert!(card.close().is_err(), "nobody can say that the keys are closed");
    assert_eq!(readers::list(), Err(PcscError::NoService));
    assert_eq!(readers::wait_for_card(None, Duration::from_secs(10)), Err(PcscError::NoService));
    let nobody = plug::serve(SLOT_0, &mut OneAnswer, &stop);
    assert!(matches!(nobody, Err(PlugError::NoReader { .. })), "{nobody:?}");
}
