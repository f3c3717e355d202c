//! What a browser asks a vendor's site for is no call of the client; a call that lacks its credential is.

use serde_json::{Value, json};
use tegata_conformance::case::Provider;
use tegata_conformance::fixture::{Answer, Recorded};
use tegata_conformance::har::{Judged, Places, judge_har, read_har};

use crate::exchange::{answer, request};
use crate::session::exchanged;
use crate::support::{entry, failures, har, judge, suite};

const JSON: [(&str, &str); 1] = [("content-type", "application/json")];
const HTML: [(&str, &str); 1] = [("content-type", "text/html; charset=utf-8")];
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const ANY: [(&str, &str); 1] = [("accept", "*/*")];

/// A browser that is sent to the login page.
pub(crate) fn login(state: &str, answer: &Answer) -> Value {
    let target = format!(
        "/oauth2/login?client_id=my-own-id&redirect_uri=https%3A%2F%2Fapp.example%2Fback&response_type=code&\
         state=SECRET-state-{state}&organization_id=1"
    );
    exchanged("jooto", &request("GET", &target, &[], ""), answer)
}

/// The answer that sends the browser back with a code.
pub(crate) fn back(state: &str) -> Answer {
    let location =
        format!("https://app.example/back?code=SECRET-code-{state}&state=SECRET-state-{state}");
    answer(302, &[("location", &location)], "")
}

/// The exchange of a code.
pub(crate) fn exchange(state: &str) -> Value {
    let body = format!(
        "grant_type=authorization_code&code=SECRET-code-{state}&redirect_uri=https%3A%2F%2Fapp.example%2Fback&\
         client_id=my-own-id&client_secret=SECRET-of-the-client"
    );
    let issued = format!(
        "{{\"access_token\":\"SECRET-token-{state}\",\"token_type\":\"Bearer\",\"expires_in\":3600,\
         \"refresh_token\":\"SECRET-refresh-{state}\"}}"
    );
    let sent = request("POST", "/oauth2/token", &[FORM], &body);
    exchanged("jooto", &sent, &answer(200, &JSON, &issued))
}

/// A call with a token.
fn call(path: &str, state: &str) -> Value {
    let bearer = format!("Bearer SECRET-token-{state}");
    let sent = request("GET", path, &[("authorization", &bearer)], "");
    exchanged("jooto", &sent, &answer(200, &JSON, "{\"id\":1}"))
}

fn get(path: &str, headers: &[(&str, &str)], answer: &Answer) -> Value {
    exchanged("jooto", &request("GET", path, headers, ""), answer)
}

/// A login, a call, and another login in which the requests are made that are given.
fn session(meanwhile: &[Value]) -> Vec<Value> {
    let mut all = vec![
        login("one", &back("one")),
        exchange("one"),
        call("/organizations/1", "one"),
    ];
    all.push(login("two", &answer(200, &HTML, "<html>")));
    all.extend(meanwhile.iter().cloned());
    all.extend([
        login("two", &back("two")),
        exchange("two"),
        call("/organizations/1", "two"),
    ]);
    all
}

/// What is sent between two calls, with no login under way.
fn afterwards(more: &[Value]) -> Vec<Value> {
    let mut all = vec![
        login("one", &back("one")),
        exchange("one"),
        call("/organizations/1", "one"),
    ];
    all.extend(more.iter().cloned());
    all.push(call("/organizations/1", "one"));
    all
}

/// The exit status that such a verdict has.
pub(crate) fn status(judged: &Judged) -> u8 {
    match (judged.failed(), judged.not_judged().is_empty()) {
        (true, _) => 1,
        (false, false) => 3,
        (false, true) => 0,
    }
}

fn judged(entries: &[Value]) -> Judged {
    judge(suite(), &har(entries), "jooto.")
}

fn signs_in() -> Recorded {
    let headers = [("cookie", "SECRET=1"), FORM];
    request(
        "POST",
        "/users/sign_in",
        &headers,
        "user=a&password=SECRET-password",
    )
}

