//! The server: a nonce for a session, a token for the nonce, and then a new session that knows who it is.

use crate::page;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use kazasu_catalogue::Lang;
use kazasu_catalogue::trust::{Words, conclusion};
use kazasu_pki::finding::{Finding, Outcome};
use kazasu_pki::login::{LONGEST_TOKEN, Origin, PairwiseKey, RevocationDemand, Verifier};
use kazasu_pki::revocation::NotAsked;
use kazasu_pki::{Anchors, Findings, MemoryNonces, Nonce, UserAuthentication};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

/// A nonce waits so long for its token: time to find the card and type the PIN.
const NONCE_LIFETIME: Duration = Duration::from_secs(300);
/// So long somebody stays logged in, or a session waits for somebody to.
const SESSION_LIFETIME: Duration = Duration::from_secs(1_800);
/// So many nonces wait at most, and there are at most so many sessions: memory is finite, and anybody can ask.
const MOST: usize = 10_000;

/// What a server is told when it starts.
pub struct Config {
    /// Where people reach it. Never taken from a request.
    pub origin: Origin,
    /// Whose certificates it takes.
    pub anchors: Anchors<UserAuthentication>,
    /// Whether those are test authorities; the page says so.
    pub test: bool,
    /// Gives people their names here.
    pub key: PairwiseKey,
    /// The port of the agent on its users' machines.
    pub agent: u16,
}

struct Server {
    config: Config,
    /// Each nonce lies beside the session that it was given to.
    nonces: MemoryNonces<String>,
    sessions: Mutex<HashMap<String, Session>>,
}

struct Session {
    until: SystemTime,
    /// What the page shows of somebody who is logged in.
    login: Option<Value>,
}

/// The server's routes.
pub fn app(config: Config) -> Router {
    let nonces = MemoryNonces::new(NONCE_LIFETIME, MOST);
    let server = Arc::new(Server { config, nonces, sessions: Mutex::default() });
    Router::new()
        .route("/", get(page))
        .route("/state", get(state))
        .route("/nonce", post(nonce))
        .route("/login", post(login))
        .route("/logout", post(logout))
        // Base64 in JSON, and a nonce beside the token.
        .layer(DefaultBodyLimit::max(LONGEST_TOKEN + 1_024))
        .with_state(server)
}

type Shared = State<Arc<Server>>;

async fn page(State(server): Shared) -> Response {
    let policy =
        HeaderValue::try_from(page::policy(server.config.agent)).unwrap_or(HeaderValue::from_static("sandbox"));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, policy),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, page::PAGE).into_response()
}

/// What the page is to show.
async fn state(State(server): Shared, headers: HeaderMap) -> Response {
    let login = server.find(&headers).and_then(|(_, login)| login);
    let Config { origin, agent, test, .. } = &server.config;
    answer(StatusCode::OK, None, &json!({ "origin": origin.as_str(), "agent": agent, "test": test, "login": login }))
}

async fn nonce(State(server): Shared, headers: HeaderMap) -> Response {
    if !server.came_from_here(&headers) {
        return refuse(StatusCode::FORBIDDEN, "origin");
    }
    // An attacker who planted a session's name in a browser would share what comes of it: the server draws every name
    // itself.
    let Some(id) = server.find(&headers).map(|(id, _)| id).or_else(|| server.begin(None)) else {
        return refuse(StatusCode::SERVICE_UNAVAILABLE, "full");
    };
    match server.nonces.issue(id.clone(), SystemTime::now()) {
        Ok(nonce) => answer(StatusCode::OK, Some(server.cookie(&id)), &json!({ "nonce": nonce.to_base64() })),
        Err(_) => refuse(StatusCode::SERVICE_UNAVAILABLE, "full"),
    }
}

/// The nonce, and the token as it was sent.
#[derive(Deserialize)]
struct Answer<'a> {
    nonce: &'a str,
    #[serde(borrow)]
    token: &'a RawValue,
}

async fn login(State(server): Shared, headers: HeaderMap, body: Bytes) -> Response {
    if !server.came_from_here(&headers) {
        return refuse(StatusCode::FORBIDDEN, "origin");
    }
    let Some((id, _)) = server.find(&headers) else { return refuse(StatusCode::FORBIDDEN, "session") };
    let Ok(Answer { nonce, token }) = serde_json::from_slice(&body) else {
        return refuse(StatusCode::BAD_REQUEST, "request");
    };
    let Ok(nonce) = Nonce::from_base64(nonce) else { return refuse(StatusCode::BAD_REQUEST, "request") };
    let Config { origin, anchors, key, .. } = &server.config;
    // This server is no accredited verifier and asks nobody; its page says so in the table.
    let demand = RevocationDemand::GoodOrNotAsked;
    let verifier = Verifier { origin, anchors, revocation: &NotAsked, demand, key };
    match verifier.verify(token.get().as_bytes(), &nonce, &server.nonces, SystemTime::now()) {
        // Whose token it is matters as much as whose browser it came from.
        Ok(login) if login.session != id => refuse(StatusCode::FORBIDDEN, "session"),
        Ok(login) => {
            let shown = json!({ "who": login.who.to_string(), "table": table(&login.findings) });
            server.end(&id);
            match server.begin(Some(shown.clone())) {
                Some(new) => answer(StatusCode::OK, Some(server.cookie(&new)), &shown),
                None => refuse(StatusCode::SERVICE_UNAVAILABLE, "full"),
            }
        }
        Err(refused) => {
            let body = json!({ "error": "refused", "table": table(&refused.findings) });
            answer(StatusCode::FORBIDDEN, None, &body)
        }
    }
}

