//! Asks for a timestamp and attaches the answer; carrying both over the network is somebody else's job, such as curl's:
//!
//! ```text
//! timestamp request contract.txt.p7s 3f…(16 random bytes in hexadecimal) > request.tsq
//! curl --data-binary @request.tsq -H 'Content-Type: application/timestamp-query' https://tsa.example.jp > response.tsr
//! timestamp attach contract.txt.p7s request.tsq response.tsr > stamped.p7s
//! ```
//!
//! A PDF that was signed with `--pades` has room for one, and is taken in the same way.

use kazasu_pki::pdf::{attach_timestamp, timestamp_request};
use kazasu_pki::timestamp::{attach, prepare};
use std::error::Error;
use std::io::Write as _;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let made = match arguments[..] {
        ["request", signed, nonce] => {
            let nonce = u128::from_str_radix(nonce, 16)?.to_be_bytes();
            let signed = std::fs::read(signed)?;
            if signed.starts_with(b"%PDF-") { timestamp_request(&signed, nonce)? } else { prepare(&signed, nonce)? }
        }
        ["attach", signed, request, response] => {
            let (signed, request, response) =
                (std::fs::read(signed)?, std::fs::read(request)?, std::fs::read(response)?);
            if signed.starts_with(b"%PDF-") {
                attach_timestamp(signed, &request, &response)?
            } else {
                attach(&signed, &request, &response)?
            }
        }
        _ => return Err("timestamp request SIGNED NONCE | timestamp attach SIGNED REQUEST RESPONSE".into()),
    };
    Ok(std::io::stdout().write_all(&made)?)
}
