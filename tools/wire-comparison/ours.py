"""Calls the crate that tegata-gen makes, by a program with a function for each call."""

import json
import os
import pathlib
import re
import shutil
import subprocess

import generated
import plan

MANIFEST = """[package]
name = "calls"
version = "0.0.0"
edition = "2024"
publish = false

[dependencies]
{package} = {{ path = "../crate" }}
serde = "1"
serde_json = "1"
tokio = {{ version = "1", features = ["macros", "rt"] }}

[workspace]
"""
PROGRAM = """#![allow(unused, clippy::all)]
use {krate}::{{Client, api}};
use {krate}::api::types;
use serde_json::Value;

fn value<T: serde::de::DeserializeOwned>(call: &Value, at: &str) -> Result<T, String> {{
    let found = call["arguments"].get(at).cloned().unwrap_or(Value::Null);
    serde_json::from_value(found).map_err(|error| format!("`{{at}}`: {{error}}"))
}}

/// Unions of texts and something else are texts, which the caller writes.
fn text(call: &Value, at: &str) -> Result<Option<String>, String> {{
    Ok(match call["arguments"].get(at) {{
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.clone()),
        Some(other) => Some(other.to_string()),
    }})
}}

fn secret(text: String) -> {krate}::tegata::Secret {{
    text.into()
}}

{functions}
#[tokio::main(flavor = "current_thread")]
async fn main() {{
    let calls: Vec<Value> = serde_json::from_str(&std::fs::read_to_string("calls.json").unwrap()).unwrap();
    let base = std::env::args().nth(1).unwrap();
    for call in &calls {{
        let n = call["n"].as_u64().unwrap();
        let base = format!("{{base}}/{{n}}/{{}}", call["host"].as_str().unwrap());
        let done = match n {{
{arms}
            _ => Ok(()),
        }};
        println!("{{}}", serde_json::json!({{"n": n, "error": done.err()}}));
    }}
}}
"""
FUNCTION = """async fn call_{n}(base: &str, call: &Value) -> Result<(), String> {{
    let client = Client::builder({url}).base_url(base){schemes}.build().map_err(|error| format!("builder: {{error}}"))?;
    let api = api::{group}::new(client.api().transport().clone());
{values}
    let _ = api.{method}({arguments}).await;
    Ok(())
}}
"""


def values_of(call, kinds, sent):
    """Our arguments with the values of the call, or why that is not possible."""
    given, used = {}, set()
    path = re.findall(r"\{([^}]*)\}", call["path"])
    by = {(it["place"], it["name"]): it for it in call["parameters"]}
    for name, _ in kinds:
        plain, key, value = name.removeprefix("r#"), None, None
        if plain in sent.path and len(path) == len(sent.path):
            key = ("path", path[sent.path.index(plain)])
        elif plain in sent.query:
            key, value = in_query(call, sent.query[plain])
        elif plain in sent.headers:
            key = next((it for it in by if it[0] == "header" and it[1].lower() == sent.headers[plain].lower()), None)
        elif plain in ("body", "body_") and call["body"]:
            key, value = "body", call["body"]["value"]
        elif plain == "content_type" and call["body"]:
            key, value = "body", call["body"]["media"]
        if key in by and value is None:
            value = by[key]["value"]
        if key is not None:
            used.add(key)
            given[name] = value
    for key, it in by.items():
        if key not in used:
            return None, f"no argument for `{it['name']}` in {it['place']}"
    if call["body"] and "body" not in used:
        return None, "no argument for the body"
    return given, None


def in_query(call, wire):
    for it in call["parameters"]:
        if it["place"] != "query":
            continue
        if it["name"] in (wire, wire.removesuffix("[]")):
            value = it["value"]
            if it["is_json"]:
                value = json.dumps(value)
            return (it["place"], it["name"]), value
        if isinstance(it["value"], dict):
            for member, value in it["value"].items():
                in_brackets = f"{it['name']}[{member}]"
                if wire in (in_brackets, f"{in_brackets}[]") or (it["style"] != "deepObject" and wire == member):
                    return (it["place"], it["name"]), value
    return None, None