async fn logout(State(server): Shared, headers: HeaderMap) -> Response {
    if !server.came_from_here(&headers) {
        return refuse(StatusCode::FORBIDDEN, "origin");
    }
    if let Some((id, _)) = server.find(&headers) {
        server.end(&id);
    }
    let gone = format!("{}; Max-Age=0", server.cookie(""));
    answer(StatusCode::OK, Some(gone), &json!({}))
}

impl Server {
    /// A page of another origin that sends a request says so, and a browser does not let it lie.
    fn came_from_here(&self, headers: &HeaderMap) -> bool {
        headers.get(header::ORIGIN).is_some_and(|origin| origin == self.config.origin.as_str())
    }

    /// Behind https the browser itself sees to it that no other host and no plain connection sets this cookie.
    fn cookie_name(&self) -> &'static str {
        if self.is_https() { "__Host-session" } else { "session" }
    }

    fn is_https(&self) -> bool {
        self.config.origin.as_str().starts_with("https://")
    }

    fn cookie(&self, id: &str) -> String {
        let secure = if self.is_https() { "; Secure" } else { "" };
        format!("{}={id}; Path=/; HttpOnly; SameSite=Strict{secure}", self.cookie_name())
    }

    /// The session that the request's cookie names, if there is one.
    fn find(&self, headers: &HeaderMap) -> Option<(String, Option<Value>)> {
        let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
        let mut cookies = cookies.split(';').filter_map(|cookie| cookie.trim().split_once('='));
        let (_, id) = cookies.find(|(name, _)| *name == self.cookie_name())?;
        let sessions = self.lock();
        let session = sessions.get(id).filter(|session| SystemTime::now() <= session.until)?;
        Some((id.to_owned(), session.login.clone()))
    }

    /// A new session, and its name; `None` when there are too many.
    fn begin(&self, login: Option<Value>) -> Option<String> {
        let mut id = [0; 32];
        getrandom::fill(&mut id).ok()?;
        let id = hex::encode(id);
        let now = SystemTime::now();
        let mut sessions = self.lock();
        if sessions.len() >= MOST {
            sessions.retain(|_, session| now <= session.until);
        }
        if sessions.len() >= MOST {
            return None;
        }
        sessions.insert(id.clone(), Session { until: now + SESSION_LIFETIME, login });
        Some(id)
    }

    fn end(&self, id: &str) {
        self.lock().remove(id);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn answer(status: StatusCode, cookie: Option<String>, body: &Value) -> Response {
    let mut response = (status, Json(body)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(cookie) = cookie.and_then(|cookie| HeaderValue::try_from(cookie).ok()) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

fn refuse(status: StatusCode, error: &str) -> Response {
    answer(status, None, &json!({ "error": error }))
}

/// The table in both languages; the page shows the one that its reader chose. What this server can do without is told
/// all the same.
fn table(findings: &Findings) -> Value {
    let both = |text: &dyn Fn(Lang) -> String| json!({ "en": text(Lang::En), "ja": text(Lang::Ja) });
    let line = |line: &Finding| {
        let (mark, outcome) = match line.outcome {
            Outcome::Holds => ("holds", json!({ "en": "holds", "ja": "適合" })),
            Outcome::Fails(reason) => ("fails", both(&|lang| reason.text(lang).to_owned())),
            Outcome::NotChecked(why) => ("open", both(&|lang| why.text(lang).to_owned())),
        };
        json!({
            "code": line.check.code(),
            "mark": mark,
            "check": both(&|lang| line.check.text(lang).to_owned()),
            "outcome": outcome,
            "by": both(&|lang| line.by.text(lang).to_owned()),
        })
    };
    json!({
        "lines": findings.lines().iter().map(line).collect::<Vec<_>>(),
        "conclusion": both(&|lang| conclusion(findings.conclusion(&[]), lang)),
        "test": findings.test(),
    })
}

/// The authorities of the demonstration cards.
///
/// # Errors
/// When the files are not what they were.
pub fn test_anchors() -> Result<Anchors<UserAuthentication>, Box<dyn std::error::Error>> {
    let pem = [
        include_bytes!("../../../fixtures/cards/pki/auth-ca-1.pem").as_slice(),
        include_bytes!("../../../fixtures/cards/pki/auth-ca-2.pem"),
    ];
    let mut authorities = Vec::new();
    for pem in pem {
        authorities.push(der::pem::decode_vec(pem).map_err(|error| error.to_string())?.1);
    }
    let authorities: Vec<_> = authorities.iter().map(Vec::as_slice).collect();
    Ok(Anchors::test_only(&authorities)?)
}
