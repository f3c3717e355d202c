#!/usr/bin/env bash
# Does a form's field whose name has a blank arrive, if reqwest sends it?
#
# Versions: pinned below; crates reqwest 0.13.5 with multipart and multer 3.1.0; Python 3.11; Node 20.
# Seen:     the table at the end: how reqwest writes two names, by its setting for them, and what eight parsers found:
#           fields as f:NAME, files as F:NAME=FILE, "-" and "null" for a part without a name.
# Surprise: reqwest writes such a name as `name*=utf-8''first%20name` by default, which RFC 7578 (4.2) does not have for
#           names, and so it does with `percent_encode_attr_chars`. Four of the parsers (busboy, formidable, multipart,
#           multer) then have a part without a name, so the field is lost without an error, and undici refuses the whole
#           form. werkzeug, python-multipart and aiohttp read it. With `percent_encode_noop` all of them do.
# Meaning:  set `percent_encode_noop` and escape `"`, CR and LF yourself, as browsers do; a server should look for parts
#           without a name before it calls a field missing.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm=(busboy@1.6.0 formidable@3.5.4 undici@7.16.0)
pypi=(werkzeug==3.1.3 python-multipart==0.0.20 multipart==1.3.0 aiohttp==3.13.2)
echo "$(cargo --version), crate reqwest 0.13.5, multer 3.1.0, $(python3 --version), ${pypi[*]}, node $(node --version), ${npm[*]}"
timeout 180 npm install --no-audit --no-fund --ignore-scripts --silent "${npm[@]}"
python3 -m venv venv
venv/bin/pip install --quiet "${pypi[@]}"

mkdir -p client/src
cat >client/Cargo.toml <<'T'
[package]
name = "client"
version = "0.0.0"
edition = "2024"

[dependencies]
reqwest = { version = "=0.13.5", default-features = false, features = ["multipart"] }
http-body-util = "0.1"
tokio = { version = "1", features = ["macros", "rt"] }
multer = "=3.1.0"
futures-util = "0.3"
T
cat >client/src/main.rs <<'R'
use http_body_util::BodyExt as _;
use reqwest::multipart::{Form, Part};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mode = std::env::args().nth(1).unwrap();
    if mode == "parse" {
        return parse().await;
    }
    let form = match mode.as_str() {
        "default" => Form::new(),
        "attr" => Form::new().percent_encode_attr_chars(),
        _ => Form::new().percent_encode_noop(),
    };
    let part = |text: &'static str| Part::bytes(text.as_bytes()).mime_str("text/plain").unwrap();
    let form = form
        .text("plain", "1")
        .text("first name", "2")
        .part("scan", part("3").file_name("my scan.txt"))
        .part("the scan", part("4").file_name("scan.txt"));
    let mut request = reqwest::Client::new().post("http://localhost/").multipart(form).build().unwrap();
    let kind = request.headers()["content-type"].to_str().unwrap().to_owned();
    let body = request.body_mut().take().unwrap().collect().await.unwrap().to_bytes();
    std::fs::write(format!("{mode}.type"), kind).unwrap();
    std::fs::write(format!("{mode}.body"), body).unwrap();
}

async fn parse() {
    let mode = std::env::args().nth(2).unwrap();
    let kind = std::fs::read_to_string(format!("{mode}.type")).unwrap();
    let body = std::fs::read(format!("{mode}.body")).unwrap();
    let boundary = multer::parse_boundary(kind).unwrap();
    let stream = futures_util::stream::once(async move { Ok::<_, std::convert::Infallible>(body) });
    let mut form = multer::Multipart::new(stream, boundary);
    let mut found = Vec::new();
    loop {
        match form.next_field().await {
            Ok(Some(field)) => {
                let name = field.name().unwrap_or("-").to_owned();
                found.push(match field.file_name() {
                    Some(file) => format!("F:{name}={file}"),
                    None => format!("f:{name}"),
                });
            }
            Ok(None) => break,
            Err(error) => {
                found.push(format!("error: {error}"));
                break;
            }
        }
    }
    println!("multer {mode}: {}", found.join(" | "));
}
R
(cd client && cargo build --quiet)
client=$work/client/target/debug/client
for mode in default attr noop; do
  "$client" "$mode"
  { echo "$mode:"; grep -a "first\|the" "$mode.body" | tr -d '\r'; } >>seen
done

cat >parse.mjs <<'J'
import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import busboy from "busboy";
import formidable from "formidable";
import { Response } from "undici";

const print = (parser, mode, found) => console.log(`${parser} ${mode}: ${found.join(" | ")}`);
for (const mode of ["default", "noop"]) {
  const type = readFileSync(`${mode}.type`, "utf8");
  const body = readFileSync(`${mode}.body`);
  const headers = { "content-type": type, "content-length": String(body.length) };
  await new Promise((done) => {
    const found = [];
    const parser = busboy({ headers });
    parser.on("field", (name) => found.push(`f:${name ?? "-"}`));
    parser.on("file", (name, stream, info) => { found.push(`F:${name ?? "-"}=${info.filename}`); stream.resume(); });
    parser.on("error", (error) => { found.push(`error: ${error.message}`); print("busboy", mode, found); done(); });
    parser.on("close", () => { print("busboy", mode, found); done(); });
    parser.end(body);
  });
  try {
    const request = Object.assign(Readable.from([body]), { headers });
    const [fields, files] = await formidable({}).parse(request);
    const found = Object.keys(fields).map((it) => `f:${it}`);
    for (const [name, all] of Object.entries(files)) found.push(...all.map((it) => `F:${name}=${it.originalFilename}`));
    print("formidable", mode, found);
  } catch (error) { print("formidable", mode, [`error: ${error.message}`]); }
  try {
    const form = await new Response(body, { headers }).formData();
    print("undici", mode, [...form].map(([name, it]) => typeof it === "string" ? `f:${name}` : `F:${name}=${it.name}`));
  } catch (error) { print("undici", mode, [`error: ${error.message}`]); }
}
J
node parse.mjs >>seen

