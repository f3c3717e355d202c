"""The operations of a document, with parameters and bodies in one form for OpenAPI 2.0, 3.0 and 3.1."""

import dataclasses
import json
import re
import urllib.parse

import yaml

METHODS = ["get", "put", "post", "delete", "options", "head", "patch"]
SHAPE_OF_2 = ["type", "format", "items", "enum", "minimum", "maximum", "minLength", "maxLength", "pattern", "minItems",
              "maxItems", "multipleOf", "example", "x-example"]


class Texts(yaml.SafeLoader):
    """YAML whose dates and `on` stay texts, as both generators read them."""


Texts.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":value"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Texts.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))


@dataclasses.dataclass
class Parameter:
    place: str
    name: str
    required: bool
    schema: dict
    style: str | None
    explode: bool | None
    # JSON in a parameter: what stands under `content`.
    is_json: bool = False


@dataclasses.dataclass
class Operation:
    method: str
    path: str
    parameters: list
    # Content types with their schemas; in the order of the document.
    bodies: dict
    body_required: bool
    security: list


class Document:
    def __init__(self, path):
        text = path.read_text(encoding="utf-8-sig")
        self.tree = json.loads(text) if path.suffix == ".json" else yaml.load(text, Texts)
        self.is_2 = "swagger" in self.tree
        self.schemes = (self.tree.get("securityDefinitions") if self.is_2
                        else self.tree.get("components", {}).get("securitySchemes")) or {}

    def resolved(self, node):
        for _ in range(50):
            if not (isinstance(node, dict) and isinstance(node.get("$ref"), str)):
                return node
            node = self.at(node["$ref"])
        raise LookupError("references in a circle")

    def at(self, reference):
        if not reference.startswith("#"):
            raise LookupError(f"{reference} is in another file")
        node = self.tree
        for word in reference[1:].split("/")[1:]:
            word = urllib.parse.unquote(word).replace("~1", "/").replace("~0", "~")
            node = node[int(word)] if isinstance(node, list) else node[word]
        return node

    def operations(self):
        for path, item in self.tree.get("paths", {}).items():
            item = self.resolved(item)
            for method in METHODS:
                if isinstance(item, dict) and isinstance(item.get(method), dict):
                    yield self.operation(method, path, item, item[method])

    def operation(self, method, path, item, node):
        found, bodies, required = {}, {}, False
        for parameter in (item.get("parameters") or []) + (node.get("parameters") or []):
            parameter = self.resolved(parameter)
            found[parameter["in"], parameter["name"]] = parameter
        form = [it for (place, _), it in found.items() if place == "formData"]
        if form:
            consumes = node.get("consumes") or self.tree.get("consumes") or []
            files = any(it.get("type") == "file" for it in form)
            is_multipart = files or consumes == ["multipart/form-data"]
            kind = "multipart/form-data" if is_multipart else "application/x-www-form-urlencoded"
            properties = {it["name"]: shape(it) for it in form}
            bodies[kind] = {"type": "object", "properties": properties,
                            "required": [it["name"] for it in form if it.get("required")]}
            required = True
        for (place, _), it in found.items():
            if place == "body":
                consumes = node.get("consumes") or self.tree.get("consumes") or ["application/json"]
                bodies, required = {kind: it.get("schema", {}) for kind in consumes}, it.get("required", False)
        if "requestBody" in node:
            body = self.resolved(node["requestBody"])
            required = body.get("required", False)
            content = self.resolved(body.get("content") or {})
            bodies = {kind: self.resolved(it or {}).get("schema", {}) for kind, it in content.items()}
        parameters = [self.parameter(it) for (place, _), it in found.items() if place not in ("body", "formData")]
        security = node.get("security", self.tree.get("security") or [])
        return Operation(method.upper(), path, parameters, bodies, required, security)

    def parameter(self, node):
        schema, is_json = node.get("schema"), False
        style, explode = node.get("style"), node.get("explode")
        if schema is None and node.get("content"):
            schema, is_json = next(iter(node["content"].values())).get("schema", {}), True
        if schema is None:
            schema, style = shape(node), node.get("collectionFormat", "csv")
        return Parameter(node["in"], node["name"], node.get("required", False), schema, style, explode, is_json)

    def cut(self, calls):
        """The document with nothing but the operations of these calls, unless references lead into the others."""
        if '"#/paths/' in json.dumps(self.tree):
            return self.tree
        wanted, paths = {}, {}
        for call in calls:
            wanted.setdefault(call["path"], set()).add(call["method"].lower())
        for path, methods in wanted.items():
            item = self.resolved(self.tree["paths"][path])
            paths[path] = {key: value for key, value in item.items() if key not in METHODS or key in methods}
        return self.tree | {"paths": paths}

    def kind_of(self, scheme):
        """How a credential of this scheme is given: key, basic, bearer or nothing that both clients know."""
        node = self.resolved(self.schemes.get(scheme, {}))
        match node.get("type"), (node.get("scheme") or "").lower():
            case "apiKey", _:
                return "key" if node.get("in") in ("header", "query") else None
            case "basic", _:
                return "basic"
            case "http", "basic":
                return "basic"
            case "http", "bearer":
                return "bearer"
            case "oauth2" | "openIdConnect", _:
                return "bearer"
        return None

    def server(self, url):
        """A server's URL with the defaults of its variables, as far as the document has it."""
        servers = [self.tree] + [it for item in self.tree.get("paths", {}).values() if isinstance(item, dict)
                                 for it in [item, *item.values()] if isinstance(it, dict)]
        for node in servers:
            for server in node.get("servers") or []:
                if server.get("url", "").rstrip("/") == url:
                    for name, variable in (server.get("variables") or {}).items():
                        url = url.replace("{%s}" % name, str(variable.get("default", "")))
                    return url
        return url


def shape(node):
    return {key: node[key] for key in SHAPE_OF_2 if key in node}
