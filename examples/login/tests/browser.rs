//! The page in a real browser, with the demonstration card behind the agent. Wants Chromium and, in KAZASU, the command
//! line; `make login` gives both. Everything stays on this machine: the browser resolves no name but localhost.

use axum::Router;
use base64ct::{Base64, Encoding as _};
use kazasu_login_example::server::{Config, test_anchors};
use kazasu_login_example::{agent, server};
use kazasu_pki::login::{Origin, PairwiseKey};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::Ipv4Addr;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use tokio::net::TcpListener;

/// Chromium, driven over a pipe (Chrome DevTools Protocol): no port that somebody else could connect to.
struct Browser {
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
    last: u64,
    /// How many pages have been loaded so far.
    loads: u64,
    _profile: tempfile::TempDir,
}

impl Browser {
    fn start() -> Self {
        let profile = tempfile::tempdir().expect("a folder");
        let program = std::env::var("CHROMIUM").unwrap_or_else(|_| String::from("chromium"));
        let mut command = Command::new("sh");
        // It reads orders from descriptor 3 and answers on 4. Its sandbox cannot be had by root, and the page is ours.
        command.args(["-c", "exec \"$0\" \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>&1", &program]);
        command.args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
        ]);
        command.args([
            "--disable-component-update",
            "--disable-dev-shm-usage",
            "--remote-debugging-pipe",
            "--accept-lang=ja",
        ]);
        command.arg("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1");
        command.arg(format!("--user-data-dir={}", profile.path().display())).arg("about:blank");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("Chromium starts");
        let orders = child.stdin.take().expect("a pipe");
        let answers = BufReader::new(child.stdout.take().expect("a pipe"));
        Self { child, orders, answers, last: 0, loads: 0, _profile: profile }
    }

    fn order(&mut self, session: Option<&str>, method: &str, params: Value) -> Value {
        self.last += 1;
        let mut order = json!({ "id": self.last, "method": method, "params": params });
        if let Some(session) = session {
            order["sessionId"] = session.into();
        }
        self.orders.write_all(format!("{order}\0").as_bytes()).expect("Chromium listens");
        loop {
            let answer = self.read();
            // What it tells unasked has no number.
            if answer["id"] == self.last {
                assert!(answer["error"].is_null(), "{method}: {answer}");
                return answer["result"].clone();
            }
        }
    }

    fn read(&mut self) -> Value {
        let mut answer = Vec::new();
        self.answers.read_until(0, &mut answer).expect("Chromium answers");
        assert_eq!(answer.pop(), Some(0), "Chromium has ended");
        let answer: Value = serde_json::from_slice(&answer).expect("JSON");
        self.loads += u64::from(answer["method"] == "Page.loadEventFired");
        answer
    }

    /// A page at this address, loaded.
    fn open(&mut self, address: &str) -> Page<'_> {
        let target = self.order(None, "Target.createTarget", json!({ "url": "about:blank" }))["targetId"].clone();
        let session = self.order(None, "Target.attachToTarget", json!({ "targetId": target, "flatten": true }));
        let session = session["sessionId"].as_str().expect("a session").to_owned();
        let mut page = Page { browser: self, session };
        page.until("document.readyState === 'complete'");
        page.load("Page.navigate", json!({ "url": address }));
        page
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Page<'b> {
    browser: &'b mut Browser,
    session: String,
}

impl Page<'_> {
    /// Goes somewhere, and waits until it is there.
    fn load(&mut self, method: &str, params: Value) {
        self.browser.order(Some(&self.session), "Page.enable", json!({}));
        let before = self.browser.loads;
        self.browser.order(Some(&self.session), method, params);
        while self.browser.loads == before {
            self.browser.read();
        }
    }

    /// What an expression is, or comes to be.
    fn value(&mut self, expression: &str) -> Value {
        let params = json!({ "expression": expression, "awaitPromise": true, "returnByValue": true });
        let result = self.browser.order(Some(&self.session), "Runtime.evaluate", params);
        assert!(result["exceptionDetails"].is_null(), "{expression}: {result}");
        result["result"]["value"].clone()
    }

    /// Waits, in the page, until it is so: half a minute at most.
    fn until(&mut self, condition: &str) {
        let wait = format!(
            "new Promise(done => {{
                let left = 600;
                const look = () =>
                    ({condition}) ? done(true) : left-- ? setTimeout(look, 50) : done(document.body.innerText);
                look();
            }})"
        );
        assert_eq!(self.value(&wait), true, "never: {condition}");
    }

    fn click(&mut self, id: &str) {
        self.value(&format!("document.getElementById('{id}').click()"));
    }

    fn text(&mut self) -> String {
        self.value("document.body.innerText").as_str().expect("text").to_owned()
    }

    /// With LOGIN_PICTURES set to a folder, what the page looks like goes there.
    fn picture(&mut self, name: &str) {
        let Some(folder) = std::env::var_os("LOGIN_PICTURES") else { return };
        let size = json!({ "width": 820, "height": 1180, "deviceScaleFactor": 1, "mobile": false });
        self.browser.order(Some(&self.session), "Emulation.setDeviceMetricsOverride", size);
        let picture = self.browser.order(Some(&self.session), "Page.captureScreenshot", json!({}));
        let bytes = Base64::decode_vec(picture["data"].as_str().expect("base64")).expect("base64");
        std::fs::write(std::path::Path::new(&folder).join(name), bytes).expect("written");
    }
}

