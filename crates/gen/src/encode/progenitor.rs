//! progenitor, with the settings of our provider crates.

use openapiv3::OpenAPI;
use progenitor_impl::{GenerationSettings, Generator, HooksMode, InterfaceStyle, TypeImpl};
use quote::quote;
use serde::Deserialize as _;
use serde_json::Value as Json;

use crate::lower::FILE_FORMAT;

/// A schema that becomes a type of ours wherever it is referred to.
#[derive(Clone, Copy, Debug)]
pub struct Replaced {
    /// The name of the schema.
    pub schema: &'static str,
    /// The path of the type. It can be read from a text.
    pub by: &'static str,
    /// Whether it can be shown.
    pub is_shown: bool,
}

/// The code as text, not formatted.
pub(super) fn encode(document: &Json, replaced: &[Replaced]) -> Result<String, String> {
    let spec =
        OpenAPI::deserialize(document).map_err(|error| format!("it is no OpenAPI 3.0: {error}"))?;
    let settings = settings(replaced).map_err(|error| error.to_string())?;
    let tokens = Generator::new(&settings).generate_tokens(&spec);
    Ok(tokens.map_err(|error| error.to_string())?.to_string())
}

fn settings(replaced: &[Replaced]) -> Result<GenerationSettings, serde_json::Error> {
    let mut settings = GenerationSettings::default();
    settings
        .with_interface(InterfaceStyle::Positional)
        // Without an implementation the code must not compile, rather than send no credential.
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote!(::tegata::provider::Transport))
        .with_map_type("::std::collections::BTreeMap")
        .with_conversion(
            serde_json::from_str(r#"{"type": "string", "format": "password"}"#)?,
            "::tegata::Secret",
            [TypeImpl::FromStr].into_iter(),
        )
        .with_conversion(
            serde_json::from_value(serde_json::json!({"type": "string", "format": FILE_FORMAT}))?,
            "::tegata::multipart::Part",
            std::iter::empty(),
        );
    for it in replaced {
        let shown = it.is_shown.then_some(TypeImpl::Display);
        let impls = std::iter::once(TypeImpl::FromStr).chain(shown);
        settings.with_replacement(it.schema, it.by, impls);
    }
    Ok(settings)
}
