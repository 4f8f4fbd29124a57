//! How the library for Android (and its stand-in on Linux) is linked.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let system = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    if matches!(system.as_str(), "android" | "linux") {
        // Phones with pages of 16 KiB refuse a library whose segments are aligned to less.
        println!("cargo::rustc-link-arg-cdylib=-Wl,-z,max-page-size=16384");
        // The name by which it is loaded; rustc gives it none.
        println!("cargo::rustc-link-arg-cdylib=-Wl,-soname,libkazasu_ffi.so");
    }
}
