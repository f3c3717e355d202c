use super::super::leak_guard::find_leak;
use super::*;
use crate::fixture::MAIN;

fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Recorded {
    Recorded {
        origin: MAIN.to_owned(),
        method: method.to_owned(),
        target: target.to_owned(),
        headers: headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        body: body.as_bytes().to_vec(),
    }
}

fn redacted(all: &[Recorded]) -> (Vec<RequestTemplate>, Redaction) {
    let mut redaction = Redaction::new(AllowList::default(), Provider::all());
    for seen in all {
        redaction.learn(&Traffic {
            server: "auth".parse().unwrap(),
            request: seen.clone(),
            answer: None,
        });
    }
    let templates = all.iter().map(|seen| redaction.request(seen)).collect();
    (templates, redaction)
}

fn one(seen: Recorded) -> RequestTemplate {
    redacted(&[seen]).0.remove(0)
}

#[test]
fn a_form_keeps_the_grant_and_names_the_rest() {
    let form = "grant_type=refresh_token&client_id=me&client_secret=s3cret&weird=x";
    let kind = (
        "Content-Type",
        "application/x-www-form-urlencoded;charset=UTF-8",
    );
    let seen = one(request("POST", "/v2/tokens?a=b", &[kind], form));
    let fields: Vec<String> = seen.form.unwrap().into_iter().map(String::from).collect();
    assert_eq!(
        fields,
        [
            "grant_type=refresh_token",
            "client_id=${client-id}",
            "client_secret=${client-secret}",
            "weird=${weird-1}"
        ]
    );
    assert_eq!(String::from(seen.query[0].clone()), "a=${a-1}");
    assert_eq!(seen.path, "/v2/${path-1}");
}

#[test]
fn basic_is_taken_apart_and_bearer_keeps_its_mistakes() {
    let raw = format!("Basic {}", STANDARD.encode("an-id:s:cret"));
    let form = format!("Basic {}", STANDARD.encode("an%2Did:s%3Acret"));
    let all = [
        request("GET", "/", &[("authorization", &raw)], ""),
        request("GET", "/", &[("Authorization", &form)], ""),
        request("GET", "/", &[("x-access-token", "a-long-token")], ""),
        request(
            "GET",
            "/",
            &[("authorization", "Bearer \"a-long-token\"")],
            "",
        ),
        request("GET", "/", &[("x-other", "see a-long-token, please")], ""),
        request("GET", "/", &[("authorization", "a-long-token")], ""),
    ];
    let (seen, _) = redacted(&all);
    let value = |index: usize| seen[index].headers[0].value.clone();
    assert_eq!(value(0), "Basic ${basic:client-id:client-secret}");
    assert_eq!(value(1), "Basic ${basic-form:client-id:client-secret}");
    assert_eq!(value(2), "${token-1}");
    assert_eq!(value(3), "Bearer \"${token-1}\"");
    assert_eq!(value(4), "${xother-1}${token-1}${xother-2}");
    assert_eq!(value(5), "${token-1}");
}

#[test]
fn no_part_of_a_request_lets_a_canary_through() {
    const CANARY: &str = "CANARY0123456789";
    let basic = format!("Basic {}", STANDARD.encode(format!("{CANARY}:{CANARY}")));
    let headers = [
        ("authorization", basic.as_str()),
        (CANARY, "x"),
        ("content-type", "text/CANARY0123456789"),
        ("accept", CANARY),
        ("cookie", CANARY),
        ("x-request-id", CANARY),
    ];
    let json = format!(
        "{{\"{CANARY}\":[\"{CANARY}\",{{\"error\":\"{CANARY}\"}}],\"grant_type\":\"{CANARY}\"}}"
    );
    let target = format!("/{CANARY}/v2?{CANARY}=1&a={CANARY}#{CANARY}");
    for body in ["", CANARY, &json, "a=b&grant_type=CANARY0123456789"] {
        let template = one(request(CANARY, &target, &headers, body));
        let text = toml::to_string(&template).unwrap();
        assert_eq!(find_leak(text.as_bytes(), [CANARY]), None, "{text}");
    }
}

#[test]
fn an_answer_keeps_what_the_documents_speak_of() {
    let mut redaction = Redaction::new(AllowList::default(), Provider::all());
    let body = r#"{"access_token":"secret-token","token_type":"bearer","expires_in":3599,
        "scope":"a@b.example","errors":[{"code":"601","message":"m"}],"id":4711}"#;
    let answer = Answer {
        status: 200,
        reason: Some("CANARY".to_owned()),
        headers: vec![
            ("date".to_owned(), "today".to_owned()),
            (
                "location".to_owned(),
                "https://a.example/b?code=c0de&state=st".to_owned(),
            ),
        ],
        body: body.as_bytes().to_vec(),
        cut_after: None,
        raw: None,
    };
    let template = redaction.answer(&answer, "W-recording");
    assert_eq!(
        template.body,
        "{\"access_token\":\"${token-1}\",\"errors\":[{\"code\":\"601\",\"message\":\
         \"${message-1}\"}],\"expires_in\":3599,\"id\":0,\"scope\":\"${scope-1}\",\
         \"token_type\":\"bearer\"}"
    );
    let headers: Vec<String> = template.headers.into_iter().map(String::from).collect();
    assert_eq!(
        headers,
        ["location: ${location-1}?code=${code}&state=${state}"]
    );
}

#[test]
fn no_canary_is_found_inside_another() {
    let seen: Vec<_> = (0..120)
        .map(|count| {
            request(
                "GET",
                &format!("/?code=c{count}&state=0123456789abcdef{count}"),
                &[],
                "",
            )
        })
        .collect();
    let values = redacted(&seen).1.values().secret;
    assert!(values.len() > 100, "{}", values.len());
    for (name, value) in &values {
        let around = values
            .values()
            .filter(|other| other.contains(value.as_str()));
        assert_eq!(around.count(), 1, "{name}");
    }
}

#[test]
fn a_short_value_is_given_a_short_canary() {
    let seen = [
        request("GET", "/?state=abc", &[], ""),
        request("GET", "/?state=0123456789abcdef", &[], ""),
    ];
    let values = redacted(&seen).1.values().secret;
    assert!(values["state"].len() < 16, "{values:?}");
    assert!(values["state-2"].len() >= 16, "{values:?}");
}