/// Serves this on a port of this machine.
fn serve(make: impl FnOnce(u16) -> Router + Send + 'static) -> u16 {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
            let port = listener.local_addr().expect("an address").port();
            tell.send(port).expect("somebody waits");
            axum::serve(listener, make(port)).await.expect("served");
        });
    });
    told.recv().expect("a port")
}

/// A server on localhost, and an agent for it that has this card and types this PIN.
fn site(card: &'static str, pin: &'static str) -> String {
    let kazasu = std::env::var_os("KAZASU").expect("KAZASU names the command line");
    let (tell, told) = std::sync::mpsc::channel::<u16>();
    // Each must know the other's port.
    let agent = serve(move |port| {
        let origin = Origin::localhost_for_tests(told.recv().expect("the server's port"));
        let mut command = vec!["env".into(), format!("LOGIN_PIN={pin}").into(), kazasu];
        command.extend(["--card", card, "--secret-env", "LOGIN_PIN"].map(Into::into));
        agent::app(agent::Config { origin, port, command })
    });
    let port = serve(move |port| {
        let origin = Origin::localhost_for_tests(port);
        let anchors = test_anchors().expect("anchors");
        server::app(Config { origin, anchors, test: true, key: PairwiseKey::new(&[7; 32]), agent })
    });
    tell.send(port).expect("the agent waits");
    format!("http://localhost:{port}")
}

#[test]
#[ignore = "wants Chromium: make login"]
fn somebody_logs_in_with_the_demonstration_card_reads_the_table_in_both_languages_and_logs_out() {
    let site = site("demo", "1234");
    let mut browser = Browser::start();
    let mut page = browser.open(&site);
    page.until("!document.getElementById('login').disabled");
    let before = page.text();
    assert!(
        before.contains("マイナンバーカードでログイン")
            && before.contains(&site)
            && before.contains("テスト用の認証局"),
        "{before}"
    );
    page.picture("before-ja.png");
    page.click("language");
    assert!(page.text().contains("Log in with your My Number card"));
    page.picture("before-en.png");

    page.click("login");
    page.until("!document.getElementById('in').hidden");
    let inside = page.text();
    assert!(inside.contains("You are logged in"), "{inside}");
    assert!(inside.contains("the card's signature over site and nonce"), "{inside}");
    let marks =
        page.value("[...document.querySelectorAll('#table tr')].map(row => row.dataset.code + ' ' + row.className)");
    let marks: Vec<_> = marks.as_array().expect("rows").iter().filter_map(Value::as_str).collect();
    assert_eq!(marks.len(), 16);
    assert!(
        marks.contains(&"nonce holds")
            && marks.contains(&"login-signature holds")
            && marks.contains(&"revocation open")
    );
    page.picture("inside-en.png");
    page.click("language");
    assert!(page.text().contains("ログインしました"));
    page.picture("inside-ja.png");
    let who = page.value("document.getElementById('who').textContent");
    assert_eq!(who.as_str().map(str::len), Some(64));
    assert_eq!(page.value("document.cookie"), "", "no script sees the session");

    page.load("Page.reload", json!({}));
    page.until("!document.getElementById('in').hidden");
    assert_eq!(page.value("document.getElementById('who').textContent"), who, "the session is still there");
    page.click("logout");
    page.until("!document.getElementById('out').hidden");
    page.load("Page.reload", json!({}));
    page.until("!document.getElementById('login').disabled");
    assert_eq!(page.value("document.getElementById('in').hidden"), true);
}

