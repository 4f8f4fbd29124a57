//! Prints the part of an app's Info.plist that Core NFC asks for, from the tables: `cargo run -p kazasu-core --example info-plist`.

fn main() {
    println!("<key>com.apple.developer.nfc.readersession.iso7816.select-identifiers</key>\n<array>");
    for application in kazasu_core::plan::applications() {
        let aid: String = application.aid.iter().map(|byte| format!("{byte:02X}")).collect();
        println!("    <string>{aid}</string>");
    }
    println!("</array>");
}
