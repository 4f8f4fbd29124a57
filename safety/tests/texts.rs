//! Part 6: no secret and nothing personal in any text.

use kazasu_core::ResponseBuf;
use kazasu_fixtures::Persona;
use kazasu_safety::canaries::{Watch, search};

#[test]
fn no_text_of_the_core_tells_what_it_must_not_tell() {
    let found = search(23);
    assert_eq!(found.hits, Vec::<String>::new());
    assert_eq!((found.panics, found.things), (2, 15));
    assert!(found.texts > 300, "{}", found.texts);
}

#[test]
fn a_leak_is_found_in_each_form() {
    let persona = Persona::named("adult").expect("a persona");
    let name = &persona.person.name_in_certificate;
    for leak in [
        "> 00 20 00 98 04 35 35 30 32 31 37".to_owned(),
        "the key 550217 is wrong".to_owned(),
        "353530323137".to_owned(),
        format!("{:?}", b"550217"),
        format!("Response({:?})", b"550217".as_slice()),
        format!("hello {name}"),
        hex::encode(name),
        "bmFtZSDmlbDlt67jgIDoirHlrZA".to_owned(),
    ] {
        let mut watch = Watch::new(&persona);
        watch.look(leak.clone());
        assert_eq!(watch.hits.len(), 1, "{leak}");
    }
    let mut watch = Watch::new(&persona);
    watch.look("> 00 20 00 98 … (5 bytes)  verify auth-pin".to_owned());
    assert_eq!(watch.hits, Vec::<String>::new());
}

#[test]
fn a_response_shows_its_length_and_not_its_bytes() {
    let mut bytes = [0; 32];
    let mut response = ResponseBuf::new(&mut bytes);
    response.extend(b"123456789018").expect("room");
    assert!(!format!("{response:?}").contains("49, 50, 51, 52"));
}