#[test]
#[ignore = "wants Chromium: make login"]
fn without_the_agent_the_page_gives_a_command_and_takes_its_token() {
    let site = site("demo", "1234");
    let mut browser = Browser::start();
    let mut page = browser.open(&site);
    page.until("!document.getElementById('login').disabled");
    page.value("document.getElementById('hand').open = true");
    page.until("document.getElementById('command').textContent.startsWith('kazasu login --origin')");
    let line = page.value("document.getElementById('command').textContent");
    let words: Vec<_> = line.as_str().expect("a command").split(' ').skip(1).collect();
    let mut command = Command::new(std::env::var_os("KAZASU").expect("KAZASU names the command line"));
    command.args(["--card", "demo", "--secret-env", "LOGIN_PIN"]).args(words).env("LOGIN_PIN", "1234");
    let token = String::from_utf8(command.output().expect("it runs").stdout).expect("a token");
    page.value(&format!("document.getElementById('token').value = {}", json!(token)));
    page.click("send");
    page.until("!document.getElementById('in').hidden");

    // The same again is a replay, and what failed is shown.
    page.click("logout");
    page.until("!document.getElementById('out').hidden");
    page.value(&format!("document.getElementById('token').value = {}", json!(token)));
    page.click("send");
    page.until("document.getElementById('message').textContent.startsWith('ログインできませんでした')");
    page.until("document.querySelector('[data-code=login-signature]').className === 'fails'");
    page.picture("refused-ja.png");
}

#[test]
#[ignore = "wants Chromium: make login"]
fn a_wrong_pin_says_where_to_look_and_nobody_is_logged_in() {
    let site = site("demo", "9999");
    let mut browser = Browser::start();
    let mut page = browser.open(&site);
    page.until("!document.getElementById('login').disabled");
    page.click("login");
    page.until("document.getElementById('message').textContent.startsWith('カードから署名を')");
    assert_eq!(page.value("document.getElementById('in').hidden"), true);
}

#[test]
#[ignore = "wants Chromium: make login"]
fn a_page_of_another_origin_reaches_neither_the_agent_nor_the_session() {
    let (site, other) = (site("demo", "1234"), site("demo", "1234"));
    let mut browser = Browser::start();
    let agent = "fetch('/state').then(state => state.json()).then(state => state.agent)";
    let theirs = browser.open(&site).value(agent);
    // A page of the other site; no policy of ours is on this one. Its own agent answers it, if only that this is no
    // request.
    let mut page = browser.open(&format!("{other}/state"));
    let own = page.value(agent);
    let json = "{method:'POST',headers:{'content-type':'application/json'},body:'{}'}";
    let plain = "{method:'POST',body:'{}'}";
    for (port, request, outcome) in [(&own, json, 400), (&theirs, json, 0), (&theirs, plain, 0), (&theirs, "{}", 0)] {
        let asked = format!("fetch('http://127.0.0.1:{port}/token',{request}).then(answer => answer.status, () => 0)");
        assert_eq!(page.value(&asked), outcome, "{request}");
    }
    let nonce =
        format!("fetch('{site}/nonce',{{method:'POST',credentials:'include'}}).then(() => 'reached', () => 'refused')");
    assert_eq!(page.value(&nonce), "refused");
}

#[test]
#[ignore = "wants Chromium: make login"]
fn the_pages_policy_stops_what_is_not_in_it() {
    let site = site("demo", "1234");
    let mut browser = Browser::start();
    let mut page = browser.open(&site);
    page.until("!document.getElementById('login').disabled");
    let stopped = |what: &str| {
        format!(
            "new Promise(done => {{
                document.addEventListener(
                    'securitypolicyviolation', event => done(event.effectiveDirective), {{ once: true }});
                {what};
                setTimeout(() => done('not stopped'), 10000);
            }})"
        )
    };
    assert_eq!(page.value(&stopped("fetch('http://127.0.0.1:9/').catch(() => 0)")), "connect-src");
    let inject = "const script = document.createElement('script');
                  script.textContent = 'window.injected = true';
                  document.body.append(script)";
    assert_eq!(page.value(&stopped(inject)), "script-src-elem");
    let picture = "document.body.append(Object.assign(new Image(), { src: '/state' }))";
    assert_eq!(page.value(&stopped(picture)), "img-src");
    assert_eq!(page.value("typeof window.injected"), "undefined");
}
