//! 券面事項確認AP: whatever its files hold.
#![no_main]

use kazasu_fixtures::evil::Operation::{
    self, BirthRecord, Face, FaceA, NumberImage, SurfaceInformation, SurfaceMunicipality,
};
use libfuzzer_sys::fuzz_target;

const OPERATIONS: &[Operation] = &[BirthRecord, Face, FaceA, NumberImage, SurfaceInformation, SurfaceMunicipality];

fuzz_target!(|input: &[u8]| kazasu_fuzz::file(OPERATIONS, input));
