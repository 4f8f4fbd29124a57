//! The command line's decoder of the photo: a small picture or a refusal, whatever the file claims.
#![no_main]

#[path = "../../cli/src/picture.rs"]
#[allow(dead_code, unreachable_pub, reason = "the command line's own file, of which this target uses a part")]
mod picture;

/// Stands in for the command line's.
mod failure {
    #[derive(Debug)]
    pub(crate) struct Failure;

    impl From<kazasu_catalogue::Trouble> for Failure {
        fn from(_: kazasu_catalogue::Trouble) -> Self {
            Self
        }
    }
}

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(photo) = picture::Grey::decode(bytes) {
        assert_eq!(photo.pixels.len(), photo.width * photo.height);
        assert!(photo.width <= 1_024 && photo.height <= 1_024);
        let _ = photo.png();
        let _ = photo.lines(40, true);
    }
});
