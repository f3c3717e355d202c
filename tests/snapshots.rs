//! The complete outgoing request of every operation, called by hand and in its flow.

#[path = "wire/flows.rs"]
mod flows;
#[path = "wire/operations.rs"]
mod operations;
#[path = "wire/recording.rs"]
mod recording;

use std::path::Path;

use serde::Serialize;
use serde_json::{Value, json};
use tegata_fujitsu_aispf::api as aispf;
use tegata_jooto::api as jooto;
use tegata_marketo::api as marketo;
use tegata_suite::case::Suite;

/// The snapshots: the case that each is about, `@` and whether an operation is called by hand or the
/// client goes its own way; and all the cases that it shows.
const SNAPSHOTS: [(&str, &[&str]); 21] = [
    (
        "fujitsu-aispf.key.working-one-first@flow",
        &[
            "fujitsu-aispf.key.working-one-first",
            "fujitsu-aispf.key.second-after-refusal",
        ],
    ),
    (
        "fujitsu-aispf.v1.field-names@flow",
        &["fujitsu-aispf.v1.field-names"],
    ),
    (
        "fujitsu-aispf.v1.issue@operation",
        &["fujitsu-aispf.v1.issue", "fujitsu-aispf.v1.refresh"],
    ),
    (
        "fujitsu-aispf.v1.refresh-rotated@flow",
        &[
            "fujitsu-aispf.v1.refresh-rotated",
            "fujitsu-aispf.v1.after-expiry",
        ],
    ),
    ("fujitsu-aispf.v1.to-v2@flow", &["fujitsu-aispf.v1.to-v2"]),
    (
        "fujitsu-aispf.v2.basic-encoded@operation",
        &["fujitsu-aispf.v2.basic-encoded"],
    ),
    (
        "fujitsu-aispf.v2.expired@flow",
        &[
            "fujitsu-aispf.v2.expired",
            "fujitsu-aispf.v2.refused-same-body",
        ],
    ),
    (
        "fujitsu-aispf.v2.issue@operation",
        &["fujitsu-aispf.v2.issue"],
    ),
    ("jooto.authorize.url@operation", &["jooto.authorize.url"]),
    (
        "jooto.callback.exchange@operation",
        &["jooto.callback.exchange", "jooto.refresh.four-fields"],
    ),
    ("jooto.key.header@flow", &["jooto.key.header"]),
    ("jooto.key.header@operation", &["jooto.key.header"]),
    (
        "jooto.refresh.after-exchange@flow",
        &["jooto.refresh.after-exchange", "jooto.refused.same-body"],
    ),
    ("jooto.use.bearer@operation", &["jooto.use.bearer"]),
    (
        "marketo.token.get@flow",
        &[
            "marketo.token.get",
            "marketo.expiry.renewed-before-call",
            "marketo.refused.same-body",
        ],
    ),
    (
        "marketo.token.get@operation",
        &["marketo.token.get", "marketo.token.partner"],
    ),
    ("marketo.token.post-form@flow", &["marketo.token.post-form"]),
    (
        "marketo.token.post-form@operation",
        &["marketo.token.post-form"],
    ),
    ("marketo.use.header@operation", &["marketo.use.header"]),
    ("marketo.use.query@flow", &["marketo.use.query"]),
    ("marketo.use.query@operation", &["marketo.use.query"]),
];

/// Compares what was sent with the snapshot of this id. The only place that asserts: insta names
/// folder and source by the file in which its macro stands.
#[track_caller]
fn assert_wire(mut settings: insta::Settings, id: &str, says: &str, sent: &impl Serialize) {
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.set_snapshot_suffix(id);
    settings.set_description(says);
    settings.set_info(&info(id));
    settings.bind(|| insta::assert_json_snapshot!("wire", sent));
}

/// The cases and citations of the snapshot of this id.
#[track_caller]
fn info(id: &str) -> Value {
    let suite = Suite::embedded().expect("a suite");
    let row = SNAPSHOTS.iter().find(|(known, _)| *known == id);
    let (_, ids) = row.unwrap_or_else(|| panic!("{id} is not in the table"));
    let cases = ids.iter().map(|id| {
        let case = suite.case(id);
        case.unwrap_or_else(|| panic!("{id} is no case"))
    });
    let mut cite: Vec<String> = Vec::new();
    for id in cases.flat_map(|case| case.cite.clone()) {
        if !cite.contains(&id) {
            cite.push(id);
        }
    }
    json!({"cases": ids, "cite": cite})
}

#[test]
fn no_snapshot_is_left_over_and_each_is_named_by_its_case() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots");
    let files = std::fs::read_dir(folder).expect("the folder");
    let names = files.map(|file| {
        file.expect("a file")
            .file_name()
            .to_string_lossy()
            .into_owned()
    });
    let mut there: Vec<String> = names
        .filter_map(|name| {
            Some(
                name.strip_prefix("wire@")?
                    .strip_suffix(".snap")?
                    .to_owned(),
            )
        })
        .collect();
    there.sort();
    let known: Vec<&str> = SNAPSHOTS.iter().map(|(id, _)| *id).collect();
    assert_eq!(there, known);
    for (id, cases) in SNAPSHOTS {
        assert_eq!(id.split('@').next(), Some(cases[0]), "{id}");
    }
}

/// Method and path of every request in a snapshot.
fn recorded() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots");
    let files = std::fs::read_dir(folder).expect("the snapshots");
    let files = files.map(|file| file.expect("a file").path());
    let of_requests = |path: &std::path::PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.starts_with("wire@"))
    };
    let requests = files.filter(of_requests).flat_map(|path| {
        let text = std::fs::read_to_string(&path).expect("a snapshot");
        let json = text.splitn(3, "---\n").nth(2).expect("a header and a body");
        match serde_json::from_str(json).expect("JSON") {
            Value::Array(requests) => requests,
            request => vec![request],
        }
    });
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    requests
        .map(|request| {
            let target = text(&request["target"]);
            let path = target.split('?').next().unwrap_or_default();
            (text(&request["method"]), path.to_owned())
        })
        .collect()
}

#[test]
fn no_operation_of_the_specs_is_left_out() {
    let recorded = recorded();
    let providers = [
        (&aispf::security::PROVIDER, ""),
        (&jooto::security::PROVIDER, ""),
        // Its token endpoint lies on a server of its own.
        (&marketo::security::PROVIDER, "/identity"),
    ];
    for (provider, server) in providers {
        for operation in provider.operations {
            let path = operation.path.replace("{id}", "1");
            let found = recorded.iter().any(|(method, target)| {
                method == operation.method
                    && (*target == path || *target == format!("{server}{path}"))
            });
            assert!(found, "{} of {}", operation.id, provider.name);
        }
    }
}
