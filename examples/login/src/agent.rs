//! The agent: a page cannot reach a card, so a program on the user's own machine does. It answers one origin and signs
//! for that origin, whatever a page says; who it is for is in its terminal, where `kazasu login` shows the origin and
//! asks for the PIN.

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{Json, Router};
use kazasu_pki::Nonce;
use kazasu_pki::login::Origin;
use serde::Deserialize;
use serde_json::json;
use std::ffi::OsString;
use std::process::{Command, Stdio};
use std::sync::Arc;
use tokio::sync::Mutex;

/// Chromium asks before a page of the network may talk to this machine.
const PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-allow-private-network");

/// What an agent is told when it starts.
pub struct Config {
    /// The one origin that it answers, and that is signed.
    pub origin: Origin,
    /// Its own port.
    pub port: u16,
    /// `kazasu`, and the options that stand before its command.
    pub command: Vec<OsString>,
}

struct Agent {
    config: Config,
    /// One request at a time: the person at the terminal must know which one they type the PIN for.
    busy: Arc<Mutex<()>>,
}

/// The agent's one route.
pub fn app(config: Config) -> Router {
    let agent = Arc::new(Agent { config, busy: Arc::default() });
    Router::new().route("/token", any(token)).layer(DefaultBodyLimit::max(1_024)).with_state(agent)
}

#[derive(Deserialize)]
struct Request<'a> {
    nonce: &'a str,
}

async fn token(State(agent): State<Arc<Agent>>, method: Method, headers: HeaderMap, body: Bytes) -> Response {
    if !agent.admits(&headers) {
        return refuse(StatusCode::FORBIDDEN, "origin");
    }
    let mut response = match method {
        Method::OPTIONS => StatusCode::NO_CONTENT.into_response(),
        Method::POST => agent.answer(&headers, &body).await,
        _ => refuse(StatusCode::METHOD_NOT_ALLOWED, "request"),
    };
    // Only now, and only for this origin, may the page read what is in the response.
    if let Ok(origin) = HeaderValue::try_from(agent.config.origin.as_str()) {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type"));
        headers.insert(PRIVATE_NETWORK, HeaderValue::from_static("true"));
        headers.insert(header::VARY, HeaderValue::from_static("Origin"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

impl Agent {
    /// The origin is ours, and the address is this machine's: a name that somebody points here (DNS rebinding) is
    /// neither.
    fn admits(&self, headers: &HeaderMap) -> bool {
        let Config { origin, port, .. } = &self.config;
        let hosts = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
        headers.get(header::ORIGIN).is_some_and(|found| found == origin.as_str())
            && headers.get(header::HOST).is_some_and(|found| hosts.iter().any(|host| found == host))
    }

    async fn answer(&self, headers: &HeaderMap, body: &[u8]) -> Response {
        // Of this type, a page of another origin cannot even send it without asking first.
        if headers.get(header::CONTENT_TYPE).is_none_or(|kind| kind != "application/json") {
            return refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, "request");
        }
        let nonce =
            serde_json::from_slice::<Request<'_>>(body).ok().and_then(|request| Nonce::from_base64(request.nonce).ok());
        let Some(nonce) = nonce else { return refuse(StatusCode::BAD_REQUEST, "request") };
        let Ok(turn) = Arc::clone(&self.busy).try_lock_owned() else {
            return refuse(StatusCode::CONFLICT, "busy");
        };
        let mut command = self.command(&nonce);
        // Goes on to its end if the page is closed: a command that is killed between PIN and signature leaves the card
        // open.
        let work = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            command.output()
        });
        match work.await {
            Ok(Ok(done)) if done.status.success() => {
                ([(header::CONTENT_TYPE, "application/json")], done.stdout).into_response()
            }
            // Why is in the terminal: what is wrong with the card or the PIN is not the page's business.
            Ok(Ok(_)) => refuse(StatusCode::BAD_GATEWAY, "card"),
            Ok(Err(_)) | Err(_) => refuse(StatusCode::BAD_GATEWAY, "command"),
        }
    }

    fn command(&self, nonce: &Nonce) -> Command {
        let origin = self.config.origin.as_str();
        let (program, options) =
            self.config.command.split_first().map_or(("kazasu".into(), &[][..]), |(p, o)| (p.clone(), o));
        let mut command = Command::new(program);
        command.args(options).args(["login", "--origin", origin, "--nonce", &nonce.to_base64()]);
        if origin.starts_with("http://localhost") {
            command.arg("--allow-localhost");
        }
        // The terminal asks for the PIN and shows what went wrong.
        command.stdin(Stdio::inherit()).stderr(Stdio::inherit()).stdout(Stdio::piped());
        command
    }
}

fn refuse(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({ "error": error }))).into_response()
}
