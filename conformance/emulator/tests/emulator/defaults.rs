//! What calls answer where no rule does: enough for an application to start.

use reqwest::Method;
use rstest::rstest;
use serde_json::{Value, json};
use tegata_emulator::Provider;

use crate::support::{Answer, FORM, Loopback, marketo_token, send};

async fn marketo(loopback: &Loopback, path: &str) -> Value {
    let token = marketo_token(loopback).await;
    let path = format!("/marketo{path}");
    let answer = send(loopback.get(&path).bearer_auth(token)).await;
    answer.assert_status(200);
    let body = answer.json();
    assert!(body["requestId"].is_string(), "{body}");
    body
}

async fn jooto(loopback: &Loopback, path: &str) -> Answer {
    let request = loopback.get(&format!("/jooto/v1{path}"));
    send(request.header("X-Jooto-Api-Key", "hogehoge")).await
}

async fn aispf(loopback: &Loopback, method: Method, path: &str) -> Answer {
    let request = loopback.request(method, &format!("/fujitsu-aispf/da{path}"));
    send(request.header("X-Api-Key", "CANARY-aispf-primary-key")).await
}

fn ids(items: &Value) -> Vec<u64> {
    let items = items.as_array().unwrap().iter();
    items.map(|item| item["id"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn marketo_answers_usage_activity_types_and_fields() {
    let loopback = Loopback::start();
    let usage = marketo(&loopback, "/rest/v1/stats/usage.json").await;
    assert!(usage["result"][0]["total"].is_u64(), "{usage}");
    let types = marketo(&loopback, "/rest/v1/activities/types.json").await;
    assert_eq!(
        types["result"][1]["primaryAttribute"]["dataType"],
        "integer"
    );
    let fields = marketo(&loopback, "/rest/v1/leads/describe.json").await;
    let fields = fields["result"].as_array().unwrap();
    let names: Vec<_> = fields.iter().map(|field| &field["rest"]["name"]).collect();
    assert!(names.contains(&&json!("createdAt")), "{names:?}");
    let log = loopback.emulator.log(Provider::Marketo);
    let last = log.last().unwrap();
    assert_eq!(last.rule.as_deref(), Some("default: marketo describe"));
}

#[tokio::test]
async fn marketo_answers_a_lead_by_id_with_the_fields_asked_for() {
    let loopback = Loopback::start();
    let lead = marketo(&loopback, "/rest/v1/lead/318581.json").await;
    assert_eq!(lead["result"][0]["email"], "hanako@example.com");
    assert!(lead["result"][0].get("company").is_none(), "{lead}");
    let lead = marketo(&loopback, "/rest/v1/lead/318581.json?fields=company").await;
    let expected = json!([{ "id": 318_581, "company": "Example KK" }]);
    assert_eq!(lead["result"], expected);
    let none = marketo(&loopback, "/rest/v1/lead/1.json").await;
    assert_eq!(
        (&none["success"], &none["result"]),
        (&json!(true), &json!([]))
    );
}

#[tokio::test]
async fn marketo_pages_leads_by_token_in_the_query_and_in_a_form() {
    let loopback = Loopback::start();
    let token = marketo_token(&loopback).await;
    let mut seen = Vec::new();
    let mut next = String::new();
    for is_form in [false, true] {
        let query = format!(
            "filterType=company&filterValues=Example%20KK&batchSize=2&nextPageToken={next}"
        );
        let request = if is_form {
            let request = loopback.post("/marketo/rest/v1/leads.json?_method=GET");
            request.header("content-type", FORM).body(query)
        } else {
            loopback.get(&format!("/marketo/rest/v1/leads.json?{query}"))
        };
        let page = send(request.bearer_auth(&token)).await.json();
        seen.extend(ids(&page["result"]));
        next = page["nextPageToken"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
    }
    assert_eq!(seen, [318_581, 318_584, 318_585]);
    assert_eq!(next, "");
}

#[tokio::test]
async fn marketo_pages_activities_from_a_date_on() {
    let loopback = Loopback::start();
    let first = marketo(
        &loopback,
        "/rest/v1/activities/pagingtoken.json?sinceDatetime=2026-01-01T00:00:00Z",
    )
    .await;
    assert!(first.get("result").is_none(), "{first}");
    let mut next = first["nextPageToken"].as_str().unwrap().to_owned();
    let mut pages = Vec::new();
    loop {
        let path = format!("/rest/v1/activities.json?activityTypeIds=1,2&nextPageToken={next}");
        let page = marketo(&loopback, &path).await;
        pages.push(ids(&page["result"]));
        page["nextPageToken"]
            .as_str()
            .unwrap()
            .clone_into(&mut next);
        if page["moreResult"] == false {
            break;
        }
    }
    assert_eq!(pages, [vec![102_982, 102_983], vec![102_984, 102_985]]);
}

#[rstest]
#[case("/rest/v1/activities/pagingtoken.json", "1002")]
#[case("/rest/v1/activities.json?nextPageToken=x", "1001")]
#[tokio::test]
async fn marketo_refuses_what_cannot_be_paged(#[case] path: &str, #[case] code: &str) {
    let loopback = Loopback::start();
    let body = marketo(&loopback, path).await;
    assert_eq!(body["success"], false);
    assert_eq!(body["errors"][0]["code"], code);
}

#[tokio::test]
async fn marketo_exports_leads_in_bulk() {
    let loopback = Loopback::start();
    let token = marketo_token(&loopback).await;
    let send = async |method: Method, path: &str, range: Option<&str>| {
        let path = format!("/marketo/rest/../bulk/v1/leads/export{path}.json");
        let mut request = loopback.request(method, &path).bearer_auth(&token);
        if let Some(range) = range {
            request = request.header("range", range);
        }
        if path.ends_with("create.json") {
            request = request.body(r#"{"fields":["id","lastName","email"],"filter":{}}"#);
        }
        send(request).await
    };
    let created = send(Method::POST, "/create", None).await.json();
    assert_eq!(created["result"][0]["status"], "Created");
    let id = created["result"][0]["exportId"].as_str().unwrap();
    let path = |action: &str| format!("/{id}/{action}");
    let queued = send(Method::POST, &path("enqueue"), None).await.json();
    assert_eq!(queued["result"][0]["status"], "Queued");
    let early = send(Method::GET, &path("file"), None).await;
    early.assert_status(404);
    assert_eq!(
        early.header("content-type"),
        Some("text/plain;charset=UTF-8")
    );
    let mut job = Value::Null;
    for expected in ["Processing", "Completed", "Completed"] {
        job = send(Method::GET, &path("status"), None).await.json()["result"][0].clone();
        assert_eq!(job["status"], expected);
    }
    assert!(job["fileChecksum"].as_str().unwrap().starts_with("sha256:"));
    assert_eq!(job["numberOfRecords"], 5);

    let file = send(Method::GET, &path("file"), None).await;
    file.assert_status(200);
    assert_eq!(job["fileSize"], file.text.len());
    assert!(
        file.text
            .starts_with("id,lastName,email\n318581,Sato,hanako@example.com\n")
    );
    assert!(
        file.text
            .contains("318583,\"García, née Núñez\",maria@example.com\n")
    );
    let part = send(Method::GET, &path("file"), Some("bytes=3-10")).await;
    part.assert_status(206);
    assert_eq!(part.text, file.text[3..=10]);
    let expected = format!("bytes 3-10/{}", file.text.len());
    assert_eq!(part.header("content-range"), Some(expected.as_str()));
    let beyond = send(Method::GET, &path("file"), Some("bytes=99999-")).await;
    beyond.assert_status(416);

    let jobs = send(Method::GET, "", None).await.json();
    assert_eq!(jobs["result"][0]["exportId"], id);
    loopback.emulator.forget(None);
}

#[tokio::test]
async fn a_cancelled_export_gives_no_file() {
    let loopback = Loopback::start();
    let token = marketo_token(&loopback).await;
    let base = "/marketo/bulk/v1/activities/export";
    let create = loopback.post(&format!("{base}/create.json")).body("{}");
    let created = send(create.bearer_auth(&token)).await.json();
    let id = created["result"][0]["exportId"].as_str().unwrap();
    let cancel = loopback.post(&format!("{base}/{id}/cancel.json"));
    let cancelled = send(cancel.bearer_auth(&token)).await.json();
    assert_eq!(cancelled["result"][0]["status"], "Cancelled");
    let file = loopback.get(&format!("{base}/{id}/file.json"));
    send(file.bearer_auth(&token)).await.assert_status(404);
    let other = loopback.get(&format!("{base}/none/status.json"));
    let other = send(other.bearer_auth(&token)).await.json();
    assert_eq!(other["errors"][0]["code"], "1003");
    let bad = loopback.post(&format!("{base}/create.json")).body("[");
    let bad = send(bad.bearer_auth(&token)).await.json();
    assert_eq!(bad["errors"][0]["code"], "1003");
}

#[tokio::test]
async fn jooto_answers_organization_boards_lists_and_tasks() {
    let loopback = Loopback::start();
    assert_eq!(jooto(&loopback, "/organization").await.json()["id"], 1);
    let boards = jooto(&loopback, "/boards?per_page=2&archived=false")
        .await
        .json();
    assert_eq!(ids(&boards["boards"]), [102, 101]);
    assert_eq!(boards["total"], 2);
    let lists = jooto(&loopback, "/boards/101/lists").await.json();
    assert_eq!(ids(&lists["lists"]), [1003, 1002, 1001]);
    let tasks = jooto(&loopback, "/boards/101/tasks?per_page=2&page=2")
        .await
        .json();
    assert_eq!(ids(&tasks["tasks"]), [10_001]);
    assert_eq!(
        (&tasks["page"], &tasks["total_pages"]),
        (&json!(2), &json!(2))
    );
    let task = jooto(&loopback, "/boards/101/tasks/10002").await.json();
    assert_eq!(task["status"], "in_progress");
    let empty = jooto(&loopback, "/boards/102/tasks").await.json();
    assert_eq!(empty["total"], 0);
    let limit = jooto(&loopback, "/rate_limit").await.json();
    assert_eq!(limit["update"]["limit"], 150);
}

#[rstest]
#[case("/boards/9")]
#[case("/boards/9/tasks")]
#[case("/boards/101/tasks/9")]
#[tokio::test]
async fn jooto_answers_404_for_what_is_not_there(#[case] path: &str) {
    let loopback = Loopback::start();
    let answer = jooto(&loopback, path).await;
    answer.assert_status(404);
    assert!(answer.json()["errors"][0]["message"].is_string());
    assert_eq!(answer.header("x-ratelimit-limit"), None);
}

#[tokio::test]
async fn aispf_answers_a_job_from_its_start_to_its_result() {
    let loopback = Loopback::start();
    let job = aispf(&loopback, Method::POST, "/v4/async/qubo/solve").await;
    let id = job.member("job_id");
    let jobs = aispf(&loopback, Method::GET, "/v3c/async/jobs")
        .await
        .json();
    assert_eq!(jobs["job_status_list"][0]["job_id"], id);
    let path = format!("/v4/async/jobs/result/{id}");
    let result = aispf(&loopback, Method::GET, &path).await.json();
    assert_eq!(result["status"], "Done");
    let solution = &result["qubo_solution"]["solutions"][0];
    assert_eq!(solution["configuration"]["0"], true);
    let deleted = aispf(&loopback, Method::DELETE, &path).await;
    assert_eq!(deleted.member("status"), "Deleted");
    let none = aispf(&loopback, Method::GET, "/v4/async/jobs/result/none").await;
    none.assert_status(404);
    assert_eq!(none.json()["error"]["code"], 404);
}

#[tokio::test]
async fn marketo_warns_that_no_assets_are_found() {
    let loopback = Loopback::start();
    let body = marketo(&loopback, "/rest/asset/v1/programs.json?maxReturn=200").await;
    assert_eq!(body["success"], true);
    let warning = "No assets found for the given search criteria.";
    assert_eq!(body["warnings"], json!([warning]));
    assert!(body.get("result").is_none(), "{body}");
}
