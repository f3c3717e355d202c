"""What two requests have in common."""

import datetime
import json
import re
import urllib.parse

SAME, ALIKE, DIFFERENT = "same", "alike", "different"
# Of the client's library, not of the document.
OF_THE_LIBRARY = {"host", "user-agent", "accept-encoding", "content-length", "connection", "transfer-encoding"}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
CREDENTIALS = {"authorization", "cookie"}


def requests(ours, theirs, call, key_headers):
    """For each part of a request: how alike it is, and both."""
    found = {}
    (our_path, our_query), (their_path, their_query) = (split(it.target) for it in (ours, theirs))
    found["method"] = equal(ours.method, theirs.method)
    found["host"] = equal(our_path.split("/")[0], their_path.split("/")[0])
    found["path"] = path("/" + our_path.partition("/")[2], "/" + their_path.partition("/")[2])
    found["query"] = query(our_query, their_query)
    ours_by, theirs_by = dict(ours.headers), dict(theirs.headers)
    credentials = CREDENTIALS | key_headers
    found["credential"] = equal(only(ours_by, credentials), only(theirs_by, credentials))
    is_empty = not ours.body and not theirs.body
    found["content-type"] = content_type(ours_by.get("content-type"), theirs_by.get("content-type"), is_empty)
    found["accept"] = accept(ours_by.get("accept"), theirs_by.get("accept"))
    names = {it["name"].lower() for it in call["parameters"] if it["place"] == "header"}
    found["headers"] = equal(only(ours_by, names), only(theirs_by, names))
    rest = OF_THE_LIBRARY | credentials | names | {"content-type", "accept"}
    found["further headers"] = equal(without(ours_by, rest), without(theirs_by, rest))
    found["body"] = body(ours.body, theirs.body, call)
    return found


def split(target):
    before, _, after = target.partition("?")
    return before, after


def only(headers, names):
    return {name: value for name, value in headers.items() if name in names}


def without(headers, names):
    return {name: value for name, value in headers.items() if name not in names}


def equal(one, other):
    return (SAME if one == other else DIFFERENT), one, other


def path(one, other):
    """Alike: other characters are percent-encoded, and each segment is the same when decoded."""
    if one == other:
        return SAME, one, other
    decoded = [[urllib.parse.unquote(it) for it in path.split("/")] for path in (one, other)]
    return (ALIKE if decoded[0] == decoded[1] else DIFFERENT), one, other


def query(one, other):
    """Alike: another order of the names, or other characters percent-encoded."""
    if one == other:
        return SAME, one, other
    return (ALIKE if sorted(pairs(one)) == sorted(pairs(other)) else DIFFERENT), one, other


def pairs(text):
    return urllib.parse.parse_qsl(text, keep_blank_values=True)


def content_type(one, other, is_empty):
    """Alike: parameters are others, or there is nothing that has a type."""
    short = [(it or "").split(";")[0].strip().lower() for it in (one, other)]
    return (SAME if one == other else ALIKE if is_empty or short[0] == short[1] else DIFFERENT), one, other


def accept(one, other):
    """Alike: one of both takes whatever comes."""
    anything = {None, "*/*"}
    return (SAME if one == other else ALIKE if anything & {one, other} else DIFFERENT), one, other


def body(one, other, call):
    """Alike: other blanks, another order or another form of a time in JSON, another order or encoding in a form."""
    if one == other:
        return SAME, one.decode(errors="replace"), other.decode(errors="replace")
    texts = [it.decode(errors="replace") for it in (one, other)]
    alike = False
    if call["body"] and call["body"]["kind"] == "form":
        alike = sorted(pairs(texts[0])) == sorted(pairs(texts[1]))
    elif call["body"] and call["body"]["kind"] == "json":
        try:
            alike = instants(json.loads(texts[0])) == instants(json.loads(texts[1]))
        except ValueError:
            alike = False
    return (ALIKE if alike else DIFFERENT), *texts


def instants(value):
    """Texts that are times as the instants that they name."""
    if isinstance(value, dict):
        return {key: instants(it) for key, it in value.items()}
    if isinstance(value, list):
        return [instants(it) for it in value]
    if isinstance(value, str) and TIME.fullmatch(value):
        return datetime.datetime.fromisoformat(value)
    return value
