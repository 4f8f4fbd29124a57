//! Who the holder is, in certificates as they are and as nobody issued them.

mod authority;

use authority::*;
use kazasu_pki::holder::{Era, Holder, OtherValue, Sex};
use kazasu_pki::{CertificateError, Signing, TransientCertificate};

const SAN: &str = "2.5.29.17";

/// An otherName of the holder's arc.
fn entry(number: u32, value: Vec<u8>) -> Vec<u8> {
    other_name(&format!("1.2.392.200149.8.5.5.{number}"), value)
}

fn other_name(id: &str, value: Vec<u8>) -> Vec<u8> {
    tlv(0xA0, &[oid(id), tlv(0xA0, &[value])])
}

/// The six of the published test card's form, in its order.
fn six() -> Vec<(u32, Vec<u8>)> {
    [(1, "数差　花子"), (4, "319800217"), (3, "2"), (5, "東京都１－２"), (2, "01000"), (6, "000000")]
        .map(|(number, text)| (number, utf8(text)))
        .to_vec()
}

fn certificate(names: &[Vec<u8>]) -> TransientCertificate<Signing> {
    let mut draft = Draft::of(&card(0x01));
    draft.ext(SAN).value = sequence(names);
    TransientCertificate::new(&draft.with_signature(&[1; 256])).expect("a certificate")
}

fn named(entries: &[(u32, Vec<u8>)], more: &[Vec<u8>]) -> Result<Holder, CertificateError> {
    let mut names: Vec<_> = entries.iter().map(|(number, value)| entry(*number, value.clone())).collect();
    names.extend_from_slice(more);
    certificate(&names).holder()
}

fn with(number: u32, value: &[u8]) -> Result<Holder, CertificateError> {
    let mut entries = six();
    entries.iter_mut().find(|(of, _)| *of == number).expect("one of the six").1 = value.to_vec();
    named(&entries, &[])
}

#[test]
fn the_six_entries_are_name_birth_sex_address_and_which_characters_stand_for_others() {
    let holder = named(&six(), &[]).expect("a holder");
    assert_eq!((holder.name(), holder.address()), ("数差　花子", "東京都１－２"));
    assert!(matches!(holder.birth().era, Era::Showa) && matches!(holder.sex(), Sex::Female));
    assert_eq!(holder.birth().day, "19800217");
    let name = holder.name_characters().expect("a flag for each");
    assert_eq!(name, [('数', false), ('差', true), ('　', false), ('花', false), ('子', false)]);
    assert_eq!(holder.address_characters().map(|all| all.len()), Some(6));
    assert_eq!(holder.other().count(), 0);
    assert_eq!(format!("{holder:?}"), "Holder(…)");
}

#[test]
fn the_order_of_the_entries_says_nothing() {
    let mut entries = six();
    entries.reverse();
    assert_eq!(named(&entries, &[]).expect("a holder").name(), "数差　花子");
}

#[test]
fn each_digit_of_an_era_is_that_era_and_an_unknown_one_is_kept() {
    let eras = ["1", "2", "3", "4", "5", "6", "0"].map(|digit| {
        let holder = with(4, &utf8(&format!("{digit}20200101"))).expect("a holder");
        match holder.birth().era {
            Era::Meiji => 'M',
            Era::Taisho => 'T',
            Era::Showa => 'S',
            Era::Heisei => 'H',
            Era::Reiwa => 'R',
            Era::Other(digit) => digit,
        }
    });
    assert_eq!(eras, ['M', 'T', 'S', 'H', 'R', '6', '0']);
}

#[test]
fn an_unknown_birth_date_is_eight_zeroes() {
    assert_eq!(with(4, &utf8("400000000")).expect("a holder").birth().day, "00000000");
}

#[test]
fn each_digit_of_a_sex_is_that_of_jis_x_0303() {
    for (digit, sex) in [("1", 'M'), ("2", 'F'), ("9", 'N'), ("0", 'U'), ("3", 'U'), ("", 'U')] {
        let found = match with(3, &utf8(digit)).expect("a holder").sex() {
            Sex::Male => 'M',
            Sex::Female => 'F',
            Sex::NotApplicable => 'N',
            Sex::Unknown => 'U',
        };
        assert_eq!(found, sex, "{digit}");
    }
}

