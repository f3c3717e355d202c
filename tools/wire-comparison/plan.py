"""Which operations are called, and with which arguments."""

import random

import values

# As both generators understand them; the rest is bytes.
JSON, FORM, MULTIPART, BYTES = "json", "form", "multipart", "bytes"
SECRET = "secret-1"
# ASCII: RFC 7617 leaves the charset of others open, and the peer takes Latin-1.
USER, PASSWORD = "user", "p:ss word"


def of(document, name, count, seed, only=""):
    """At most `count` operations by chance, and why others of the sample are left out."""
    chance = random.Random(f"{seed} {name}")
    operations = list(document.operations())
    chance.shuffle(operations)
    calls, left_out = [], []
    for operation in operations:
        if only and only not in f"{operation.method} {operation.path}":
            continue
        if len(calls) == count:
            break
        # Each operation has a chance of its own, so that a change to one keeps the values of the others.
        own = values.Values(document, random.Random(f"{seed} {name} {operation.method} {operation.path}"))
        try:
            calls.append(call(document, operation, own) | {"n": len(calls)})
        except (values.NoValue, LookupError, RecursionError) as error:
            left_out.append((f"{operation.method} {operation.path}", f"no value: {error}"))
    return calls, left_out


def call(document, operation, made):
    parameters = []
    for parameter in operation.parameters:
        if parameter.place == "cookie" or is_credential(document, parameter):
            continue
        if not parameter.required and parameter.place != "path" and made.chance.random() > 0.6:
            continue
        texts = values.IN_HEADERS if parameter.place == "header" else values.TEXTS
        try:
            value = made.of(parameter.schema, texts=texts)
        except values.NoValue:
            if parameter.required or parameter.place == "path":
                raise
            continue
        parameters.append({"place": parameter.place, "name": parameter.name, "value": value, "style": parameter.style,
                           "explode": parameter.explode, "is_json": parameter.is_json})
    return {"method": operation.method, "path": operation.path, "parameters": parameters,
            "body": body(operation, made), "schemes": schemes(document, operation)}


def is_credential(document, parameter):
    """Both clients send a scheme's credential as such; some documents name it again as a parameter."""
    names = [(it.get("in"), (it.get("name") or "").lower()) for it in document.schemes.values() if isinstance(it, dict)]
    own = (parameter.place, parameter.name.lower())
    return own in names or own in (("header", "authorization"), ("header", "content-type"), ("header", "accept"))


def body(operation, made):
    order = [JSON, FORM, MULTIPART, BYTES]
    medias = sorted(operation.bodies.items(), key=lambda it: order.index(kind_of(it[0])))
    if not medias or (operation.method in ("GET", "HEAD") and not operation.body_required):
        return None
    media, schema = medias[0]
    kind = kind_of(media)
    if kind == MULTIPART:
        raise values.NoValue("a multipart body")
    value = "some bytes \u00e9" if kind == BYTES else made.of(schema or {})
    return {"media": media, "kind": kind, "value": value}


def kind_of(media):
    media = media.split(";")[0].strip().lower()
    if media in ("application/json", "text/json", "*/*", "application/*") or media.endswith("+json"):
        return JSON
    if media == "application/x-www-form-urlencoded":
        return FORM
    return MULTIPART if media.startswith("multipart/") else BYTES


def schemes(document, operation):
    """The schemes of the first alternative that both clients can attach; without any, one that must not be sent."""
    for alternative in operation.security:
        kinds = {name: document.kind_of(name) for name in alternative}
        if all(kinds.values()):
            return kinds
    if operation.security:
        raise values.NoValue("a credential that one of the clients does not attach")
    return {name: kind for name in document.schemes if (kind := document.kind_of(name))}
