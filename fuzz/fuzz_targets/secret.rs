//! Whatever a person types: taken as it is written on paper or refused, never cut, never shown.
#![no_main]

use kazasu_core::secret::{A, Auth, B, Birth, Kind, Secret, Sign, Text};
use kazasu_core::{Date, NumberB};
use libfuzzer_sys::fuzz_target;

fn check<K: Kind>(text: &str) {
    let format = K::KIND.format();
    match Secret::<K>::new(text) {
        Ok(secret) => {
            let len = text.chars().count();
            assert!((format.min..=format.max).contains(&len));
            assert_eq!(format!("{secret:?}"), format!("Secret({})", K::KIND.name()));
        }
        Err(reason) => assert!(!reason.to_string().is_empty()),
    }
}

fuzz_target!(|text: &str| {
    check::<Auth>(text);
    check::<Sign>(text);
    check::<Text>(text);
    check::<A>(text);
    check::<B>(text);
    check::<Birth>(text);
    let mut numbers = text.split(['-', ' ']);
    let mut number = || numbers.next().and_then(|number| number.parse::<u16>().ok()).unwrap_or_default();
    let (year, month, day, expiry) = (number(), number(), number(), number());
    if let Ok(birth) = Date::new(year, month as u8, day as u8) {
        assert!((1..=12).contains(&(month as u8)) && (1..=31).contains(&(day as u8)));
        let _ = Secret::<Birth>::from_date(birth);
        let _ = NumberB::from_printed(birth, expiry, numbers.next().unwrap_or_default());
    }
});
