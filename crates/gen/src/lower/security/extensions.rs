//! What no OpenAPI document can say about authentication, and an overlay adds: `x-tegata-*`.

use crate::Error;
use crate::node::{Node, Value};
use crate::read::Files;

use super::login::ClientAuth;

const OF_ANSWERS: [&str; 4] = ["access-token", "expires-in", "refresh-token", "token-type"];

/// Parameters that are no further ones: `tegata::oauth::Server` refuses them.
pub(crate) const OF_THE_LIBRARY: [&str; 12] = [
    "client_id",
    "client_secret",
    "code",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "device_code",
    "grant_type",
    "redirect_uri",
    "refresh_token",
    "response_type",
    "state",
];

/// How an API refuses a credential.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) statuses: Vec<u16>,
    pub(crate) body_codes: Vec<String>,
    pub(crate) transient_codes: Vec<String>,
    pub(crate) denied_codes: Vec<String>,
}

/// What the members of a token answer are called.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) access_token: String,
    pub(crate) token_type: String,
    pub(crate) expires_in: String,
    pub(crate) refresh_token: String,
}

fn known(
    files: &Files,
    node: &Node,
    keys: &[&str],
    is_ours: impl Fn(&str) -> bool,
) -> Result<(), Error> {
    let unknown = node.as_map().into_iter().flatten();
    let mut unknown = unknown.filter(|(key, _)| is_ours(key) && !keys.contains(&key.as_str()));
    match unknown.next() {
        None => Ok(()),
        Some((key, it)) => Err(wrong(
            files,
            it,
            format!("`{key}` is not known here"),
            format!("use one of {}", keys.join(", ")),
        )),
    }
}

fn wrong(files: &Files, node: &Node, what: String, fix: impl Into<String>) -> Error {
    Error::new(what, fix).placed(files.show(node.place))
}

fn one_of<T: Copy>(
    files: &Files,
    scheme: &Node,
    key: &str,
    all: &[(&str, T)],
) -> Result<Option<T>, Error> {
    let Some(node) = scheme.get(key) else {
        return Ok(None);
    };
    let given = node.as_text().unwrap_or_default();
    if let Some((_, value)) = all.iter().find(|(name, _)| *name == given) {
        return Ok(Some(*value));
    }
    let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
    let fix = format!("use one of {}", names.join(", "));
    let what = format!("`{key}` has an unknown value");
    Err(wrong(files, node, what, fix))
}

pub(super) fn client_auth(files: &Files, scheme: &Node) -> Result<Option<ClientAuth>, Error> {
    let all = [
        ("basic", ClientAuth::BasicForm),
        ("basic-raw", ClientAuth::BasicRaw),
        ("post", ClientAuth::Post),
        ("none", ClientAuth::Public),
    ];
    one_of(files, scheme, "x-tegata-client-auth", &all)
}

pub(super) fn format(files: &Files, scheme: &Node) -> Result<Option<&'static str>, Error> {
    let all = [
        ("form", "Form"),
        ("json", "Json"),
        ("post-query", "PostQuery"),
        ("get-query", "GetQuery"),
    ];
    one_of(files, scheme, "x-tegata-token-request", &all)
}

pub(super) fn pkce(files: &Files, scheme: &Node) -> Result<bool, Error> {
    match scheme.get("x-tegata-pkce").map(|it| (&it.value, it)) {
        None => Ok(true),
        Some((Value::Bool(it), _)) => Ok(*it),
        Some((_, node)) => {
            let what = "`x-tegata-pkce` is neither true nor false";
            Err(wrong(
                files,
                node,
                what.to_owned(),
                "write `false` for a server that refuses PKCE",
            ))
        }
    }
}

/// A text that stands before the key, with the blank between them. Other credentials have their own word there.
pub(super) fn prefix(files: &Files, scheme: &Node, is_key: bool) -> Result<Option<String>, Error> {
    let key = "x-tegata-prefix";
    let prefix = text(files, scheme, key)?;
    let (Some(node), Some(text)) = (scheme.get(key), &prefix) else {
        return Ok(prefix);
    };
    if !is_key {
        let what = format!("`{key}` is for keys, and this scheme is none");
        let fix =
            "make it `{type: apiKey, in: header, name: Authorization}`, or leave the prefix out";
        return Err(wrong(files, node, what, fix));
    }
    if text.contains(char::is_control) {
        let what = format!("`{key}` holds a control character");
        return Err(wrong(files, node, what, "write it without"));
    }
    Ok(prefix)
}

pub(super) fn text(files: &Files, node: &Node, key: &str) -> Result<Option<String>, Error> {
    let Some(it) = node.get(key) else {
        return Ok(None);
    };
    match it.as_text() {
        Some(text) if !text.is_empty() => Ok(Some(text.to_owned())),
        _ => Err(wrong(
            files,
            it,
            format!("`{key}` is no text"),
            "write it in quotation marks",
        )),
    }
}

