//! The embedded suite with one more provider, which consists of data alone.

use std::path::Path;

/// The file of the provider.
pub(crate) const PROVIDER: &str = r#"name = "toy"
title = "The Toy Company"
short = "Toy"
environment = "TOY"
citations = "TO-"
key_headers = ["x-toy-key"]
token_headers = ["x-toy-token"]
redirect_uri = true
legacy_paths = "/old/"
customer_hosts = ".toy.example"
example_paths = ["/x/1"]
example_values = ["an example"]

[[server]]
name = "toy-grants"
issues_tokens = true
login = "/sign-in"
paths = { begin = "/grant/" }
printed = "/grant"
given = "${origin}/grant"

[[server]]
name = "toy-calls"
usual = ["https://toy.example"]

[[difference]]
place = "servers"
problem = "x"
reason = "y"
"#;

/// The file of its case.
pub(crate) const CASE_PATH: &str = "cases/toy/key.header.toml";

const CASE: &str = r#"id = "toy.key.header"
title = "An API key goes into X-Toy-Key"
provider = "toy"
role = "client"
level = "must"
evidence = "documented"
cite = ["TO-key"]
needs = ["api-key"]
mutants = [{ on = "call", do = { rename = ["header", "x-toy-key", "x-other"] }, killed_by = "call.credential" }]

[given]
auth = "api-key"

[[step]]
name = "first"
do = { call = { method = "GET", path = "/x" } }
outcome = { result = "ok", status = 200 }

[[step.exchange]]
name = "call"
respond = "toy/call.ok"
method = "GET"
path = "/x"
credential = { header = ["x-toy-key", "api-key"] }
"#;

const CITATIONS: &str = r#"source = "toy.en"
file = "toy.en.txt"
provider = "toy"
language = "en"
sha256 = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
lines = 1

[[citation]]
id = "TO-key"
lines = "1"
sha256 = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
keyword = "must"
binds = "client"
says = "The key is sent in X-Toy-Key"
"#;

const VALUES: &str = r#"[plain]
client-id = "toy-client"
redirect-uri = "https://app.example.com/callback"

[secret]
api-key = "CANARY-toy-key"
client-secret = "CANARY-toy-secret"
"#;

const FIXTURE: &str = r#"title = "A call"
cite = ["TO-key"]

[request]
method = "GET"
path = "/x"
headers = ["x-toy-key: ${api-key}"]

[answer.ok]
cite = ["TO-key"]
status = 200
body = "hello"
"#;

/// All data files of the suite, and those of the provider.
pub(crate) fn files() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../suite");
    let mut files = Vec::new();
    for part in ["cases", "citations", "fixtures", "providers"] {
        read(&root.join(part), part, &mut files);
    }
    // What `cargo xtask new` has made is none of the suite's own.
    let is_draft = |(_, text): &&(String, String)| text.lines().any(|line| line == "draft = true");
    let drafts = files.iter().filter(is_draft);
    let drafts = drafts.filter_map(|(path, _)| path.rsplit(['/', '.']).nth(1));
    let drafts: Vec<String> = drafts.map(str::to_owned).collect();
    files.retain(|(path, _)| {
        !path
            .split(['/', '.'])
            .any(|part| drafts.iter().any(|it| it == part))
    });
    for (path, content) in [
        (CASE_PATH, CASE),
        ("citations/toy.toml", CITATIONS),
        ("fixtures/toy/call.toml", FIXTURE),
        ("fixtures/toy/values.toml", VALUES),
        ("providers/toy.toml", PROVIDER),
    ] {
        files.push((path.to_owned(), content.to_owned()));
    }
    files
}

fn read(folder: &Path, name: &str, files: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{name}/{}", path.file_name().unwrap().to_string_lossy());
        if path.is_dir() {
            read(&path, &name, files);
        } else {
            files.push((name, std::fs::read_to_string(&path).unwrap()));
        }
    }
}
