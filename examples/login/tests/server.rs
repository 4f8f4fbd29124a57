//! The server as browsers and attackers meet it, without a connection; the demonstration card's key signs.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use kazasu_fixtures::Persona;
use kazasu_login_example::page::{PAGE, policy};
use kazasu_login_example::server::{Config, app, test_anchors};
use kazasu_pki::login::{Challenge, LONGEST_TOKEN, Origin, PairwiseKey};
use kazasu_pki::{Algorithm, Nonce, TransientCertificate};
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::sha2::{Digest as _, Sha256};
use serde_json::Value;
use tower::ServiceExt as _;

const SHOP: &str = "https://shop.example";

fn server(origin: Origin) -> Router {
    let anchors = test_anchors().expect("anchors");
    app(Config { origin, anchors, test: true, key: PairwiseKey::new(&[7; 32]), agent: 35964 })
}

fn shop() -> Router {
    server(Origin::new(SHOP).expect("an origin"))
}

/// What came back.
struct Reply {
    status: StatusCode,
    /// The whole Set-Cookie.
    cookie: Option<String>,
    body: String,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    /// `name=value`.
    fn session(&self) -> String {
        self.cookie.as_deref().and_then(|cookie| cookie.split(';').next()).expect("a cookie").to_owned()
    }

    /// How one line of the table went.
    fn line(&self, code: &str) -> String {
        let body = self.json();
        let lines = body["table"]["lines"].as_array().expect("a table");
        lines.iter().find(|line| line["code"] == code).expect("a line")["mark"].as_str().expect("a mark").to_owned()
    }
}

async fn send(server: &Router, method: &str, path: &str, headers: &[(&str, &str)], body: String) -> Reply {
    let request = headers
        .iter()
        .fold(Request::builder().method(method).uri(path), |request, (name, value)| request.header(*name, *value));
    let response =
        server.clone().oneshot(request.body(Body::from(body)).expect("a request")).await.expect("a response");
    let cookie = response.headers().get(header::SET_COOKIE).map(|cookie| cookie.to_str().expect("text").to_owned());
    let status = response.status();
    let body = to_bytes(response.into_body(), 1 << 20).await.expect("a body");
    Reply { status, cookie, body: String::from_utf8(body.to_vec()).expect("text") }
}

/// From a page of this server, in this session.
async fn post(server: &Router, path: &str, session: &str, body: String) -> Reply {
    send(server, "POST", path, &[("origin", SHOP), ("cookie", session), ("content-type", "application/json")], body)
        .await
}

/// A session, and a nonce that was given to it.
async fn begin(server: &Router) -> (String, Nonce) {
    let reply = post(server, "/nonce", "", String::new()).await;
    let nonce = Nonce::from_base64(reply.json()["nonce"].as_str().expect("a nonce")).expect("a nonce");
    (reply.session(), nonce)
}

/// The demonstration card's token.
fn token(origin: &str, nonce: &Nonce) -> String {
    let persona = Persona::named("adult").expect("a persona");
    let certificate =
        TransientCertificate::new(&persona.file("jpki", 0x0A).expect("a certificate")).expect("a certificate");
    let key = rsa::RsaPrivateKey::from_pkcs8_der(&persona.key("jpki", 0x17).expect("a key")).expect("a key");
    let origin = Origin::new(origin).expect("an origin");
    let challenge = Challenge::new(&origin, nonce);
    let digest = Sha256::digest(challenge.message(Algorithm::Rs256));
    let signature = key.sign(rsa::Pkcs1v15Sign::new::<Sha256>(), &digest).expect("a signature");
    challenge.finish(&certificate, &signature).expect("a token").to_string()
}

fn answer(nonce: &Nonce, token: &str) -> String {
    format!("{{\"nonce\":\"{}\",\"token\":{token}}}", nonce.to_base64())
}

#[tokio::test]
async fn who_logs_in_gets_a_new_session_is_shown_what_was_checked_and_can_log_out() {
    let server = shop();
    let (before, nonce) = begin(&server).await;
    let reply = post(&server, "/login", &before, answer(&nonce, &token(SHOP, &nonce))).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
    let after = reply.session();
    assert_ne!(before, after, "whoever knew the old session's name knows nothing now");
    assert_eq!(reply.line("login-signature"), "holds");
    assert_eq!(reply.line("revocation"), "open", "nobody was asked, and the page says so");
    assert_eq!(reply.json()["table"]["test"], true);

    let state =
        async |session: &str| send(&server, "GET", "/state", &[("cookie", session)], String::new()).await.json();
    assert_eq!(state(&after).await["login"], reply.json());
    assert_eq!(state(&before).await["login"], Value::Null);
    let old = post(&server, "/login", &before, String::new()).await;
    assert_eq!(old.json()["error"], "session", "the old one is over");
    let gone = post(&server, "/logout", &after, String::new()).await;
    assert!(gone.cookie.expect("a cookie").ends_with("Max-Age=0"));
    assert_eq!(state(&after).await["login"], Value::Null);
}

