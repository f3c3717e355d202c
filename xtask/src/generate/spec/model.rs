//! The objects of OpenAPI 3.0.3: their keys, and the kinds of their values.

/// The kind of value that a key may have.
pub(super) enum Shape {
    /// Free: examples, defaults, enumerated values.
    Any,
    Text,
    Flag,
    Number,
    /// A whole number, not negative.
    Whole,
    List(&'static Shape),
    Map(&'static Shape),
    Object(&'static Object),
    /// The object, or a reference to a component of its kind.
    Ref(&'static Object),
    /// `true`, `false` or the object.
    FlagOr(&'static Object),
    /// Known to OpenAPI, not to the generator; the text says what to do instead.
    Refused(&'static str),
}

/// One kind of object.
pub(super) struct Object {
    /// Its name in messages.
    pub(super) name: &'static str,
    /// The section of `components` that references to it name.
    pub(super) section: &'static str,
    pub(super) keys: &'static [(&'static str, Shape)],
    pub(super) required: &'static [&'static str],
    /// Our own extensions; their readers check the values.
    pub(super) ours: &'static [&'static str],
}

const EVIDENCE: &[&str] = &["x-tegata-evidence"];
const TEXTS: Shape = Shape::List(&Shape::Text);
const SECURITY: Shape = Shape::List(&Shape::Map(&TEXTS));
const SERVERS: Shape = Shape::List(&Shape::Object(&SERVER));
const EXAMPLES: Shape = Shape::Map(&Shape::Ref(&EXAMPLE));
const CONTENT: Shape = Shape::Map(&Shape::Object(&MEDIA_TYPE));
const NO_CALLBACKS: Shape = Shape::Refused("leave it out: a client receives no callbacks");
const NO_LINKS: Shape = Shape::Refused("leave it out: the generated client follows no links");
const NO_ENCODING: Shape =
    Shape::Refused("leave it out: form fields are encoded in the default way, scalars only");

pub(super) static ROOT: Object = Object {
    name: "the document",
    section: "",
    keys: &[
        ("openapi", Shape::Text),
        ("info", Shape::Object(&INFO)),
        ("servers", SERVERS),
        ("paths", Shape::Map(&Shape::Object(&PATH_ITEM))),
        ("components", Shape::Object(&COMPONENTS)),
        ("security", SECURITY),
        ("tags", Shape::List(&Shape::Object(&TAG))),
        ("externalDocs", Shape::Object(&EXTERNAL_DOCS)),
    ],
    required: &["openapi", "info", "paths"],
    ours: &[
        "x-tegata-sources",
        "x-tegata-security-evidence",
        "x-tegata-refusal",
        "x-tegata-lifetimes",
    ],
};

static INFO: Object = Object {
    name: "info",
    section: "",
    keys: &[
        ("title", Shape::Text),
        ("description", Shape::Text),
        ("termsOfService", Shape::Text),
        ("contact", Shape::Object(&CONTACT)),
        ("license", Shape::Object(&LICENSE)),
        ("version", Shape::Text),
    ],
    required: &["title", "version"],
    ours: EVIDENCE,
};

static CONTACT: Object = Object {
    name: "a contact",
    section: "",
    keys: &[
        ("name", Shape::Text),
        ("url", Shape::Text),
        ("email", Shape::Text),
    ],
    required: &[],
    ours: &[],
};

static LICENSE: Object = Object {
    name: "a licence",
    section: "",
    keys: &[("name", Shape::Text), ("url", Shape::Text)],
    required: &["name"],
    ours: &[],
};

static SERVER: Object = Object {
    name: "a server",
    section: "",
    keys: &[
        ("url", Shape::Text),
        ("description", Shape::Text),
        ("variables", Shape::Map(&Shape::Object(&SERVER_VARIABLE))),
    ],
    required: &["url"],
    ours: &["x-tegata-evidence", "x-tegata-name"],
};

static SERVER_VARIABLE: Object = Object {
    name: "a server variable",
    section: "",
    keys: &[
        ("enum", TEXTS),
        ("default", Shape::Text),
        ("description", Shape::Text),
    ],
    required: &["default"],
    ours: &[],
};

static COMPONENTS: Object = Object {
    name: "components",
    section: "",
    keys: &[
        ("schemas", Shape::Map(&Shape::Ref(&SCHEMA))),
        ("responses", Shape::Map(&Shape::Ref(&RESPONSE))),
        ("parameters", Shape::Map(&Shape::Ref(&PARAMETER))),
        ("examples", EXAMPLES),
        ("requestBodies", Shape::Map(&Shape::Ref(&REQUEST_BODY))),
        ("headers", Shape::Map(&Shape::Ref(&HEADER))),
        ("securitySchemes", Shape::Map(&Shape::Ref(&SECURITY_SCHEME))),
        ("links", NO_LINKS),
        ("callbacks", NO_CALLBACKS),
    ],
    required: &[],
    ours: &[],
};

static PATH_ITEM: Object = Object {
    name: "a path",
    section: "",
    keys: &[
        (
            "$ref",
            Shape::Refused("write the operations of this path here"),
        ),
        ("summary", Shape::Text),
        ("description", Shape::Text),
        ("get", Shape::Object(&OPERATION)),
        ("put", Shape::Object(&OPERATION)),
        ("post", Shape::Object(&OPERATION)),
        ("delete", Shape::Object(&OPERATION)),
        ("options", Shape::Object(&OPERATION)),
        ("head", Shape::Object(&OPERATION)),
        ("patch", Shape::Object(&OPERATION)),
        ("trace", Shape::Object(&OPERATION)),
        ("servers", SERVERS),
        ("parameters", Shape::List(&Shape::Ref(&PARAMETER))),
    ],
    required: &[],
    ours: &[],
};

static OPERATION: Object = Object {
    name: "an operation",
    section: "",
    keys: &[
        ("tags", TEXTS),
        ("summary", Shape::Text),
        ("description", Shape::Text),
        ("externalDocs", Shape::Object(&EXTERNAL_DOCS)),
        ("operationId", Shape::Text),
        ("parameters", Shape::List(&Shape::Ref(&PARAMETER))),
        ("requestBody", Shape::Ref(&REQUEST_BODY)),
        ("responses", Shape::Map(&Shape::Ref(&RESPONSE))),
        ("callbacks", NO_CALLBACKS),
        ("deprecated", Shape::Flag),
        ("security", SECURITY),
        ("servers", SERVERS),
    ],
    required: &["operationId", "responses"],
    ours: &["x-tegata-evidence", "x-tegata-browser-only"],
};

static EXTERNAL_DOCS: Object = Object {
    name: "external documentation",
    section: "",
    keys: &[("description", Shape::Text), ("url", Shape::Text)],
    required: &["url"],
    ours: &[],
};

static PARAMETER: Object = Object {
    name: "a parameter",
    section: "parameters",
    keys: &[
        ("name", Shape::Text),
        ("in", Shape::Text),
        ("description", Shape::Text),
        ("required", Shape::Flag),
        ("deprecated", Shape::Flag),
        ("allowEmptyValue", Shape::Flag),
        ("style", Shape::Text),
        ("explode", Shape::Flag),
        ("allowReserved", Shape::Flag),
        ("schema", Shape::Ref(&SCHEMA)),
        ("example", Shape::Any),
        ("examples", EXAMPLES),
        (
            "content",
            Shape::Refused("describe the parameter with `schema`"),
        ),
    ],
    required: &["name", "in", "schema"],
    ours: EVIDENCE,
};

static REQUEST_BODY: Object = Object {
    name: "a request body",
    section: "requestBodies",
    keys: &[
        ("description", Shape::Text),
        ("content", CONTENT),
        ("required", Shape::Flag),
    ],
    required: &["content"],
    ours: EVIDENCE,
};

static MEDIA_TYPE: Object = Object {
    name: "a media type",
    section: "",
    keys: &[
        ("schema", Shape::Ref(&SCHEMA)),
        ("example", Shape::Any),
        ("examples", EXAMPLES),
        ("encoding", NO_ENCODING),
    ],
    required: &[],
    ours: &[],
};

static RESPONSE: Object = Object {
    name: "a response",
    section: "responses",
    keys: &[
        ("description", Shape::Text),
        ("headers", Shape::Map(&Shape::Ref(&HEADER))),
        ("content", CONTENT),
        ("links", NO_LINKS),
    ],
    required: &["description"],
    ours: EVIDENCE,
};

static EXAMPLE: Object = Object {
    name: "an example",
    section: "examples",
    keys: &[
        ("summary", Shape::Text),
        ("description", Shape::Text),
        ("value", Shape::Any),
        ("externalValue", Shape::Text),
    ],
    required: &[],
    ours: &[],
};

static HEADER: Object = Object {
    name: "a header",
    section: "headers",
    keys: &[
        ("description", Shape::Text),
        ("required", Shape::Flag),
        ("deprecated", Shape::Flag),
        ("allowEmptyValue", Shape::Flag),
        ("style", Shape::Text),
        ("explode", Shape::Flag),
        ("allowReserved", Shape::Flag),
        ("schema", Shape::Ref(&SCHEMA)),
        ("example", Shape::Any),
        ("examples", EXAMPLES),
        (
            "content",
            Shape::Refused("describe the header with `schema`"),
        ),
    ],
    required: &[],
    ours: &[],
};

static TAG: Object = Object {
    name: "a tag",
    section: "",
    keys: &[
        ("name", Shape::Text),
        ("description", Shape::Text),
        ("externalDocs", Shape::Object(&EXTERNAL_DOCS)),
    ],
    required: &["name"],
    ours: &[],
};

static SCHEMA: Object = Object {
    name: "a schema",
    section: "schemas",
    keys: &[
        ("title", Shape::Text),
        ("multipleOf", Shape::Number),
        ("maximum", Shape::Number),
        ("exclusiveMaximum", Shape::Flag),
        ("minimum", Shape::Number),
        ("exclusiveMinimum", Shape::Flag),
        ("maxLength", Shape::Whole),
        ("minLength", Shape::Whole),
        ("pattern", Shape::Text),
        ("maxItems", Shape::Whole),
        ("minItems", Shape::Whole),
        ("uniqueItems", Shape::Flag),
        ("maxProperties", Shape::Whole),
        ("minProperties", Shape::Whole),
        ("required", TEXTS),
        ("enum", Shape::List(&Shape::Any)),
        ("type", Shape::Text),
        ("allOf", Shape::List(&Shape::Ref(&SCHEMA))),
        ("oneOf", Shape::List(&Shape::Ref(&SCHEMA))),
        ("anyOf", Shape::List(&Shape::Ref(&SCHEMA))),
        ("not", Shape::Ref(&SCHEMA)),
        ("items", Shape::Ref(&SCHEMA)),
        ("properties", Shape::Map(&Shape::Ref(&SCHEMA))),
        ("additionalProperties", Shape::FlagOr(&SCHEMA)),
        ("description", Shape::Text),
        ("format", Shape::Text),
        ("default", Shape::Any),
        ("nullable", Shape::Flag),
        ("discriminator", Shape::Object(&DISCRIMINATOR)),
        ("readOnly", Shape::Flag),
        ("writeOnly", Shape::Flag),
        ("xml", Shape::Refused("leave it out: no body is XML")),
        ("externalDocs", Shape::Object(&EXTERNAL_DOCS)),
        ("example", Shape::Any),
        ("deprecated", Shape::Flag),
    ],
    required: &[],
    ours: &[
        "x-tegata-evidence",
        "x-tegata-property-evidence",
        "x-tegata-names",
        "x-tegata-token-answer",
    ],
};

static DISCRIMINATOR: Object = Object {
    name: "a discriminator",
    section: "",
    keys: &[
        ("propertyName", Shape::Text),
        ("mapping", Shape::Map(&Shape::Text)),
    ],
    required: &["propertyName"],
    ours: &[],
};

static SECURITY_SCHEME: Object = Object {
    name: "a security scheme",
    section: "securitySchemes",
    keys: &[
        ("type", Shape::Text),
        ("description", Shape::Text),
        ("name", Shape::Text),
        ("in", Shape::Text),
        ("scheme", Shape::Text),
        ("bearerFormat", Shape::Text),
        ("flows", Shape::Object(&FLOWS)),
        ("openIdConnectUrl", Shape::Text),
    ],
    required: &["type"],
    ours: &[
        "x-tegata-evidence",
        "x-tegata-deprecated",
        "x-tegata-issued-by",
    ],
};

static FLOWS: Object = Object {
    name: "the flows",
    section: "",
    keys: &[
        ("implicit", Shape::Object(&FLOW)),
        ("password", Shape::Object(&FLOW)),
        ("clientCredentials", Shape::Object(&FLOW)),
        ("authorizationCode", Shape::Object(&FLOW)),
    ],
    required: &[],
    ours: &[],
};

static FLOW: Object = Object {
    name: "a flow",
    section: "",
    keys: &[
        ("authorizationUrl", Shape::Text),
        ("tokenUrl", Shape::Text),
        ("refreshUrl", Shape::Text),
        ("scopes", Shape::Map(&Shape::Text)),
    ],
    required: &["scopes"],
    ours: &[],
};