#[test]
fn flags_that_are_not_one_a_character_are_not_spread_over_the_name() {
    for flags in ["", "0000", "000000"] {
        let holder = with(2, &utf8(flags)).expect("a holder");
        assert_eq!((holder.name(), holder.name_characters()), ("数差　花子", None), "{flags}");
    }
    // Four bytes in UTF-8 and two units in UTF-16, and one character.
    let entries: Vec<_> = six().into_iter().filter(|(number, _)| ![1, 2].contains(number)).collect();
    let holder = named(&[entries, vec![(1, utf8("𠮷")), (2, utf8("1"))]].concat(), &[]).expect("a holder");
    assert_eq!(holder.name_characters(), Some(vec![('𠮷', true)]));
}

#[test]
fn entries_that_came_later_are_kept_as_text_or_as_they_are_and_names_of_other_kinds_are_left_alone() {
    let more = [
        entry(7, utf8("カズサ　ハナコ")),
        entry(10, vec![2, 1, 5]),
        entry(0, utf8("zero")),
        other_name("1.3.6.1.4.1.311.20.2.3", utf8("upn")),
        tlv(0x81, &[b"mail@example.jp".to_vec()]),
        tlv(0x86, &[b"https://example.jp".to_vec()]),
    ];
    let holder = named(&six(), &more).expect("a holder");
    let other: Vec<_> = holder
        .other()
        .map(|(id, value)| match value {
            OtherValue::Text(text) => format!("{id} {text}"),
            OtherValue::Der(der) => format!("{id} {}", hex::encode(der)),
        })
        .collect();
    assert_eq!(
        other,
        [
            "1.2.392.200149.8.5.5.7 カズサ　ハナコ",
            "1.2.392.200149.8.5.5.10 020105",
            "1.2.392.200149.8.5.5.0 zero",
            "1.3.6.1.4.1.311.20.2.3 upn",
        ]
    );
}

#[test]
fn whom_a_certificate_names_twice_half_or_in_another_alphabet_it_does_not_name() {
    let refused = Some(CertificateError::NoHolder);
    for number in 1..=6 {
        let without: Vec<_> = six().into_iter().filter(|(of, _)| *of != number).collect();
        assert_eq!(named(&without, &[]).err(), refused, "without {number}");
        let value = six().into_iter().find(|(of, _)| *of == number).expect("one of the six").1;
        assert_eq!(named(&six(), &[entry(number, value)]).err(), refused, "{number} twice");
        assert_eq!(with(number, &[2, 1, 1]).err(), refused, "{number} a number");
        assert_eq!(with(number, &tlv(0x0C, &[vec![0xFF]])).err(), refused, "{number} not UTF-8");
        assert_eq!(with(number, &tlv(0x1E, &[vec![0, 0x41]])).err(), refused, "{number} in BMPString");
    }
    for birth in ["19800217", "3198002170", "31980021x", "３19800217"] {
        assert_eq!(with(4, &utf8(birth)).err(), refused, "{birth}");
    }
}

#[test]
fn a_certificate_without_subject_names_names_nobody_and_with_two_lists_of_them_neither() {
    let mut draft = Draft::of(&card(0x01));
    let names = draft.ext(SAN).clone();
    draft.without(SAN);
    let refused =
        TransientCertificate::<Signing>::new(&draft.with_signature(&[1; 256])).expect("a certificate").holder();
    assert_eq!(refused.err(), Some(CertificateError::NoHolder));
    draft.extensions.extend([names.clone(), names]);
    let refused =
        TransientCertificate::<Signing>::new(&draft.with_signature(&[1; 256])).expect("a certificate").holder();
    assert_eq!(refused.err(), Some(CertificateError::NoHolder));
}

#[test]
fn subject_names_that_are_no_list_cannot_be_read() {
    let broken = [vec![5, 0], vec![0xA0, 0], tlv(0xA0, &[oid("1.2.3")]), tlv(0xA0, &[oid("1.2.3"), utf8("x")])];
    for name in &broken[1..] {
        assert_eq!(certificate(std::slice::from_ref(name)).holder().err(), Some(CertificateError::Unreadable));
    }
    let mut draft = Draft::of(&card(0x01));
    draft.ext(SAN).value.clone_from(&broken[0]);
    let certificate = TransientCertificate::<Signing>::new(&draft.with_signature(&[1; 256])).expect("a certificate");
    assert_eq!(certificate.holder().err(), Some(CertificateError::Unreadable));
}

#[test]
fn a_key_that_no_card_has_is_said_to_be_one() {
    let mut draft = Draft::of(&card(0x01));
    draft.spki = sequence(&[sequence(&[oid("1.3.101.112")]), bit_string(&[1; 32])]);
    let certificate = TransientCertificate::<Signing>::new(&draft.with_signature(&[1; 256])).expect("a certificate");
    assert_eq!(certificate.key().err(), Some(CertificateError::UnknownKey));
}
