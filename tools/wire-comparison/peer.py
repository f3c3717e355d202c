"""Makes the calls of `calls.json` with the generated Python client in this folder. Started by theirs.py."""

import importlib
import inspect
import json
import pathlib
import re
import sys
import typing

sys.path.insert(0, ".")
# The generated package. A schema may have the name of what its root has, such as `Configuration`.
import peer.api_client  # noqa: E402
import peer.configuration  # noqa: E402
import plan  # noqa: E402

SERIALIZER = re.compile(r"    def _(\w+)_serialize\((.*?)\n        \)\n", re.S)


def methods():
    """The client's methods by method and path, with the arguments that they send under each name."""
    found = {}
    for file in sorted(pathlib.Path("peer/api").glob("*_api.py")):
        text = file.read_text()
        api = re.search(r"^class (\w+)", text, re.M).group(1)
        for name, body in SERIALIZER.findall(text):
            method = re.search(r"method='(\w+)'", body)
            path = re.search(r"resource_path='((?:[^'\\]|\\.)*)'", body)
            if method and path:
                key = (method.group(1), re.sub(r"\{[^}]*\}", "{}", path.group(1)))
                found.setdefault(key, (getattr(importlib.import_module(f"peer.api.{file.stem}"), api), name, sent(body)))
    return found


def sent(body):
    text = r"'((?:[^'\\]|\\.)*)'"
    names = {}
    for place, pattern in [("path", rf"_path_params\[{text}\] = (\w+)"), ("header", rf"_header_params\[{text}\] = (\w+)"),
                           ("query", rf"_query_params\.append\(\s*\(\s*{text},\s*(\w+)"),
                           ("query", rf"explode_query_object\({text}, (\w+)\)"),
                           ("form", rf"_form_params\.append\(\({text}, (\w+)"), ("form", rf"_files\[{text}\] = (\w+)")]:
        for name, argument in re.findall(pattern, body):
            names[place, name.lower() if place == "header" else name] = argument
    if found := re.search(r"_body_params = (\w+)", body):
        names["body", ""] = found.group(1)
    return names


def converted(kind, value):
    """The value as the annotation has it: models out of JSON, bytes out of text."""
    if typing.get_origin(kind) is typing.Annotated:
        return converted(typing.get_args(kind)[0], value)
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Union:
        known = [it for it in inner if it is not type(None)]
        if bytes in known and isinstance(value, str):
            return value.encode()
        return converted(known[0], value)
    if origin is list and isinstance(value, list):
        return [converted(inner[0], it) for it in value]
    if origin is dict and isinstance(value, dict) and len(inner) == 2:
        return {key: converted(inner[1], it) for key, it in value.items()}
    if hasattr(kind, "from_json") and hasattr(kind, "to_dict"):
        model = kind.from_json(json.dumps(value))
        as_constructed(model, value)
        return model
    return value


def as_constructed(model, value):
    """Takes back that `from_json` counts what is missing as given: it would be sent as null, or with its default."""
    if isinstance(model, list) and isinstance(value, list):
        for item, one in zip(model, value):
            as_constructed(item, one)
    elif isinstance(model, dict) and isinstance(value, dict):
        for key, one in value.items():
            as_constructed(model.get(key), one)
    elif hasattr(model, "actual_instance"):
        as_constructed(model.actual_instance, value)
    elif hasattr(model, "model_fields_set") and isinstance(value, dict):
        for name, field in type(model).model_fields.items():
            wire = field.alias or name
            if wire in value:
                as_constructed(getattr(model, name), value[wire])
            else:
                model.model_fields_set.discard(name)
                model.__dict__[name] = None


def call(known, base, it):
    key = (it["method"], re.sub(r"\{[^}]*\}", "{}", it["path"]))
    if key not in known:
        raise LookupError("it has no method of it")
    api, name, names = known[key]
    client = peer.api_client.ApiClient(configuration(it["schemes"]))
    request, prefix = client.rest_client.request, f"{base}/{it['n']}"
    client.rest_client.request = lambda method, url, *rest, **more: request(method, f"{prefix}/{bare(url)}", *rest, **more)
    method = getattr(api(client), f"{name}_without_preload_content")
    annotations = {key: value.annotation for key, value in inspect.signature(method).parameters.items()}
    given = {}
    for parameter in it["parameters"]:
        place, wire = parameter["place"], parameter["name"]
        argument = names.get((place, wire.lower() if place == "header" else wire))
        if argument is None:
            raise LookupError(f"it has no argument for `{wire}` in {place}")
        given[argument] = converted(annotations[argument], parameter["value"])
    if body := it["body"]:
        if ("body", "") in names:
            argument = names["body", ""]
            given[argument] = converted(annotations[argument], body["value"])
        elif body["kind"] == plan.FORM:
            for member, value in body["value"].items():
                if ("form", member) not in names:
                    raise LookupError(f"it has no argument for `{member}` of the form")
                argument = names["form", member]
                given[argument] = converted(annotations[argument], value)
        else:
            raise LookupError("it has no argument for the body")
    method(**given)


def configuration(schemes):
    made = peer.configuration.Configuration()
    made.retries = False
    for scheme, kind in schemes.items():
        if kind == "key":
            made.api_key[scheme] = plan.SECRET
        elif kind == "basic":
            made.username, made.password = plan.USER, plan.PASSWORD
        else:
            made.access_token = plan.SECRET
    return made


def bare(url):
    return url.split("://", 1)[1] if "://" in url else url[2:] if url.startswith("//") else f"open{url}"


def main():
    known = methods()
    for it in json.loads(pathlib.Path("calls.json").read_text()):
        try:
            call(known, sys.argv[1], it)
            error = None
        except Exception as problem:  # whatever a generated client raises is a result here
            error = f"{type(problem).__name__}: {' '.join(str(problem).split())[:300]}"
        print(json.dumps({"n": it["n"], "error": error}), flush=True)


if __name__ == "__main__":
    main()
