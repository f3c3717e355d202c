//! Which schema or operation the encoder fails on: the last of the shortest beginning that fails.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::lower::METHODS;

/// After so many, the document is beyond help.
const MOST: usize = 40;

/// No further part is looked for after this time.
const LONGEST: Duration = Duration::from_secs(300);

/// What was left out so that the rest could be encoded.
#[derive(Debug, Default)]
pub struct Blamed {
    /// Schemas that stand for any JSON now, each with what the encoder said.
    pub schemas: Vec<(String, String)>,
    /// Operations by path and method, each with what the encoder said.
    pub operations: Vec<(String, String, String)>,
}

/// The code of the document without what the encoder fails on.
pub(crate) fn around(
    encode: impl Fn(&Json) -> Result<String, String>,
    document: &mut Json,
) -> Result<(String, Blamed), String> {
    let mut blamed = Blamed::default();
    let started = Instant::now();
    loop {
        let said = match encode(document) {
            Ok(code) => return Ok((code, blamed)),
            Err(said) => said,
        };
        if blamed.schemas.len() + blamed.operations.len() >= MOST || started.elapsed() > LONGEST {
            return Err(said);
        }
        if let Err(said) = encode(&with_operations(document, &[])) {
            let names = schemas(document);
            let fails = |count: usize| encode(&with_schemas(document, &names[..count])).is_err();
            let Some(count) = shortest(names.len(), fails) else {
                return Err(said);
            };
            let name = names[count - 1].clone();
            let said = encode(&with_schemas(document, &names[..count]))
                .err()
                .unwrap_or(said);
            document["components"]["schemas"][&name] = json!({});
            blamed.schemas.push((name, said));
        } else {
            let all = operations(document);
            let fails = |count: usize| encode(&with_operations(document, &all[..count])).is_err();
            let Some(count) = shortest(all.len(), fails) else {
                return Err(said);
            };
            let (path, method) = all[count - 1].clone();
            let said = encode(&with_operations(document, &all[..count]))
                .err()
                .unwrap_or(said);
            remove(document, &path, &method);
            blamed.operations.push((path, method, said));
        }
    }
}

/// The smallest count that fails, by halving; nothing if all of them do not fail.
fn shortest(whole: usize, mut fails: impl FnMut(usize) -> bool) -> Option<usize> {
    if whole == 0 || !fails(whole) {
        return None;
    }
    let (mut good, mut bad) = (0, whole);
    while bad - good > 1 {
        let middle = good.midpoint(bad);
        if fails(middle) {
            bad = middle;
        } else {
            good = middle;
        }
    }
    Some(bad)
}

fn schemas(document: &Json) -> Vec<String> {
    let schemas = document["components"]["schemas"].as_object();
    schemas
        .into_iter()
        .flat_map(|it| it.keys().cloned())
        .collect()
}

fn operations(document: &Json) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        let members = item.as_object().into_iter().flat_map(|it| it.keys());
        for method in members.filter(|it| METHODS.contains(&it.as_str())) {
            all.push((path.clone(), method.clone()));
        }
    }
    all
}

/// No operations, and all schemas but these stand for any JSON.
fn with_schemas(document: &Json, names: &[String]) -> Json {
    let mut part = with_operations(document, &[]);
    let kept: std::collections::HashSet<&String> = names.iter().collect();
    for (name, schema) in part["components"]["schemas"]
        .as_object_mut()
        .into_iter()
        .flatten()
    {
        if !kept.contains(name) {
            *schema = json!({});
        }
    }
    part
}

fn with_operations(document: &Json, kept: &[(String, String)]) -> Json {
    let mut paths = json!({});
    for (path, method) in kept {
        if paths.get(path).is_none() {
            let mut item = document["paths"][path].clone();
            if let Some(item) = item.as_object_mut() {
                item.retain(|key, _| !METHODS.contains(&key.as_str()));
            }
            paths[path] = item;
        }
        paths[path][method] = document["paths"][path][method].clone();
    }
    json!({
        "openapi": document["openapi"],
        "info": document["info"],
        "components": document["components"],
        "paths": paths,
    })
}

pub(crate) fn remove(document: &mut Json, path: &str, method: &str) {
    if let Some(item) = document["paths"][path].as_object_mut() {
        item.remove(method);
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::Encoder;

    #[rstest]
    #[case(10, 1)]
    #[case(10, 7)]
    #[case(10, 10)]
    #[case(1, 1)]
    fn the_first_that_fails_is_found_in_few_tries(#[case] whole: usize, #[case] culprit: usize) {
        let mut tries = 0;
        let found = shortest(whole, |count| {
            tries += 1;
            count >= culprit
        });
        assert_eq!(found, Some(culprit));
        assert!(tries <= 5, "{tries}");
    }

    fn document(paths: &Json, schemas: &Json) -> Json {
        json!({
            "openapi": "3.0.3", "info": {"title": "t", "version": "1"},
            "paths": paths, "components": {"schemas": schemas},
        })
    }

    #[test]
    fn an_operation_that_fails_costs_only_itself() {
        let good = |id: &str| json!({"operationId": id, "responses": {}});
        let bad = json!({"operationId": "b", "responses": {"200": {"description": "", "content": {"application/json": {}}}}});
        let paths = json!({"/a": {"get": good("a"), "put": bad}, "/c": {"get": good("c")}});
        let mut document = document(&paths, &json!({}));
        let (code, blamed) = around(|it| Encoder::Here.encode(it), &mut document).unwrap();
        assert!(
            code.contains("fn a ") && code.contains("fn c ") && !code.contains("fn b "),
            "{code}"
        );
        let names: Vec<_> = blamed
            .operations
            .iter()
            .map(|(path, method, _)| (path.as_str(), method.as_str()))
            .collect();
        assert_eq!((names, blamed.schemas.len()), (vec![("/a", "put")], 0));
    }

    #[test]
    fn what_the_operations_of_a_path_share_stays_with_each() {
        let shared =
            json!([{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}]);
        let good = json!({"operationId": "a", "responses": {}});
        let bad = json!({"operationId": "b", "responses": {"200": {"description": "", "content": {"application/json": {}}}}});
        let paths = json!({"/{id}": {"parameters": shared, "get": good, "put": bad}});
        let mut document = document(&paths, &json!({}));
        let (_, blamed) = around(|it| Encoder::Here.encode(it), &mut document).unwrap();
        let methods: Vec<_> = blamed.operations.iter().map(|it| it.1.as_str()).collect();
        assert_eq!(methods, ["put"]);
    }

    #[test]
    fn a_schema_that_fails_becomes_any_json() {
        let schemas = json!({
            "Good": {"type": "object", "properties": {"bad": {"$ref": "#/components/schemas/Order"}}},
            "Order": {"type": "string", "enum": ["ASC", "asc"]},
        });
        let mut document = document(&json!({}), &schemas);
        let (code, blamed) = around(|it| Encoder::Here.encode(it), &mut document).unwrap();
        assert!(code.contains("struct Good"), "{code}");
        assert_eq!(
            blamed
                .schemas
                .iter()
                .map(|it| it.0.as_str())
                .collect::<Vec<_>>(),
            ["Order"]
        );
        assert!(blamed.schemas[0].1.contains("unique variant"), "{blamed:?}");
    }
}
