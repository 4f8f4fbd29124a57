//! How the library for Android (and its stand-in on Linux) is linked.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let system = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    // Where it is a part of another library, that one has a name of its own.
    let alone = std::env::var_os("CARGO_FEATURE_ALONE").is_some();
    if alone && matches!(system.as_str(), "android" | "linux") {
        // Phones with pages of 16 KiB refuse a library whose segments are aligned to less.
        println!("cargo::rustc-link-arg=-Wl,-z,max-page-size=16384");
        // The name by which it is loaded; rustc gives it none.
        println!("cargo::rustc-link-arg=-Wl,-soname,libkazasu_pki_ffi.so");
    }
}
