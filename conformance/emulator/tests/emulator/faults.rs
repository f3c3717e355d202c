//! Faults and refusals: one queue, the vendors' limits.

use reqwest::Method;
use rstest::rstest;
use tegata_emulator::{Endpoint, Fault, Provider, Refusal};

use crate::support::{Loopback, call, marketo_token, send};

const LEAD: &str = "/marketo/rest/v1/lead/7.json";
const BOARDS: &str = "/jooto/v1/boards";
const JOOTO: [(&str, &str); 1] = [("X-Jooto-Api-Key", "hogehoge")];

#[tokio::test]
async fn faults_and_refusals_come_in_the_order_in_which_they_were_set() {
    let loopback = Loopback::start();
    for control in [
        "refuse-next?provider=jooto&code=403",
        "fault?provider=jooto&endpoint=resource&status=500",
        "refuse-next?provider=jooto&code=401",
        "fault?provider=jooto&endpoint=resource&delay_ms=1",
        "refuse-next?provider=jooto&code=404",
    ] {
        loopback.control(control).await.assert_status(200);
    }
    for expected in [403, 500, 401, 200, 404, 200] {
        call(&loopback, BOARDS, &JOOTO)
            .await
            .assert_status(expected);
    }
}

#[tokio::test]
async fn a_refusal_stays_for_the_next_call_with_a_right_credential() {
    let loopback = Loopback::start();
    let jooto = Provider::Jooto;
    let refused = loopback.emulator.refuse_next(jooto, Refusal::new(403));
    assert_eq!(refused, Ok(()));
    let fault = Fault::on(Endpoint::Resource).status(500);
    assert_eq!(loopback.emulator.fault(jooto, fault), Ok(()));
    for (headers, expected) in [(&[][..], 500), (&[][..], 401), (&JOOTO[..], 403)] {
        call(&loopback, BOARDS, headers)
            .await
            .assert_status(expected);
    }
}

#[tokio::test]
async fn an_expired_token_behind_a_fault_is_602_still() {
    let loopback = Loopback::start();
    let bearer = format!("Bearer {}", marketo_token(&loopback).await);
    loopback.emulator.expire(Provider::Marketo);
    loopback
        .control("refuse-next?provider=marketo&code=606")
        .await
        .assert_status(200);
    loopback
        .control("fault?provider=marketo&endpoint=resource&status=503")
        .await
        .assert_status(200);
    let headers = [("authorization", bearer.as_str())];
    let call = || call(&loopback, LEAD, &headers);
    call().await.assert_status(503);
    for code in ["602", "601"] {
        assert_eq!(call().await.json()["errors"][0]["code"], code);
    }
}

#[rstest]
#[case(606, "Max rate limit")]
#[case(607, "Daily quota reached")]
#[case(615, "Concurrent access limit reached")]
#[tokio::test]
async fn marketos_limits_come_in_the_envelope(#[case] code: u16, #[case] message: &str) {
    let loopback = Loopback::start();
    let control = format!("fault?provider=marketo&endpoint=resource&code={code}&times=2");
    loopback.control(&control).await.assert_status(200);
    let refusal = Refusal::new(code);
    let refused = loopback.emulator.refuse_next(Provider::Marketo, refusal);
    assert_eq!(refused, Ok(()));
    let bearer = format!("Bearer {}", marketo_token(&loopback).await);
    for _ in 0..3 {
        let answer = call(&loopback, LEAD, &[("authorization", &bearer)]).await;
        answer.assert_status(200);
        let body = answer.json();
        assert_eq!(body["success"], false);
        assert_eq!(body["errors"][0]["code"], code.to_string());
        let said = body["errors"][0]["message"].as_str().unwrap();
        assert!(said.starts_with(message), "{said}");
        assert_eq!(answer.header("retry-after"), None);
    }
    let answer = call(&loopback, LEAD, &[("authorization", &bearer)]).await;
    assert_eq!(answer.json()["success"], true);
}

#[rstest]
#[case(Method::GET, "600")]
#[case(Method::POST, "150")]
#[tokio::test]
async fn jootos_429_has_the_headers_of_the_limit(#[case] method: Method, #[case] limit: &str) {
    let loopback = Loopback::start();
    let fault = "fault?provider=jooto&endpoint=resource&status=429&header=X-RateLimit-Reset:7";
    loopback.control(fault).await.assert_status(200);
    let send = async || {
        let request = loopback.request(method.clone(), BOARDS);
        send(request.header("X-Jooto-Api-Key", "hogehoge")).await
    };
    let limited = send().await;
    limited.assert_status(429);
    assert_eq!(limited.header("x-ratelimit-limit"), Some(limit));
    assert_eq!(limited.header("x-ratelimit-remaining"), Some("0"));
    assert_eq!(
        limited.headers.get_all("x-ratelimit-reset").iter().count(),
        1
    );
    assert_eq!(limited.header("x-ratelimit-reset"), Some("7"));
    assert!(limited.header("x-emulator-own-choice").is_some());
    let good = send().await;
    good.assert_status(200);
    assert_eq!(good.header("x-ratelimit-limit"), Some(limit));
    let reset: u64 = good.header("x-ratelimit-reset").unwrap().parse().unwrap();
    assert!(reset > 1_700_000_000 && reset.is_multiple_of(60), "{reset}");
}

#[rstest]
#[case("fault?provider=jooto&endpoint=resource&code=606", &["606", "Marketo"])]
#[case("fault?provider=marketo&code=606", &["606", "endpoint=resource"])]
#[case("fault?provider=marketo&endpoint=resource&code=500", &["500", "status=500"])]
#[case("fault?provider=marketo&endpoint=resource&code=2000", &["2000", "600 to 1999"])]
#[case("fault?provider=marketo&endpoint=resource&code=606&status=500", &["not both"])]
#[case("fault?provider=jooto&slow_ms=600001", &["slow_ms", "600000"])]
#[case("fault?provider=jooto&cut_after_bytes=-1", &["cut_after_bytes", "-1"])]
#[tokio::test]
async fn a_fault_that_cannot_be_is_refused_with_the_fix(
    #[case] control: &str,
    #[case] parts: &[&str],
) {
    let loopback = Loopback::start();
    let answer = loopback.control(control).await;
    answer.assert_status(400);
    for part in parts {
        assert!(
            answer.text.contains(part),
            "{part:?} is not in {:?}",
            answer.text
        );
    }
}
