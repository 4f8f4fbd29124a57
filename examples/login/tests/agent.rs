//! The agent as pages meet it; programs that need no card stand in for `kazasu`.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use kazasu_login_example::agent::{Config, app};
use kazasu_pki::login::Origin;
use tower::ServiceExt as _;

const SHOP: &str = "https://shop.example";
const NONCE: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

fn agent(origin: Origin, command: &[&str]) -> Router {
    app(Config { origin, port: 35964, command: command.iter().map(Into::into).collect() })
}

fn shop(command: &[&str]) -> Router {
    agent(Origin::new(SHOP).expect("an origin"), command)
}

/// Prints its arguments.
const ECHO: [&str; 4] = ["sh", "-c", "printf '%s' \"$*\"", "sh"];

const GOOD: [(&str, &str); 3] = [("host", "127.0.0.1:35964"), ("origin", SHOP), ("content-type", "application/json")];

async fn send(agent: &Router, method: &str, headers: &[(&str, &str)], body: &str) -> (StatusCode, HeaderMap, String) {
    let request = Request::builder().method(method).uri("/token");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    let request = request.body(Body::from(body.to_owned())).expect("a request");
    let response = agent.clone().oneshot(request).await.expect("a response");
    let (status, headers) = (response.status(), response.headers().clone());
    let body = to_bytes(response.into_body(), 1 << 20).await.expect("a body");
    (status, headers, String::from_utf8(body.to_vec()).expect("text"))
}

fn asked() -> String {
    format!("{{\"nonce\":\"{NONCE}\"}}")
}

/// The good headers with one replaced, or left out.
fn with(name: &str, value: Option<&'static str>) -> Vec<(&'static str, &'static str)> {
    GOOD.iter()
        .filter_map(
            |(other, good)| if *other == name { value.map(|value| (*other, value)) } else { Some((*other, *good)) },
        )
        .collect()
}

#[tokio::test]
async fn the_configured_origin_is_what_is_signed() {
    let (status, headers, body) = send(&shop(&ECHO), "POST", &GOOD, &asked()).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(body, format!("login --origin {SHOP} --nonce {NONCE}"));
    assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], SHOP);
    let local = agent(Origin::localhost_for_tests(8080), &ECHO);
    let headers =
        [("host", "localhost:35964"), ("origin", "http://localhost:8080"), ("content-type", "application/json")];
    let (_, _, body) = send(&local, "POST", &headers, &asked()).await;
    assert_eq!(body, format!("login --origin http://localhost:8080 --nonce {NONCE} --allow-localhost"));
}

#[tokio::test]
async fn a_page_of_another_origin_gets_nothing_not_even_permission_to_read_the_refusal() {
    for origin in [
        None,
        Some("https://evil.example"),
        Some("null"),
        Some("https://shop.example.evil.example"),
        Some("http://shop.example"),
    ] {
        for method in ["POST", "OPTIONS", "GET"] {
            let (status, headers, _) = send(&shop(&ECHO), method, &with("origin", origin), &asked()).await;
            assert_eq!(status, StatusCode::FORBIDDEN, "{method} {origin:?}");
            assert!(!headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN), "{method} {origin:?}");
        }
    }
}

#[tokio::test]
async fn a_name_that_somebody_points_at_this_machine_is_refused() {
    for host in [None, Some("shop.example"), Some("rebound.example:35964"), Some("127.0.0.1"), Some("127.0.0.1:35965")]
    {
        let (status, ..) = send(&shop(&ECHO), "POST", &with("host", host), &asked()).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{host:?}");
    }
}

#[tokio::test]
async fn a_browser_that_asks_first_is_told_what_the_page_may_do() {
    let (status, headers, _) = send(&shop(&ECHO), "OPTIONS", &GOOD, "").await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], SHOP);
    assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_METHODS], "POST");
    assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_HEADERS], "content-type");
    assert_eq!(headers["access-control-allow-private-network"], "true");
    assert_eq!(headers[header::VARY], "Origin");
    assert!(!headers.contains_key(header::ACCESS_CONTROL_ALLOW_CREDENTIALS));
}

#[tokio::test]
async fn what_is_no_request_starts_nothing() {
    let agent = shop(&ECHO);
    for (method, headers, body, status) in [
        ("GET", with("", None), asked(), StatusCode::METHOD_NOT_ALLOWED),
        ("PUT", with("", None), asked(), StatusCode::METHOD_NOT_ALLOWED),
        ("POST", with("content-type", Some("text/plain")), asked(), StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("POST", with("content-type", None), asked(), StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("POST", with("", None), String::new(), StatusCode::BAD_REQUEST),
        ("POST", with("", None), "{\"nonce\":\"AAEC\"}".to_owned(), StatusCode::BAD_REQUEST),
        ("POST", with("", None), "{\"nonce\":\"--output=elsewhere\"}".to_owned(), StatusCode::BAD_REQUEST),
        (
            "POST",
            with("", None),
            format!("{{\"nonce\":\"{NONCE}\"}}{}", " ".repeat(2_000)),
            StatusCode::PAYLOAD_TOO_LARGE,
        ),
    ] {
        assert_eq!(send(&agent, method, &headers, &body).await.0, status, "{method} {body}");
    }
}

#[tokio::test]
async fn one_request_at_a_time() {
    let agent = shop(&["sh", "-c", "sleep 1; echo '{}'"]);
    let asked = asked();
    let (first, second) = tokio::join!(send(&agent, "POST", &GOOD, &asked), send(&agent, "POST", &GOOD, &asked));
    assert_eq!((first.0, second.0), (StatusCode::OK, StatusCode::CONFLICT));
    assert_eq!(send(&agent, "POST", &GOOD, &asked).await.0, StatusCode::OK, "and then the next");
}

#[tokio::test]
async fn a_page_learns_that_there_is_no_token_and_not_why() {
    let (status, headers, body) =
        send(&shop(&["sh", "-c", "echo secret-reason; exit 3"]), "POST", &GOOD, &asked()).await;
    assert_eq!((status, &*body), (StatusCode::BAD_GATEWAY, "{\"error\":\"card\"}"));
    assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], SHOP, "its own page may read that");
    let (status, _, body) = send(&shop(&["no-such-program-here"]), "POST", &GOOD, &asked()).await;
    assert_eq!((status, &*body), (StatusCode::BAD_GATEWAY, "{\"error\":\"command\"}"));
}
