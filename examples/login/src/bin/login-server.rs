//! `login-server`: listens on this machine only; for others to reach it, put a reverse proxy with TLS in front and name
//! its origin.

use clap::Parser;
use kazasu_login_example::server::{Config, app};
use kazasu_pki::login::{Origin, PairwiseKey};
use kazasu_pki::{Anchors, UserAuthentication};
use std::error::Error;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use tokio::net::TcpListener;

/// An example of a server that people log in to with a My Number card.
#[derive(Parser)]
struct Options {
    /// Where people reach it; without it http://localhost and the port
    #[arg(long, value_name = "ORIGIN")]
    origin: Option<String>,
    /// The port on this machine
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// The port of the agent on its users' machines
    #[arg(long, default_value_t = 35964)]
    agent: u16,
    /// An authority's certificate of J-LIS (DER); may be given more than once
    #[arg(long, value_name = "FILE")]
    authority: Vec<PathBuf>,
    /// Believe the authorities of the demonstration cards, whose keys anybody can make, and no others
    #[arg(long, conflicts_with = "authority")]
    test_anchors: bool,
    /// 32 secret bytes that give people their names here; without it they have others after a restart
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let origin = match &options.origin {
        Some(origin) => Origin::new(origin)?,
        None => Origin::localhost_for_tests(options.port),
    };
    let mut key = [0; 32];
    match &options.key {
        Some(file) => key = std::fs::read(file)?.try_into().map_err(|_| "--key takes a file of 32 bytes")?,
        None => getrandom::fill(&mut key).map_err(|error| error.to_string())?,
    }
    let config = Config {
        anchors: anchors(&options)?,
        test: options.test_anchors,
        key: PairwiseKey::new(&key),
        agent: options.agent,
        origin: origin.clone(),
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
    eprintln!("login-server: {origin}{}", if options.test_anchors { " (test authorities: no real card)" } else { "" });
    axum::serve(listener, app(config)).await?;
    Ok(())
}

fn anchors(options: &Options) -> Result<Anchors<UserAuthentication>, Box<dyn Error>> {
    if options.test_anchors {
        return kazasu_login_example::server::test_anchors();
    }
    let mut anchors = Anchors::production();
    for file in &options.authority {
        anchors.admit(&std::fs::read(file)?)?;
    }
    if options.authority.is_empty() {
        eprintln!("login-server: without --authority no certificate can be checked, and nobody gets in");
    }
    Ok(anchors)
}
