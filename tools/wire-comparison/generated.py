"""What the code of a generated crate says of its methods. Read as text: it always has the same layout."""

import json
import re


class Crate:
    """Its methods by the operation, and its builder."""

    def __init__(self, folder):
        generated = folder / "src" / "generated"
        operations = (generated / "operations.rs").read_text()
        client = (generated / "client.rs").read_text()
        self.builder = (generated / "builder.rs").read_text()
        security = (generated / "security.rs").read_text()
        self.renamed = renamed(generated)
        self.methods, self.takes_url = {}, "pub fn builder(base_url" in self.builder
        table = re.findall(r'id: "([^"]+)",\s*method: "(\w+)",\s*path: "([^"]*)"', security)
        bodies = dict(re.findall(r"pub async fn (\w+)<\s*'a.*?>\((.*?)\n    }\n", client, re.S))
        groups = re.split(r"\nimpl (\w+) \{", operations)
        servers = re.findall(r"/// The operations on the server `([^`]*)`\.\n#\[derive[^\n]*\npub struct (\w+)", operations)
        servers = {group: url for url, group in servers}
        signatures = {}
        for group, text in zip(groups[1::2], groups[2::2]):
            for name, kinds in re.findall(r"pub async fn (\w+)(?:<[^(]*>)?\(\s*&self,?(.*?)\) -> Result<", text, re.S):
                signatures[name] = (group, arguments(kinds))
        for name, method, path in table:
            if name in signatures:
                group, kinds = signatures[name]
                sent = Sent(bodies.get(name, ""), path, self.renamed.get(name, {}))
                key = (method, re.sub(r"\{[^}]*\}", "{}", path))
                self.methods.setdefault(key, (name, group, servers.get(group, ""), kinds, sent))

    def scheme(self, name):
        """The builder's methods with a credential that stays the same, by the scheme's name in the document."""
        for found in re.finditer(r"((?:    ///[^\n]*\n)+)    pub fn (\w+)\(([^)]*)\)", self.builder):
            doc, method, kinds = found.groups()
            if f"`{name}`" in doc and "Tokens" not in kinds:
                return method, kinds.count(": impl")
        return None


class Sent:
    """Under which names a method sends its arguments."""

    def __init__(self, body, path, renamed):
        plain = lambda it: it.removeprefix("r#")
        wire = lambda it: renamed.get(it, it)
        query = re.findall(r'QueryParam::new\(\s*"((?:[^"\\]|\\.)*)",\s*&\s*([\w#]+)', body)
        self.query = {plain(ident): wire(json.loads(f'"{name}"')) for name, ident in query}
        self.path = [plain(it) for it in re.findall(r"encode_path\(\s*&\s*([\w#]+)", body)]
        append = r'header_map\s*\.append\(\s*"([^"]+)"'
        optional = re.findall(r"if let Some\(value\) = ([\w#]+) \{\s*" + append, body)
        required = re.findall(append + r",\s*(?!value\b)([\w#]+)\.to_string", body)
        headers = optional + [(ident, name) for name, ident in required]
        self.headers = {plain(ident): wire(name) for ident, name in headers}


def renamed(generated):
    text = (generated / "wire.rs").read_text() if (generated / "wire.rs").exists() else ""
    found = {}
    for names, block in re.findall(r'((?:"\w+"\s*\|?\s*)+)=> \{\s*Wire \{(.*?)\n            \}', text, re.S):
        pairs = re.search(r"renamed: &\[(.*?)\],\n", block, re.S)
        pairs = re.findall(r'\(\s*"([^"]+)",\s*"([^"]+)",?\s*\)', pairs.group(1)) if pairs else []
        for name in re.findall(r'"(\w+)"', names):
            found[name] = dict(pairs)
    return found


def arguments(text):
    """Names with their types; commas within `<…>` belong to a type."""
    found, depth, part = [], 0, ""
    for character in text + ",":
        depth += {"<": 1, "(": 1, ">": -1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            name, _, kind = part.partition(":")
            if kind:
                found.append((name.strip(), " ".join(kind.split())))
            part = ""
        else:
            part += character
    return found
