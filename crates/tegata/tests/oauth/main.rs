//! OAuth 2.0 for any provider, and the client without generated code, over real HTTP.

mod bound;
mod code;
mod credentials;
mod device;
mod discovery;
mod independent;
mod lifecycle;
mod metadata;
mod provider;
mod wire;

/// What is shown of these things holds no secret: all of them begin with CANARY.
fn secretless(shown: &[&dyn std::fmt::Debug]) {
    let shown = format!("{shown:?} {shown:#?}");
    assert!(!shown.contains("CANARY"), "{shown}");
}

/// The same for an error and its causes.
fn error_is_secretless(error: &tegata::Error) {
    let mut next: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = next {
        let shown = format!("{error} {error:?} {error:#?}");
        assert!(!shown.contains("CANARY"), "{shown}");
        next = error.source();
    }
}