#[test]
fn pages_and_their_parts_are_no_calls_of_the_client() {
    let page = answer(200, &HTML, "<html>");
    let style = answer(200, &[("content-type", "text/css")], "a{}");
    let moved = answer(302, &[("location", "/oauth2/login?x=1")], "");
    let judged = judged(&session(&[
        get("/users/sign_in", &ANY, &page),
        get("/assets/app.css", &ANY, &style),
        get(
            "/favicon.ico",
            &ANY,
            &answer(200, &[("content-type", "image/x-icon")], "x"),
        ),
        exchanged("jooto", &signs_in(), &moved),
    ]));
    assert_eq!(failures(&judged), Vec::<String>::new());
    assert_eq!(status(&judged), 0, "{:?}", judged.not_judged());
    let notes = judged.notes.join("\n");
    assert!(
        notes.contains("log.entries 4, 5, 6, 7: without a credential"),
        "{notes}"
    );
}

#[test]
fn a_part_of_a_page_is_known_without_a_login_under_way() {
    let style = answer(200, &[("content-type", "text/css")], "a{}");
    let judged = judged(&afterwards(&[get("/assets/app.css", &ANY, &style)]));
    assert_eq!(status(&judged), 0, "{:?}", failures(&judged));
}

#[test]
fn a_client_that_forgets_its_credential_is_taken_for_no_browser() {
    let (data, page) = (
        answer(200, &JSON, "{\"id\":1}"),
        answer(200, &HTML, "<html>"),
    );
    let style = answer(200, &[("content-type", "text/css")], "a{}");
    let moved = answer(302, &[("location", "/users/sign_in")], "");
    let refused = answer(401, &JSON, "{\"errors\":[{\"message\":\"no\"}]}");
    let opens = [("accept", "text/html,application/xhtml+xml")];
    // While a person logs in, on a path of the documents and on one that others call with a token.
    for path in ["/organizations/1", "/organizations/2/users", "/boards/3"] {
        for answer in [&data, &page, &style, &moved, &refused] {
            for headers in [&ANY, &opens] {
                let mut all = session(&[get(path, headers, answer)]);
                all.push(call("/boards/7", "two"));
                let judged = judged(&all);
                let failed = failures(&judged).join("\n");
                let place = format!("{path} {} {headers:?}: {failed}", answer.status);
                assert!(failed.contains("use.bearer#call.credential"), "{place}");
            }
        }
    }
    // On a path of which nothing is known: data, what a script asks for, and pages that no person opened.
    let script = [
        ("sec-fetch-dest", "empty"),
        ("sec-fetch-site", "same-origin"),
    ];
    for sent in [
        get("/boards/3", &ANY, &data),
        get("/boards/3", &ANY, &refused),
        get("/boards/3", &ANY, &page),
        get("/boards/3", &ANY, &moved),
        get("/boards/3", &script, &style),
    ] {
        let judged = judged(&afterwards(std::slice::from_ref(&sent)));
        let failed = failures(&judged).join("\n");
        assert!(
            failed.contains("use.bearer#call.credential"),
            "{sent}: {failed}"
        );
    }
}

#[test]
fn a_browser_says_itself_what_it_asks_for() {
    let missing = answer(404, &HTML, "<html>");
    let page = answer(200, &HTML, "<html>");
    for sent in [
        get("/favicon.ico", &[("sec-fetch-dest", "image")], &missing),
        get("/app.js", &[("Sec-Fetch-Dest", "script")], &missing),
        get("/boards", &[("sec-fetch-dest", "document")], &page),
        get(
            "/boards",
            &[("accept", "text/html,application/xhtml+xml")],
            &page,
        ),
        // A page of the site whose address begins as those of the API do.
        get("/organizations/1", &[("sec-fetch-dest", "document")], &page),
    ] {
        let judged = judged(&afterwards(std::slice::from_ref(&sent)));
        assert_eq!(status(&judged), 0, "{sent}: {:?}", failures(&judged));
    }
    let mut by_tool = get("/logo", &[], &missing);
    by_tool["_resourceType"] = json!("image");
    assert_eq!(status(&judged(&afterwards(&[by_tool.clone()]))), 0);
    by_tool["_resourceType"] = json!("fetch");
    assert_eq!(status(&judged(&afterwards(&[by_tool]))), 1);
}