pub(super) fn seconds(files: &Files, node: &Node, key: &str) -> Result<Option<u64>, Error> {
    let Some(it) = node.get(key) else {
        return Ok(None);
    };
    let seconds = it.scalar_text().and_then(|it| it.parse().ok());
    match seconds {
        Some(seconds) => Ok(Some(seconds)),
        None => Err(wrong(
            files,
            it,
            format!("`{key}` is no number of seconds"),
            "write such as 3600",
        )),
    }
}

/// The further parameters of each step.
pub(super) fn parameters(
    files: &Files,
    scheme: &Node,
) -> Result<Vec<(&'static str, String, String)>, Error> {
    let steps = [
        ("authorization", "Authorization"),
        ("device", "Device"),
        ("token", "Token"),
        ("refresh", "Refresh"),
    ];
    let key = "x-tegata-parameters";
    let Some(node) = scheme.get(key) else {
        return Ok(Vec::new());
    };
    let fix = "write such as `{token: {audience: …}}`";
    if node.as_map().is_none() {
        return Err(wrong(files, node, format!("`{key}` is no map"), fix));
    }
    known(files, node, &steps.map(|(name, _)| name), |_| true)?;
    let mut found = Vec::new();
    for (name, step) in steps {
        let Some(of_step) = node.get(name) else {
            continue;
        };
        let Some(parameters) = of_step.as_map() else {
            let what = format!("`{key}`, `{name}`: this is no map");
            return Err(wrong(files, of_step, what, fix));
        };
        for (parameter, value) in parameters {
            let is_scope = parameter == "scope" && name != "refresh";
            if is_scope || OF_THE_LIBRARY.contains(&parameter.as_str()) {
                let what = format!("`{key}`, `{name}`: the client sends `{parameter}` itself");
                let fix = "leave it out, and use the setting or the grant for it";
                return Err(wrong(files, value, what, fix));
            }
            let text = value.scalar_text();
            let text = text.ok_or_else(|| {
                let what = format!("`{key}`, `{parameter}`: this is no text");
                wrong(files, value, what, "write its value in quotation marks")
            })?;
            found.push((step, parameter.clone(), text));
        }
    }
    Ok(found)
}

pub(super) fn answer(files: &Files, scheme: &Node) -> Result<Option<Answer>, Error> {
    let Some(node) = scheme.get("x-tegata-token-answer") else {
        return Ok(None);
    };
    known(files, node, &OF_ANSWERS, |_| true)?;
    let member = |key: &str| {
        let given = text(files, node, key)?;
        Ok::<_, Error>(given.unwrap_or_else(|| key.replace('-', "_")))
    };
    Ok(Some(Answer {
        access_token: member("access-token")?,
        token_type: member("token-type")?,
        expires_in: member("expires-in")?,
        refresh_token: member("refresh-token")?,
    }))
}

/// The refusals of the whole API: a 401, unless it says something else.
pub(super) fn refusal(files: &Files, root: &Node) -> Result<Refusal, Error> {
    let mut refusal = Refusal {
        statuses: vec![401],
        body_codes: Vec::new(),
        transient_codes: Vec::new(),
        denied_codes: Vec::new(),
    };
    let Some(node) = root.get("x-tegata-refusal") else {
        return Ok(refusal);
    };
    let keys = ["statuses", "body", "transient-codes", "denied-codes"];
    known(files, node, &keys, |key| key != "x-tegata-evidence")?;
    let texts = |list: &Node| -> Result<Vec<String>, Error> {
        let read = |it: &Node| {
            it.scalar_text().ok_or_else(|| {
                let what = "a code is no text".to_owned();
                wrong(files, it, what, "write codes in quotation marks")
            })
        };
        list.as_list()
            .unwrap_or_default()
            .iter()
            .map(read)
            .collect()
    };
    let codes = |node: &Node, key: &str| node.get(key).map_or_else(|| Ok(Vec::new()), texts);
    if let Some(statuses) = node.get("statuses") {
        let read = |text: String| {
            let status = text.parse::<u16>().ok();
            status.filter(|it| (400..600).contains(it)).ok_or_else(|| {
                let what = "a status of `x-tegata-refusal` is none of an error".to_owned();
                wrong(files, statuses, what, "write such as [401, 403]")
            })
        };
        refusal.statuses = texts(statuses)?
            .into_iter()
            .map(read)
            .collect::<Result<_, _>>()?;
    }
    if let Some(body) = node.get("body") {
        known(files, body, &["codes"], |_| true)?;
        refusal.body_codes = codes(body, "codes")?;
    }
    refusal.transient_codes = codes(node, "transient-codes")?;
    refusal.denied_codes = codes(node, "denied-codes")?;
    Ok(refusal)
}
