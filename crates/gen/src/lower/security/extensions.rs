//! What no OpenAPI document can say about authentication, and an overlay adds: `x-tegata-*`.

use crate::Error;
use crate::keys::{self, Key};
use crate::node::{Node, Value};
use crate::read::Files;

use super::login::ClientAuth;

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

fn one_of<T: Copy, const N: usize>(
    files: &Files,
    scheme: &Node,
    key: &Key,
    names: [&str; N],
    values: [T; N],
) -> Result<Option<T>, Error> {
    let Some(node) = scheme.get(key.name) else {
        return Ok(None);
    };
    let given = node.as_text().unwrap_or_default();
    let at = names.iter().position(|name| *name == given);
    let value = at.and_then(|at| values.get(at)).ok_or_else(|| {
        let what = format!("`{}` has an unknown value", key.name);
        let fix = format!("use one of {}", names.join(", "));
        wrong(files, node, what, fix)
    });
    value.map(|it| Some(*it))
}

pub(super) fn client_auth(files: &Files, scheme: &Node) -> Result<Option<ClientAuth>, Error> {
    let values = [
        ClientAuth::BasicForm,
        ClientAuth::BasicRaw,
        ClientAuth::Post,
        ClientAuth::Public,
    ];
    let names = keys::CLIENT_AUTH_VALUES;
    one_of(files, scheme, &keys::CLIENT_AUTH, names, values)
}

pub(super) fn format(files: &Files, scheme: &Node) -> Result<Option<&'static str>, Error> {
    let values = ["Form", "Json", "PostQuery", "GetQuery"];
    let names = keys::TOKEN_REQUEST_VALUES;
    one_of(files, scheme, &keys::TOKEN_REQUEST, names, values)
}

pub(super) fn pkce(files: &Files, scheme: &Node) -> Result<bool, Error> {
    let key = keys::PKCE.name;
    match scheme.get(key).map(|it| (&it.value, it)) {
        None => Ok(true),
        Some((Value::Bool(it), _)) => Ok(*it),
        Some((_, node)) => {
            let what = format!("`{key}` is neither true nor false");
            Err(wrong(
                files,
                node,
                what,
                "write `false` for a server that refuses PKCE",
            ))
        }
    }
}

/// A text that stands before the key, with the blank between them. Other credentials have their own word there.
pub(super) fn prefix(files: &Files, scheme: &Node, is_key: bool) -> Result<Option<String>, Error> {
    let key = keys::PREFIX.name;
    let prefix = text(files, scheme, &keys::PREFIX)?;
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

pub(super) fn text(files: &Files, node: &Node, key: &Key) -> Result<Option<String>, Error> {
    text_of(files, node, key.name)
}

fn text_of(files: &Files, node: &Node, key: &str) -> Result<Option<String>, Error> {
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

pub(super) fn seconds(files: &Files, node: &Node, key: &Key) -> Result<Option<u64>, Error> {
    let key = key.name;
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
    let names = ["Authorization", "Device", "Token", "Refresh"];
    let key = keys::PARAMETERS.name;
    let Some(node) = scheme.get(key) else {
        return Ok(Vec::new());
    };
    let fix = "write such as `{token: {audience: …}}`";
    if node.as_map().is_none() {
        return Err(wrong(files, node, format!("`{key}` is no map"), fix));
    }
    known(files, node, &keys::STEPS, |_| true)?;
    let mut found = Vec::new();
    for (name, step) in keys::STEPS.into_iter().zip(names) {
        let Some(of_step) = node.get(name) else {
            continue;
        };
        let Some(parameters) = of_step.as_map() else {
            let what = format!("`{key}`, `{name}`: this is no map");
            return Err(wrong(files, of_step, what, fix));
        };
        for (parameter, value) in parameters {
            let is_scope = parameter == "scope" && name != "refresh";
            if is_scope || keys::SENT_ANYWAY.contains(&parameter.as_str()) {
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
    let Some(node) = scheme.get(keys::TOKEN_ANSWER.name) else {
        return Ok(None);
    };
    known(files, node, &keys::ANSWER, |_| true)?;
    let member = |key: &str| {
        let given = text_of(files, node, key)?;
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
    let Some(node) = root.get(keys::REFUSED.name) else {
        return Ok(refusal);
    };
    known(files, node, &keys::REFUSAL, |key| {
        !keys::NOTES.contains(&key)
    })?;
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
