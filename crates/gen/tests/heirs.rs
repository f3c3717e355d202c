//! Objects that others are made of by `allOf`, distinguished by a discriminator: any of them may stand where the first is
//! asked for.

use rstest::rstest;
use tegata_gen::{Options, Package, generate_from_text};

const OF_3: &str = r##"
openapi: 3.0.3
info: {title: API, version: "1"}
servers: [{url: "https://api.example.com"}]
paths:
  /send:
    post:
      operationId: send
      requestBody:
        required: true
        content: {application/json: {schema: {type: object, properties: {messages: {type: array, items: {$ref: "#/components/schemas/Message"}}}}}}
      responses: {"204": {description: ok}}
components:
  schemas:
    Message:
      type: object
      required: [type]
      properties: {type: {type: string}, sender: {type: string}}
      discriminator: DISCRIMINATOR
    Text: {allOf: [{$ref: "#/components/schemas/Message"}, {type: object, required: [text], properties: {text: {type: string}}}]}
    Picture: {allOf: [{$ref: "#/components/schemas/Message"}, {type: object, properties: {url: {type: string}, bot_token: {type: string}}}]}
    Animated: {allOf: [{$ref: "#/components/schemas/Picture"}, {type: object, properties: {frames: {type: integer}}}]}
"##;

const OF_2: &str = r##"
swagger: "2.0"
info: {title: API, version: "1"}
host: api.example.com
schemes: [https]
paths:
  /send:
    post:
      operationId: send
      parameters: [{name: it, in: body, required: true, schema: {$ref: "#/definitions/Message"}}]
      responses: {"204": {description: ok}}
definitions:
  Message: {type: object, required: [kind], discriminator: kind, properties: {kind: {type: string}, sender: {type: string}}}
  Text: {allOf: [{$ref: "#/definitions/Message"}, {type: object, required: [text], properties: {text: {type: string}}}]}
  Picture: {allOf: [{$ref: "#/definitions/Message"}, {type: object, properties: {url: {type: string}, frames: {type: integer}}}]}
"##;

fn package(text: &str) -> Package {
    generate_from_text("api.yaml", text, &Options::default()).expect("valid")
}

fn words(package: &Package) -> String {
    let client = &package.files["src/generated/client.rs"];
    client.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[rstest]
#[case::of_a_mapping(OF_3.replace("DISCRIMINATOR", "{propertyName: type, mapping: {text: Text, pic: '#/components/schemas/Picture', moving: Animated}}"), "type", ["\"text\"", "\"pic\"", "\"moving\""].as_slice())]
#[case::of_their_names(OF_3.replace("DISCRIMINATOR", "{propertyName: type}"), "type", ["Text {", "Picture {", "Animated {"].as_slice())]
#[case::of_swagger(OF_2.to_owned(), "kind", ["Text {", "Picture {"].as_slice())]
fn each_heir_is_a_variant_with_its_members(
    #[case] text: String,
    #[case] mark: &str,
    #[case] marks: &[&str],
) {
    let client = words(&package(&text));
    assert!(
        client.contains(&format!("#[serde(tag = \"{mark}\"")),
        "{client}"
    );
    assert!(client.contains("pub enum MessageKind"), "{client}");
    for mark in marks {
        assert!(client.contains(mark), "{mark}: {client}");
    }
    for member in ["text:", "url:", "frames:"] {
        assert!(client.contains(member), "{member}: {client}");
    }
}

#[test]
fn what_has_another_mark_is_the_object_itself() {
    let client = words(&package(OF_2));
    let message = "pub enum Message { Kind(MessageKind), Other(MessageOther), }";
    assert!(client.contains(message), "{client}");
}

#[test]
fn secrets_of_heirs_do_not_print() {
    let text = OF_3.replace("DISCRIMINATOR", "{propertyName: type}");
    let client = words(&package(&text));
    assert!(
        client.contains("bot_token: ::std::option::Option<::tegata::Secret>"),
        "{client}"
    );
}

#[rstest]
#[case::without_heirs(
    "{propertyName: type, mapping: {}}",
    "allOf: [{$ref: \"#/components/schemas/Message\"}",
    "x-all: [{}"
)]
#[case::leading_nowhere(
    "{propertyName: type, mapping: {a: Nothing}}",
    "allOf: [{$ref: \"#/components/schemas/Message\"}",
    "x-all: [{}"
)]
#[case::no_discriminator("[1]", "", "")]
fn without_heirs_it_is_an_object(
    #[case] discriminator: &str,
    #[case] from: &str,
    #[case] to: &str,
) {
    let text = OF_3.replace("DISCRIMINATOR", discriminator);
    let text = if from.is_empty() {
        text
    } else {
        text.replace(from, to)
    };
    let client = words(&package(&text));
    assert!(client.contains("pub struct Message {"), "{client}");
}
