//! The page: one file, nothing fetched from elsewhere. Its policy names the one script and the one style that are in
//! it.

use base64ct::{Base64, Encoding as _};
use sha2::{Digest as _, Sha256};

/// The file.
pub const PAGE: &str = include_str!("page.html");

/// Content-Security-Policy for it. `agent` is the port of the agent on the user's own machine, the only other place it
/// may talk to.
#[must_use]
pub fn policy(agent: u16) -> String {
    let digest = |open: &str, close: &str| {
        let inner = PAGE.split_once(open).and_then(|(_, rest)| rest.split_once(close)).map_or("", |(inner, _)| inner);
        Base64::encode_string(&Sha256::digest(inner))
    };
    let (script, style) = (digest("<script>", "</script>"), digest("<style>", "</style>"));
    format!(
        "default-src 'none'; script-src 'sha256-{script}'; style-src 'sha256-{style}'; \
         connect-src 'self' http://127.0.0.1:{agent}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}
