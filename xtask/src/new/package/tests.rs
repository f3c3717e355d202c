//! The tests of a crate: its client against the cases of its provider.

use std::fmt::Write as _;

use tegata_gen::{CredentialPlace, Outline};

/// The client, driven through the cases that were made of the document.
pub(super) fn cases(name: &str, outline: &Outline) -> String {
    let library = format!("tegata_{}", name.replace('-', "_"));
    let (start, other) = match outline.base_url {
        Some(_) => ("Client::builder()", ".base_url(given.base_url)"),
        None => ("Client::builder(given.base_url)", ""),
    };
    let (mut of_key, mut of_token) = (String::new(), String::new());
    for scheme in &outline.schemes {
        let method = &scheme.method;
        let _ = match (&scheme.access_token, &scheme.place) {
            (Some(method), _) => write!(of_token, ".{method}(token)"),
            (None, CredentialPlace::Bearer) => write!(of_token, ".{method}(token)"),
            (None, CredentialPlace::Basic) => write!(of_key, ".{method}(\"user\", key)"),
            (None, _) => write!(of_key, ".{method}(key)"),
        };
    }
    let given = |field: &str, name: &str, methods: &str| match methods {
        "" => String::new(),
        methods => {
            format!(
                "if let Some({name}) = given.{field}.as_deref() {{\nbuilder = builder{methods};\n}}\n"
            )
        }
    };
    let key = given("key", "key", &of_key);
    let token = given("access_token", "token", &of_token);
    let mutable = if key.is_empty() && token.is_empty() {
        ""
    } else {
        "mut "
    };
    format!(
        "//! The client against the cases of its provider: conformance/suite/cases/{name}.\n\n\
         use {library}::Client;\nuse {library}::api::security::PROVIDER;\n\
         use tegata_clients::ours::made::failures;\n\n\
         #[test]\nfn the_client_passes_its_cases() {{\n\
         let failed = failures(\"{name}\", &PROVIDER, |given| {{\n\
         let {mutable}builder = {start}{other}.settings(given.settings);\n\
         {key}{token}\
         Ok(builder.build()?.shared().clone())\n\
         }});\n\
         assert_eq!(failed, Ok(Vec::new()));\n}}\n"
    )
}
