//! What a profile and its configuration cannot say, and how it is said.

use std::fs;

use rstest::rstest;
use tegata_emulator::{ApiConfig, Config, Emulator, Profile};

use super::{PROFILE, api};

#[rstest]
#[case("\"tegata-profile\": 1", "\"tegata-profile\": 2", &["`tegata-profile`", "version 2", "version 1"])]
#[case("\"name\": \"acme\"", "\"name\": \"Acme\"", &["`name`", "lower-case"])]
#[case("\"name\": \"acme\"", "\"name\": \"jooto\"", &["`name`", "another"])]
#[case("\"title\"", "\"titel\"", &["`titel`", "did you mean `title`"])]
#[case("\"/v1\", ", "\"/v1/\", ", &["`servers[0]`", "slash"])]
#[case("\"in\": \"query\"", "\"in\": \"qeury\"", &["`schemes.signature.in`", "`query`"])]
#[case("\"in\": \"query\", ", "", &["`schemes.signature`", "`in`"])]
#[case("\"name\": \"X-Key\"", "\"name\": \"X Key\"", &["`schemes.key`", "header"])]
#[case("\"schemes\": [\"login\"]", "\"schemes\": [\"key\"]", &["`authorization-servers[0].schemes`", "oauth2"])]
#[case("\"schemes\": [\"login\"]", "\"schemes\": [\"logins\"]", &["`logins`", "`schemes`"])]
#[case("\"/device/token\"", "\"/oauth/token\"", &["`authorization-servers[1]`", "/oauth/token"])]
#[case("\"device\": \"/device/code\", ", "", &["`authorization-servers[1]`", "`device`"])]
#[case("\"pkce\": \"required\"", "\"pkce\": \"yes\"", &["pkce", "`required`"])]
#[case("\"path\": \"/v1/open\"", "\"path\": \"v1/open\"", &["`operations[0].path`", "root"])]
#[case("\"/v1/items/{id}\"", "\"/v1/items?id\"", &["`operations[1].path`", "query"])]
#[case("{\"login\": [\"items:read\"]}", "{\"lgoin\": []}", &["`operations[1].security`", "`lgoin`"])]
#[case("{\"status\": 204}", "{\"status\": 204, \"json\": 1}", &["`operations[0].answer`", "no body"])]
#[case("{\"status\": 204}", "{\"status\": 99}", &["`operations[0].answer`", "99"])]
#[case("\"method\": \"GET\", \"path\": \"/v1/open\"", "\"method\": \"G T\", \"path\": \"/v1/open\"", &["method"])]
#[case("\"text\": \"a,b\"", "\"text\": \"a,b\", \"json\": 1", &["`operations[4].answer`", "`json` and `text`"])]
fn a_bad_profile_is_refused_by_key_and_fix(
    #[case] from: &str,
    #[case] to: &str,
    #[case] parts: &[&str],
) {
    assert!(PROFILE.contains(from), "{from}");
    let text = PROFILE.replacen(from, to, 1);
    let error = Profile::from_json("acme.json", &text)
        .unwrap_err()
        .to_string();
    for part in parts.iter().chain(&["acme.json", "PROFILE.md"]) {
        assert!(error.contains(part), "{part:?} is not in {error:?}");
    }
}

#[tokio::test]
async fn a_configuration_names_the_file_of_a_profile() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("acme.json"), PROFILE).unwrap();
    let path = folder.path().join("emulator.toml");
    let text = r#"
        [[apis]]
        profile = "acme.json"
        access_token_seconds = 7
        [[apis.clients]]
        id = "me"
        secret = "CANARY-mine"
        [apis.keys]
        key = ["CANARY-own"]
        [[apis.answers]]
        path = "/v1/later"
        status = 202
    "#;
    fs::write(&path, text).unwrap();
    let config = Config::read(&path).unwrap();
    let api = &config.apis[0];
    assert_eq!(api.clients.len(), 1);
    assert_eq!(api.keys["key"], ["CANARY-own"]);
    assert_eq!(api.keys["signature"], ["CANARY-acme-signature-key"]);
    let printed = config.to_toml().unwrap();
    let again = Config::from_toml("printed", &printed).unwrap();
    assert!(again == config, "{printed}");
    Emulator::start(config).unwrap();
}

#[rstest]
#[case("profile = \"no-such.json\"", &["no-such.json", "cannot be read"])]
#[case("", &["apis", "`profile`"])]
#[case("profile = \"acme.json\"\nkyes = {}", &["`kyes`", "`keys`"])]
#[case("profile = \"acme.json\"\nkeys = { kye = [\"a\"] }", &["acme.keys", "\"kye\""])]
#[case("profile = \"acme.json\"\nkeys = { key = [\"\"] }", &["acme.keys.key[0]", "empty"])]
#[case("profile = \"acme.json\"\nclients = [{ id = \"\" }]", &["acme.clients[0].id", "empty"])]
#[case("profile = \"acme.json\"\nclients = [{ id = \"a\" }, { id = \"a\" }]", &["acme.clients[1].id", "twice"])]
#[case("profile = \"acme.json\"\nclients = [{ id = \"a\", redirect_uris = [\"back\"] }]", &["absolute URI"])]
#[case("profile = \"acme.json\"\n[[apis]]\nprofile = \"acme.json\"", &["apis[1]", "twice"])]
fn a_bad_configuration_is_refused_by_key_and_fix(#[case] text: &str, #[case] parts: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("acme.json"), PROFILE).unwrap();
    let path = folder.path().join("emulator.toml");
    fs::write(&path, format!("[[apis]]\n{text}\n")).unwrap();
    let error = match Config::read(&path) {
        Ok(_) => panic!("accepted: {text}"),
        Err(error) => error.to_string(),
    };
    for part in parts {
        assert!(error.contains(part), "{part:?} is not in {error:?}");
    }
}

#[test]
fn a_profile_from_memory_is_not_printed_as_a_file() {
    let mut config = Config::default();
    config.apis.push(api());
    let error = config.to_toml().unwrap_err().to_string();
    assert!(
        error.contains("acme") && error.contains("read it from a file"),
        "{error}"
    );
}

#[test]
fn a_scheme_without_a_credential_gets_a_canary() {
    let api = ApiConfig::new(Profile::from_json("acme.json", PROFILE).unwrap());
    let schemes: Vec<_> = api.keys.keys().map(String::as_str).collect();
    assert_eq!(schemes, ["build", "key", "session", "signature", "sso"]);
    assert_eq!(api.users["user"][0].name, "acme-user");
    assert_eq!(api.clients[0].secret.as_deref(), Some("CANARY-acme-secret"));
    assert_eq!(api.clients[1].secret, None);
}

#[test]
fn the_file_of_the_readme_is_read() {
    let readme = include_str!("../../../README.md");
    let (_, after) = readme.split_once("In a file for `--config`:").unwrap();
    let text = after.split("```").nth(1).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let key = r#""app-key": {"type": "apiKey", "in": "query", "name": "k"}, "certificate""#;
    let profile = PROFILE.replacen("\"certificate\"", key, 1);
    fs::write(folder.path().join("acme.json"), profile).unwrap();
    let path = folder.path().join("emulator.toml");
    fs::write(&path, text.trim_start_matches("toml")).unwrap();
    let config = Config::read(&path).unwrap();
    assert_eq!(config.apis[0].users["user"][0].name, "me");
    assert_eq!(config.apis[0].answers.len(), 1);
}
