//! A municipality's card-verifiable certificate, and what of a card face was signed: read or refused.
#![no_main]

use kazasu_pki::cv::CvCertificate;
use kazasu_pki::genuine::signed_face;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|record: &[u8]| {
    if let Ok(certificate) = CvCertificate::parse(record) {
        let municipality = certificate.municipality();
        assert!(municipality.len() == 5 && municipality.bytes().all(|byte| byte.is_ascii_digit()));
    }
    if let Ok(face) = signed_face(record) {
        // What nobody signed left with the first time.
        let again = signed_face(&face).expect("a card face");
        assert_eq!(again[..], face[..]);
    }
});
