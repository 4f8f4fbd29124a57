//! Part 3: each status word comes to what the standard says, and a secret is sent once.

use kazasu_safety::status_space::check;
use kazasu_safety::status_space::oracle::{CHANGE, Class, QUERY, SELECT_APPLICATION, VERIFY, class};

#[test]
fn status_words_come_to_what_the_standard_says() {
    let found = check(37);
    assert_eq!(found.violations, Vec::<String>::new());
    assert!(found.checks > 100_000, "{}", found.checks);
}

/// The oracle itself, held against sentences of the standard.
#[test]
fn the_oracle_says_what_the_standard_says() {
    assert_eq!(class(VERIFY, 0x63C2), Class::Wrong(2));
    assert_eq!(class(VERIFY, 0x63C0), Class::JustBlocked);
    assert_eq!(class(VERIFY, 0x6982), Class::Refused);
    assert_eq!(class(QUERY, 0x6983), Class::Blocked);
    assert_eq!(class(SELECT_APPLICATION, 0x6A82), Class::Absent);
    assert_eq!(class(SELECT_APPLICATION, 0x6283), Class::Refused);
    for table in [CHANGE, QUERY] {
        let counted = (0..=u16::MAX).filter(|word| matches!(class(table, *word), Class::Left(_) | Class::Wrong(_)));
        assert_eq!(counted.count(), 15);
    }
}
