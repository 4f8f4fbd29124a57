//! Part 6: no secret and nothing personal in any text.

use kazasu_core::ResponseBuf;
use kazasu_fixtures::Persona;
use kazasu_safety::canaries::{Watch, said, search};

#[test]
fn nothing_that_is_handed_out_or_said_shows_what_it_holds() {
    let found = said();
    assert_eq!(found.hits, Vec::<String>::new());
    assert_eq!((found.panics, found.things), (3, 23));
}

#[test]
fn no_text_of_the_core_tells_what_it_must_not_tell() {
    let found = search(23);
    assert_eq!(found.hits, Vec::<String>::new());
    assert_eq!((found.panics, found.things), (3, 28));
    assert!(found.texts > 600, "{}", found.texts);
    assert!(found.recordings > 200, "{} of {}", found.recordings, found.runs);
}

#[test]
fn a_leak_is_found_in_each_form() {
    let persona = Persona::named("adult").expect("a persona");
    let name = &persona.person.name_in_certificate;
    for leak in [
        "> 00 20 00 98 04 35 35 30 32 31 37".to_owned(),
        "the key 550217 is wrong".to_owned(),
        "the key 712055 is backwards".to_owned(),
        "353530323137".to_owned(),
        "373132303535".to_owned(),
        "35:35:30:32:31:37".to_owned(),
        "[0x35, 0x35, 0x30, 0x32, 0x31, 0x37]".to_owned(),
        "\\x35\\x35\\x30\\x32\\x31\\x37".to_owned(),
        "%35%35%30%32%31%37".to_owned(),
        format!("{:?}", b"550217"),
        format!("{:#?}", b"550217"),
        format!("{:x?}", b"550217"),
        format!("{:#x?}", b"550217"),
        format!("Response({:?})", b"550217".as_slice()),
        "the bytes 55 49 50 48 53 53 backwards".to_owned(),
        format!("hello {name}"),
        name.chars().rev().collect(),
        hex::encode(name),
        hex::encode(name.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>()),
        hex::encode_upper(name.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()),
        "bmFtZSDmlbDlt67jgIDoirHlrZA".to_owned(),
        "bmFtZSDmlbDlt67jgIDoirHlrZA".replace('/', "_").replace('+', "-"),
    ] {
        let mut watch = Watch::new(&persona);
        watch.look(leak.clone());
        assert_eq!(watch.hits.len(), 1, "{leak}");
    }
    let mut watch = Watch::new(&persona);
    watch.look("> 00 20 00 98 … (5 bytes)  verify auth-pin".to_owned());
    assert_eq!(watch.hits, Vec::<String>::new());
}

/// Rows of bytes are not text: there four digits stand by chance, but bytes and packed digits do not.
#[test]
fn a_leak_is_found_in_a_transcript() {
    let persona = Persona::named("adult").expect("a persona");
    let name = &persona.person.name_in_certificate;
    for leak in [
        "> 0020009806353530323137\n< 9000\n".to_owned(),
        "# the key 550217\n> 00200098\n< 63C3\n".to_owned(),
        "expect: ok 19800217\n".to_owned(),
        "< FF198002179000\n".to_owned(),
        format!("expect: ok {name} / x\n"),
        format!("expect: ok {}\n", hex::encode_upper(name.repeat(2))),
        format!("< {}9000\n", hex::encode_upper(name)),
        format!("< {}9000\n> 00B0000800\n< {}9000\n", hex::encode(&name[..6]), hex::encode(&name[6..])),
    ] {
        let mut watch = Watch::new(&persona);
        watch.look_at_transcript(&leak);
        assert_eq!(watch.hits.len(), 1, "{leak}");
    }
    let mut watch = Watch::new(&persona);
    watch.look_at_transcript("# read\n> 00B0820000\n< 12344321ABC123 9000\nexpect: ok 99999 20310203\n");
    assert_eq!(watch.hits, Vec::<String>::new());
}

#[test]
fn a_response_shows_its_length_and_not_its_bytes() {
    let mut bytes = [0; 32];
    let mut response = ResponseBuf::new(&mut bytes);
    response.extend(b"123456789018").expect("room");
    assert!(!format!("{response:?}").contains("49, 50, 51, 52"));
}