cat >parse.py <<'P'
import asyncio
import io

import aiohttp
import multipart
import python_multipart
from werkzeug.formparser import parse_form_data


def shown(parser, mode, found):
    print(f"{parser} {mode}: {' | '.join(found)}")


def names(name, file):
    text = lambda it: it.decode() if isinstance(it, bytes) else (it if it is not None else "-")
    return f"F:{text(name)}={text(file)}" if file else f"f:{text(name)}"


for mode in ["default", "noop"]:
    kind = open(f"{mode}.type").read()
    body = open(f"{mode}.body", "rb").read()
    environ = {"wsgi.input": io.BytesIO(body), "CONTENT_TYPE": kind, "CONTENT_LENGTH": str(len(body)), "REQUEST_METHOD": "POST"}
    try:
        _, form, files = parse_form_data(environ)
        shown("werkzeug", mode, [names(it, None) for it in form] + [names(it, files[it].filename) for it in files])
    except Exception as error:
        shown("werkzeug", mode, [f"error: {type(error).__name__} {error}"])
    try:
        found = []
        python_multipart.parse_form({"Content-Type": kind.encode(), "Content-Length": str(len(body)).encode()}, io.BytesIO(body),
            lambda it: found.append(names(it.field_name, None)), lambda it: found.append(names(it.field_name, it.file_name)))
        shown("python-multipart", mode, found)
    except Exception as error:
        shown("python-multipart", mode, [f"error: {type(error).__name__} {error}"])
    try:
        environ["wsgi.input"] = io.BytesIO(body)
        forms, files = multipart.parse_form_data(environ, strict=True)
        shown("multipart", mode, [names(it, None) for it in forms] + [names(it, files[it].filename) for it in files])
    except Exception as error:
        shown("multipart", mode, [f"error: {type(error).__name__} {error}"])

    async def read():
        stream = aiohttp.StreamReader(aiohttp.base_protocol.BaseProtocol(asyncio.get_event_loop()), 2 ** 16)
        stream.feed_data(body)
        stream.feed_eof()
        reader = aiohttp.MultipartReader({"Content-Type": kind}, stream)
        found = []
        while (part := await reader.next()) is not None:
            found.append(names(part.name, part.filename))
            await part.read()
        return found

    try:
        shown("aiohttp", mode, asyncio.run(read()))
    except Exception as error:
        shown("aiohttp", mode, [f"error: {type(error).__name__} {error}"])
P
venv/bin/python parse.py >>seen
for mode in default noop; do "$client" parse "$mode" >>seen; done
cat seen

cat >expected <<'SEEN'
default:
Content-Disposition: form-data; name*=utf-8''first%20name
Content-Disposition: form-data; name*=utf-8''the%20scan; filename="scan.txt"
attr:
Content-Disposition: form-data; name*=utf-8''first%20name
Content-Disposition: form-data; name*=utf-8''the%20scan; filename="scan.txt"
noop:
Content-Disposition: form-data; name="first name"
Content-Disposition: form-data; name="the scan"; filename="scan.txt"
busboy default: f:plain | f:- | F:scan=my scan.txt | F:-=scan.txt
formidable default: f:plain | f:null | F:scan=my scan.txt | F:null=scan.txt
undici default: error: Failed to parse body as FormData.
busboy noop: f:plain | f:first name | F:scan=my scan.txt | F:the scan=scan.txt
formidable noop: f:plain | f:first name | F:scan=my scan.txt | F:the scan=scan.txt
undici noop: f:plain | f:first name | F:scan=my scan.txt | F:the scan=scan.txt
werkzeug default: f:plain | f:first name | F:scan=my scan.txt | F:the scan=scan.txt
python-multipart default: f:plain | f:first name | F:scan=my scan.txt | F:the scan=scan.txt
multipart default: f:plain | f: | F:scan=my scan.txt | F:=scan.txt
aiohttp default: f:plain | f:first name | F:scan=my scan.txt | F:the scan=scan.txt
werkzeug noop: f:plain | f:first name | F:scan=my scan.txt | F:the scan=scan.txt
python-multipart noop: f:plain | f:first name | F:scan=my scan.txt | F:the scan=scan.txt
multipart noop: f:plain | f:first name | F:scan=my scan.txt | F:the scan=scan.txt
aiohttp noop: f:plain | f:first name | F:scan=my scan.txt | F:the scan=scan.txt
multer default: f:plain | f:- | F:scan=my scan.txt | F:-=scan.txt
multer noop: f:plain | f:first name | F:scan=my scan.txt | F:the scan=scan.txt
SEEN
diff -u expected seen || { echo "changed: the names no longer arrive as recorded" >&2; exit 1; }
echo "as recorded"
