//! The published schema of reports.

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::Value;

const SCHEMA: &str = include_str!("../../schema/report-1.schema.json");
const NAME: &str = "urn:tegata-conformance:report:1";

fn compiled() -> (Schemas, SchemaIndex) {
    let mut schemas = Schemas::new();
    let mut compiler = Compiler::new();
    let schema: Value = serde_json::from_str(SCHEMA).expect("JSON");
    assert_eq!(schema["$id"], NAME);
    compiler.add_resource(NAME, schema).expect("a schema");
    let index = compiler.compile(NAME, &mut schemas).expect("a schema");
    (schemas, index)
}

/// The errors of a report by the schema.
pub(crate) fn problems(value: &Value) -> Option<String> {
    let (schemas, index) = compiled();
    let problem = schemas.validate(value, index).err();
    problem.map(|error| format!("{error:#}"))
}
