//! `login-agent`: listens on 127.0.0.1, answers one origin, and lets `kazasu login` do the work in this terminal.

use clap::Parser;
use kazasu_login_example::agent::{Config, app};
use kazasu_pki::login::Origin;
use std::error::Error;
use std::ffi::OsString;
use std::net::Ipv4Addr;
use tokio::net::TcpListener;

/// Makes login tokens for the pages of one origin, with the card on this machine's reader.
#[derive(Parser)]
struct Options {
    /// The one origin that is answered, and that is signed
    #[arg(long, value_name = "ORIGIN", required_unless_present = "localhost")]
    origin: Option<String>,
    /// Answer http://localhost and this port instead, for trying things out
    #[arg(long, value_name = "PORT", conflicts_with = "origin")]
    localhost: Option<u16>,
    /// The port on 127.0.0.1
    #[arg(long, default_value_t = 35964)]
    port: u16,
    /// `kazasu` and its options: -- kazasu --reader NAME
    #[arg(last = true, default_value = "kazasu")]
    command: Vec<OsString>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let Options { origin, localhost, port, command } = Options::parse();
    let origin = match (origin, localhost) {
        (Some(origin), _) => Origin::new(&origin)?,
        (None, port) => Origin::localhost_for_tests(port.unwrap_or(8080)),
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    eprintln!("login-agent: 127.0.0.1:{port} answers {origin} and nobody else; Ctrl-C ends it");
    axum::serve(listener, app(Config { origin, port, command })).await?;
    Ok(())
}