#[test]
fn what_a_page_of_the_vendor_sends_is_the_vendors() {
    let (base, vendors) = ("https://h.example/jooto", "https://app.jooto.com");
    let of = |site: &str, answer: &Answer| {
        let url = format!("{vendors}/organizations/1/unread");
        entry(
            &url,
            &request(
                "GET",
                "",
                &[("sec-fetch-site", site), ("sec-fetch-dest", "empty")],
                "",
            ),
            Some(answer),
        )
    };
    let status_of = |sent: Value| {
        let text = har(&afterwards(&[sent])).replace(base, vendors);
        let (mut entries, suite) = (Vec::new(), suite());
        read_har(
            text.as_bytes(),
            |_| true,
            |read| entries.push(read.unwrap()),
        )
        .unwrap();
        let places = Places::new(Provider::all(), &[]);
        let judged = judge_har(suite, &places, &entries, false, |case| {
            case.id.starts_with("jooto.")
        });
        status(&judged.unwrap_or_else(|error| panic!("{error}")))
    };
    let data = answer(200, &JSON, "{\"id\":1}");
    assert_eq!(status_of(of("same-origin", &data)), 0);
    // The client's own page lies elsewhere.
    assert_eq!(status_of(of("cross-site", &data)), 1);
}

#[test]
fn nothing_is_a_page_where_the_tool_may_have_left_out_a_header() {
    let style = answer(200, &[("content-type", "text/css")], "a{}");
    let mut all = afterwards(&[get("/assets/app.css", &ANY, &style)]);
    for entry in &mut all {
        let headers = entry["request"]["headers"].as_array_mut().unwrap();
        headers.retain(|header| header["name"] != "authorization");
    }
    let judged = judged(&all);
    assert_eq!(status(&judged), 3, "{:?}", failures(&judged));
    let notes = judged.notes.join("\n");
    assert!(!notes.contains("by a browser"), "{notes}");
}

#[test]
fn a_person_who_agrees_asks_for_no_token() {
    let agrees = |body: &str| {
        let sent = request(
            "POST",
            "/oauth2/authorize",
            &[("cookie", "SECRET=1"), FORM],
            body,
        );
        exchanged("jooto", &sent, &back("one"))
    };
    let all = |body: &str| {
        let page = answer(200, &HTML, "<html>");
        [
            login("one", &page),
            agrees(body),
            exchange("one"),
            call("/organizations/1", "one"),
        ]
    };
    let right = judged(&all("ok=1"));
    assert_eq!(status(&right), 0, "{:?}", failures(&right));
    let mut results = right.results.iter();
    assert!(results.any(|(report, _)| report.case == "jooto.callback.exchange"));
    // A client that sends its code there is not taken for a person.
    let wrong = judged(&all("grant_type=authorization_code&code=SECRET-code-one"));
    assert!(
        failures(&wrong).join("\n").contains(".path"),
        "{:?}",
        failures(&wrong)
    );
}

#[test]
fn a_preflight_is_known_without_its_header() {
    let allowed = answer(204, &[], "");
    let options = |headers: &[(&str, &str)]| {
        exchanged(
            "jooto",
            &request("OPTIONS", "/organizations/1", headers, ""),
            &allowed,
        )
    };
    for headers in [&[][..], &[("origin", "https://app.example")][..]] {
        let judged = judged(&afterwards(&[
            options(headers),
            call("/organizations/1", "one"),
        ]));
        assert_eq!(status(&judged), 0, "{:?}", failures(&judged));
        assert!(
            judged
                .notes
                .join("\n")
                .contains("1 request is a CORS preflight")
        );
    }
    let quoted = options(&[("authorization", "Bearer \"SECRET-token-one\"")]);
    assert_eq!(status(&judged(&afterwards(&[quoted]))), 1);
}
