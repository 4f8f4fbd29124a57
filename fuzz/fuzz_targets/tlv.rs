//! Objects: every one lies within its parent, the walk ends, and a header alone says the same as the whole object.
#![no_main]

use kazasu_core::tlv::{Cursor, Header, MAX_DEPTH, MAX_VALUE, Tlv};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut found = 0;
    let mut open = vec![Cursor::new(bytes)];
    while let Some(cursor) = open.last_mut() {
        match cursor.next_object() {
            Ok(Some(object)) => {
                found += 1;
                let header = Header::parse(object.whole).expect("read before");
                assert_eq!((header.tag, header.value_len), (object.tag, object.value.len()));
                assert_eq!(header.total_len(), object.whole.len());
                assert!(object.value.len() <= MAX_VALUE && object.whole.ends_with(object.value));
                assert!(bytes.as_ptr_range().contains(&object.whole.as_ptr()));
                assert!(open.len() <= usize::from(MAX_DEPTH));
                if let Ok(child) = object.child(0xDF22) {
                    assert!(child.whole.len() <= object.value.len() && child.tag == 0xDF22);
                }
                open.push(object.children());
            }
            Ok(None) => {
                open.pop();
            }
            Err(error) => {
                assert!(error.at < bytes.len());
                open.pop();
            }
        }
        // A byte lies in at most one object of each depth, and an object takes two.
        assert!(found <= bytes.len() / 2 * usize::from(MAX_DEPTH));
    }
    if let Ok(first) = Tlv::first(bytes) {
        assert!(bytes.starts_with(first.whole));
    }
});
