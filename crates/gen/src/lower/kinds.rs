//! The kinds of change that a report counts.

use crate::report::Kind;

macro_rules! kinds {
    ($($name:ident = $id:literal, $what:literal;)*) => {
        $(pub(crate) const $name: Kind = ($id, $what);)*
    };
}

kinds! {
    DUPLICATE_KEY = "duplicate-key", "members that stand twice, of which the last counts";
    KEPT_APART = "kept-apart", "parts that documents describe in several ways under one name: the further ones have another";
    SAME_OPERATION = "same-operation", "operations that stand in several documents: one method";
    ERROR_TYPES = "error-types", "answers of errors that are no JSON: they come as errors with their status";
    DEFAULT_SUCCESS = "default-success", "answers called `default` taken for the success";
    SEVERAL_SUCCESSES = "several-successes", "several types of success";
    MAYBE_EMPTY = "maybe-empty", "successes that come with and without content: they are optional";
    OTHER_ANSWERS = "other-answers", "further content types of answers that are not asked for";
    OTHER_BODIES = "other-bodies", "further content types of bodies that cannot be chosen";
    NO_BODY_SCHEMA = "body-schema", "bodies or answers without a schema, taken for any JSON";
    OPTIONAL_BODY = "optional-body", "bodies that may be left out, but have to be given";
    ENCODING = "encoding", "encodings of parts of a body that are not applied";
    TYPES = "mixed-types", "schemas of several types, taken for any JSON";
    ENUM_VALUES = "enum-values", "enum values of another type than their schema's, read as text";
    ENUM_NAMES = "enum-names", "enums of which two values make one name: they are texts";
    TEXT_UNION = "text-union", "unions of texts and enums: they are texts";
    ENUM_NUMBERS = "enum-numbers", "enums of numbers or truth values, of which any is taken";
    FORMAT = "format", "formats that are texts or numbers without a type of their own";
    LIMITS = "limits", "limits and patterns that the server checks alone";
    DEFAULTS = "defaults", "defaults that the server applies: nothing is sent for what is left out";
    FIELDS = "fields", "properties whose name in Rust another one has: they are in `extra`";
    REQUIRED = "required", "required properties that no schema describes";
    REFERENCE = "reference", "references that lead nowhere, taken for any JSON";
    FALSE_SCHEMA = "false-schema", "schemas that nothing fits, taken for any JSON";
    UNION = "union", "unions without a mark of the variant: the first that fits is taken";
    UNION_MERGED = "union-merged", "unions beside properties: the members of all variants are optional";
    HEIRS = "heirs", "objects that others are made of, and that no mark tells apart: their own members alone are taken";
    UNION_ANY = "union-any", "unions that nothing distinguishes, taken for any JSON";
    CONFLICT = "conflict", "properties that parts of a schema describe in two ways, taken for any JSON";
    KEYWORDS = "keywords", "words of JSON Schema that are not applied";
    RENAMED = "renamed", "types with another name than their schema";
    SCHEMA_REFUSED = "schema-refused", "schemas that the encoder fails on, taken for any JSON";
    OPERATION_ID = "operation-id", "operations with a missing, doubled or reserved operationId";
    UNDECLARED = "undeclared-parameter", "path parameters that nothing declares, taken for texts";
    OPTIONAL_PATH = "optional-path-parameter", "path parameters that are said to be optional";
    UNUSED_PATH = "unused-path-parameter", "path parameters that the path lacks";
    PARAMETER_NAME = "parameter-name", "parameters of which two make one name: the second has a longer one";
    PARAMETER_TEXT = "parameter-text", "parameters whose value is written by the caller, as text";
    PARAMETER_SPLIT = "parameter-split", "objects as query parameters, of which each member is one";
    PARAMETER_LEFT_OUT = "parameter-left-out", "optional parameters that cannot be sent";
    PARAMETER_MANAGED = "parameter-managed", "parameters that the client sets itself, such as credentials";
    SERVER = "server", "operations on another server: a group of their own";
    SECURITY_UNKNOWN = "security-unknown", "security requirements whose scheme cannot be attached: not used";
    SECURITY_PLACE = "security-place", "security requirements that want two credentials in one place: not used";
    SECURITY_REFUSED = "security-refused", "operations that take only what cannot be attached: their calls fail, and say so";
    WEBHOOKS = "webhooks", "webhooks and callbacks, which are for servers";
    PATH_ITEM = "path-item", "paths that cannot be read";
}