#[tokio::test]
async fn no_certificate_comes_back() {
    let server = shop();
    let (session, nonce) = begin(&server).await;
    let token = token(SHOP, &nonce);
    let reply = post(&server, "/login", &session, answer(&nonce, &token)).await;
    let token: Value = serde_json::from_str(&token).expect("JSON");
    for part in ["unverifiedCertificate", "signature"] {
        assert!(!reply.body.contains(&token[part].as_str().expect("text")[100..160]), "{part}");
    }
}

#[tokio::test]
async fn a_token_works_once_and_only_in_the_session_that_asked() {
    let server = shop();
    let (session, nonce) = begin(&server).await;
    let body = answer(&nonce, &token(SHOP, &nonce));
    let (other, _) = begin(&server).await;
    let stolen = post(&server, "/login", &other, body.clone()).await;
    assert_eq!((stolen.status, &stolen.json()["error"]), (StatusCode::FORBIDDEN, &"session".into()));
    let replay = post(&server, "/login", &session, body).await;
    assert_eq!((replay.status, &*replay.line("nonce")), (StatusCode::FORBIDDEN, "fails"));
    let nobody = post(&server, "/login", "", String::new()).await;
    assert_eq!((nobody.status, &nobody.json()["error"]), (StatusCode::FORBIDDEN, &"session".into()));
}

#[tokio::test]
async fn a_token_for_a_look_alike_is_refused_and_the_table_says_why() {
    let server = shop();
    let (session, nonce) = begin(&server).await;
    let reply = post(&server, "/login", &session, answer(&nonce, &token("https://sh0p.example", &nonce))).await;
    assert_eq!((reply.status, &*reply.line("login-signature")), (StatusCode::FORBIDDEN, "fails"));
    assert_eq!(reply.cookie, None);
}

#[tokio::test]
async fn the_verifier_sees_the_very_text_of_the_token() {
    let server = shop();
    let (session, nonce) = begin(&server).await;
    let twice = token(SHOP, &nonce).replacen('{', "{\"algorithm\":\"RS256\",", 1);
    let reply = post(&server, "/login", &session, answer(&nonce, &twice)).await;
    assert_eq!((reply.status, &*reply.line("token-format")), (StatusCode::FORBIDDEN, "fails"));
}

#[tokio::test]
async fn what_does_not_come_from_this_servers_page_is_refused() {
    let server = shop();
    let (session, nonce) = begin(&server).await;
    let body = answer(&nonce, &token(SHOP, &nonce));
    for path in ["/nonce", "/login", "/logout"] {
        for origin in [
            None,
            Some("https://evil.example"),
            Some("null"),
            Some("https://shop.example:8443"),
            Some("http://shop.example"),
        ] {
            let mut headers = vec![("cookie", &*session)];
            headers.extend(origin.map(|origin| ("origin", origin)));
            let reply = send(&server, "POST", path, &headers, body.clone()).await;
            assert_eq!(
                (reply.status, &reply.json()["error"]),
                (StatusCode::FORBIDDEN, &"origin".into()),
                "{path} {origin:?}"
            );
        }
    }
    // None of that spent the nonce or ended the session.
    assert_eq!(post(&server, "/login", &session, body).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_is_too_long_or_no_request_is_refused() {
    let server = shop();
    let (session, nonce) = begin(&server).await;
    let long = answer(&nonce, &format!("\"{}\"", "x".repeat(LONGEST_TOKEN + 1_024)));
    assert_eq!(post(&server, "/login", &session, long).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    for body in ["", "{}", "[]", "{\"nonce\":\"AAEC\",\"token\":{}}", "{\"nonce\":7,\"token\":{}}"] {
        assert_eq!(post(&server, "/login", &session, body.to_owned()).await.status, StatusCode::BAD_REQUEST, "{body}");
    }
}

#[tokio::test]
async fn the_sessions_cookie_is_for_this_server_alone() {
    let reply = post(&shop(), "/nonce", "", String::new()).await;
    let cookie = reply.cookie.expect("a cookie");
    assert!(
        cookie.starts_with("__Host-session=") && cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict; Secure"),
        "{cookie}"
    );
    let local = server(Origin::localhost_for_tests(8080));
    let reply = send(&local, "POST", "/nonce", &[("origin", "http://localhost:8080")], String::new()).await;
    let cookie = reply.cookie.expect("a cookie");
    assert!(cookie.starts_with("session=") && cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict"), "{cookie}");
    // A name that somebody else chose is not taken over.
    let planted = post(&shop(), "/nonce", "__Host-session=00", String::new()).await;
    assert_ne!(planted.session(), "__Host-session=00");
}

#[test]
fn the_page_is_one_file_and_its_policy_lets_nothing_else_in() {
    for once in ["<script", "</script>", "<style", "</style>"] {
        assert_eq!(PAGE.matches(once).count(), 1, "{once}");
    }
    for never in [" src=", " style=", " onclick=", "innerHTML", "eval(", "https://", "//cdn", "@import"] {
        assert!(!PAGE.contains(never), "{never}");
    }
    let policy = policy(35964);
    assert!(policy.starts_with("default-src 'none'; script-src 'sha256-") && !policy.contains("unsafe"), "{policy}");
    assert!(policy.contains("connect-src 'self' http://127.0.0.1:35964;"), "{policy}");
}