def conversion(name, kind):
    """A line that makes the argument, and how it is given."""
    at, own = json.dumps(name), f"a_{name.removeprefix('r#')}"
    secret = "::tegata::Secret"
    if kind == "&str":
        return f"let {own} = text(call, {at})?.unwrap_or_default();", f"&{own}"
    if kind == "Option<&str>":
        return f"let {own} = text(call, {at})?;", f"{own}.as_deref()"
    if kind == f"&{secret}":
        return f"let {own} = secret(value(call, {at})?);", f"&{own}"
    if kind == f"Option<&{secret}>":
        return f"let {own} = value::<Option<String>>(call, {at})?.map(secret);", f"{own}.as_ref()"
    if re.fullmatch(r"[A-Z]\w?", kind):
        return f"let {own}: String = value(call, {at})?;", own
    if inner := re.fullmatch(r"Option<&(.*)>", kind):
        return f"let {own}: Option<{inner.group(1)}> = value(call, {at})?;", f"{own}.as_ref()"
    if kind.startswith("&"):
        return f"let {own}: {kind[1:]} = value(call, {at})?;", f"&{own}"
    return f"let {own}: {kind} = value(call, {at})?;", own


def program(document, crate, package, calls, folder):
    """Writes it. Answers why calls cannot be made."""
    functions, arms, left_out = [], [], {}
    for call in calls:
        path = re.sub(r"\{[^}]*\}", "{}", call["path"].split("?")[0].split("#")[0])
        found = crate.methods.get((call["method"], path))
        if not found:
            left_out[call["n"]] = "we have no method of it"
            continue
        name, group, url, kinds, sent = found
        given, why = values_of(call, kinds, sent)
        schemes = [scheme_call(crate, it, kind) for it, kind in call["schemes"].items()]
        if why or None in schemes:
            left_out[call["n"]] = why or "our builder has no method of a scheme"
            continue
        call["arguments"], call["host"] = given, host(document.server(url))
        made = [conversion(*it) for it in kinds]
        functions.append(FUNCTION.format(
            n=call["n"], url="base" if crate.takes_url else "", schemes="".join(schemes), group=group,
            values="\n".join("    " + line for line, _ in made), method=name, arguments=", ".join(it for _, it in made)))
        arms.append(f"            {call['n']} => call_{call['n']}(&base, call).await,")
    krate = package.replace("-", "_")
    (folder / "src").mkdir(parents=True, exist_ok=True)
    (folder / "Cargo.toml").write_text(MANIFEST.format(package=package))
    text = PROGRAM.format(krate=krate, functions="\n".join(functions), arms="\n".join(arms))
    (folder / "src" / "main.rs").write_text(text)
    (folder / "calls.json").write_text(json.dumps([it for it in calls if "arguments" in it]))
    return left_out


def scheme_call(crate, scheme, kind):
    found = crate.scheme(scheme)
    if not found:
        return None
    method, count = found
    if kind == "basic" or count == 2:
        return f".{method}({json.dumps(plan.USER)}, {json.dumps(plan.PASSWORD, ensure_ascii=False)})"
    return f".{method}({json.dumps(plan.SECRET)})"


def host(url):
    """Authority and path; a place for what the document leaves open."""
    if "://" in url:
        return url.split("://", 1)[1].rstrip("/")
    if url.startswith("//"):
        return url[2:].rstrip("/")
    return "open" + url.rstrip("/")


def run(document, path, package, calls, folder, workspace, recorder):
    shutil.rmtree(folder, ignore_errors=True)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", workspace / "target")).resolve()
    subprocess.run(["cargo", "build", "-q", "--release", "-p", "tegata-gen"], cwd=workspace, check=True)
    subprocess.run([target / "release" / "tegata-gen", path, "--out", folder / "crate", "--name", package, "--tegata",
                    workspace / "crates" / "tegata"], check=True, stdout=subprocess.DEVNULL)
    left_out = program(document, generated.Crate(folder / "crate"), package, calls, folder / "calls")
    lock = folder / "calls" / "Cargo.lock"
    lock.write_bytes((workspace / "Cargo.lock").read_bytes())
    settings = {"CARGO_TARGET_DIR": str(folder.parent / "target"), "CARGO_INCREMENTAL": "0", "CARGO_PROFILE_DEV_DEBUG": "0"}
    done = subprocess.run(["cargo", "run", "-q", "--", recorder.url], cwd=folder / "calls", env=os.environ | settings,
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"our program failed:\n{done.stderr[-3000:]}")
    errors = {it["n"]: it["error"] for it in map(json.loads, done.stdout.splitlines()) if it["error"]}
    return recorder.taken(), left_out | {n: f"we refuse the value: {it}" for n, it in errors.items()}
