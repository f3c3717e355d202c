"""Values that a schema takes, made by chance from a seed."""

import re

import patterns

TEXTS = ["plain", "two words", "a/b", "50%", "x&y=z", "a+b", "Käse", "雪", "q?r#s", "a,b", "(x)", "it's", "~-._",
         'say "hi"', "a;b:c@d"]
IN_HEADERS = ["plain", "two words", "50%", "x=1;y"]
FORMATS = {
    "date": "2026-11-29", "date-time": "2026-11-29T10:20:30Z", "uuid": "7d9f0a6e-3c2b-4b8f-9d1e-0a1b2c3d4e5f",
    "uri": "https://example.com/a?b=c", "url": "https://example.com/a?b=c", "email": "a@example.com",
    "byte": "aGVsbG8=", "ipv4": "192.0.2.1", "ipv6": "2001:db8::1", "hostname": "example.com", "time": "10:20:30Z",
    "duration": "P1D", "uri-reference": "/a",
}
DEEPEST = 4


class NoValue(Exception):
    """The schema asks for something that is not made here."""


class Values:
    def __init__(self, document, chance):
        self.document = document
        self.chance = chance

    def of(self, schema, depth=0, texts=TEXTS):
        schema = self.document.resolved(schema)
        if not isinstance(schema, dict):
            return "plain"
        if "const" in schema:
            return schema["const"]
        choices = [it for it in schema.get("enum") or [] if it is not None]
        if choices:
            return self.chance.choice(choices)
        for word in ("allOf", "oneOf", "anyOf"):
            if schema.get(word):
                return self.combined(word, schema, depth, texts)
        discriminator = schema.get("discriminator")
        if isinstance(discriminator, dict) and discriminator.get("mapping"):
            return self.heir(discriminator, depth, texts)
        return self.of_type(self.type_of(schema), schema, depth, texts)

    def heir(self, discriminator, depth, texts):
        """A schema with a discriminator and no variants of its own stands for those that are made of it."""
        if depth > DEEPEST + 4:
            raise NoValue("a union too deep")
        mark, target = self.chance.choice(list(discriminator["mapping"].items()))
        target = target if "/" in target else f"#/components/schemas/{target}"
        variant = self.document.resolved({"$ref": target})
        variant = self.merged(variant) if variant.get("allOf") else variant
        whole = {key: value for key, value in variant.items() if key != "discriminator"}
        return self.of(whole, depth + 1, texts) | {discriminator["propertyName"]: mark}

    def type_of(self, schema):
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = next((it for it in kind if it != "null"), None)
        if kind is None:
            kind = "object" if "properties" in schema else "array" if "items" in schema else "string"
        return kind

    def of_type(self, kind, schema, depth, texts):
        match kind:
            case "string":
                return self.text(schema, texts)
            case "boolean":
                return self.chance.random() < 0.5
            case "integer":
                return self.number(schema, 1)
            case "number":
                return self.number(schema, 0.5)
            case "array":
                least = max(schema.get("minItems") or 0, 1)
                count = min(least + self.chance.randrange(2), schema.get("maxItems") or 99)
                if depth > DEEPEST:
                    return [] if not schema.get("minItems") else no("a list too deep")
                return [self.of(schema.get("items") or {}, depth + 1, texts) for _ in range(count)]
            case "object":
                return self.members(schema, depth, texts)
        raise NoValue(f"the type {kind}")

    def members(self, schema, depth, texts):
        properties, required = schema.get("properties") or {}, schema.get("required") or []
        found = {}
        for name, property in properties.items():
            is_required = name in required
            if not is_required and (depth >= DEEPEST or self.chance.random() > 0.5):
                continue
            property = self.document.resolved(property)
            if isinstance(property, dict) and property.get("readOnly") and not is_required:
                continue
            try:
                found[name] = self.of(property, depth + 1, texts)
            except NoValue:
                if is_required:
                    raise
        if not properties and depth < DEEPEST:
            further = schema.get("additionalProperties")
            found["key"] = self.of(further, depth + 1, texts) if isinstance(further, dict) and further else "plain"
        if depth > DEEPEST + 4:
            raise NoValue("an object too deep")
        return found

    def combined(self, word, schema, depth, texts):
        if depth > DEEPEST + 4:
            raise NoValue("a union too deep")
        if word == "allOf":
            return self.of(self.merged(schema), depth + 1, texts)
        variants = [self.document.resolved(it) for it in schema[word]]
        variants = [it for it in variants if isinstance(it, dict) and it.get("type") != "null"]
        if not variants:
            raise NoValue("a union of nothing")
        value = self.of(variants[0], depth + 1, texts)
        if schema.get("properties") and isinstance(value, dict):
            value |= self.members(schema, depth, texts)
        discriminator = schema.get("discriminator")
        if isinstance(discriminator, dict) and isinstance(value, dict):
            name = discriminator["propertyName"]
            mark = self.mark(discriminator, schema[word][0])
            # Without a mapping it is the schema's name, if the schema itself does not say otherwise.
            if mark is not None or name not in value:
                value[name] = mark if mark is not None else schema[word][0].get("$ref", "").rsplit("/", 1)[-1]
        return value

    def mark(self, discriminator, variant):
        reference = variant.get("$ref", "")
        for mark, other in (discriminator.get("mapping") or {}).items():
            if other == reference or reference.endswith("/" + other):
                return mark
        return None

    def merged(self, schema):
        """One schema of all that stand under `allOf`."""
        whole = {key: value for key, value in schema.items() if key != "allOf"}
        for part in schema["allOf"]:
            part = self.document.resolved(part)
            if not isinstance(part, dict):
                continue
            if part.get("allOf"):
                part = self.merged(part)
            for key, value in part.items():
                if key == "properties":
                    whole[key] = {**value, **(whole.get(key) or {})}
                elif key == "required":
                    whole[key] = [*(whole.get(key) or []), *value]
                else:
                    whole.setdefault(key, value)
        return whole

    def text(self, schema, texts):
        kind = schema.get("format")
        if kind == "binary":
            raise NoValue("bytes in JSON")
        if schema.get("pattern"):
            return self.of_pattern(schema)
        if kind in FORMATS:
            return FORMATS[kind]
        text = self.chance.choice(texts)
        shortest, longest = schema.get("minLength") or 0, schema.get("maxLength")
        while len(text) < shortest:
            text += "abcdefghij"[: max(1, shortest - len(text))]
        return text[:longest] if longest is not None else text

    def of_pattern(self, schema):
        shortest, longest = schema.get("minLength") or 0, schema.get("maxLength")
        for text in [schema.get("example"), schema.get("default")]:
            try:
                if isinstance(text, str) and re.search(schema["pattern"], text) and shortest <= len(text):
                    return text
            except re.error:
                break
        text = patterns.text_for(schema["pattern"], shortest, longest)
        return text if text is not None else no(f"a text like {schema['pattern']}")

    def number(self, schema, step):
        low, high = schema.get("minimum"), schema.get("maximum")
        low = low if isinstance(low, (int, float)) else None
        high = high if isinstance(high, (int, float)) else None
        value = low if low is not None else min(7, high) if high is not None else 7
        if schema.get("exclusiveMinimum") is True:
            value += step
        if isinstance(schema.get("exclusiveMinimum"), (int, float)) and schema["exclusiveMinimum"] is not True:
            value = schema["exclusiveMinimum"] + step
        multiple = schema.get("multipleOf")
        if multiple:
            value = -(-value // multiple) * multiple
        larger = value + (multiple or 3)
        if (high is None or larger <= high) and self.chance.random() < 0.5:
            value = larger
        return int(value) if step == 1 or value == int(value) else value


def no(what):
    raise NoValue(what)

