//! The example of a crate: one call, with what the environment gives.

use std::fmt::Write as _;

use super::call::{Call, Credential};
use tegata_gen::OutlinedServer;

pub(super) fn example(name: &str, title: &str, call: &Call<'_>) -> String {
    let library = format!("tegata_{}", name.replace('-', "_"));
    let mut before = String::new();
    let mut methods = String::new();
    for it in &call.credentials {
        match it {
            Credential::Key(scheme) => {
                let variable = call.variable(&scheme.method);
                let _ = writeln!(methods, ".{}(given({variable:?})?)", scheme.method);
            }
            Credential::User(scheme) => {
                let (user, password) = (call.variable("user"), call.variable("password"));
                let _ = writeln!(
                    methods,
                    ".{}(&given({user:?})?, given({password:?})?)",
                    scheme.method
                );
            }
            Credential::ClientCredentials(scheme, server) => {
                before.push_str(&app(call, &library, server));
                let _ = writeln!(methods, ".{}(app.client_credentials())", scheme.method);
            }
            Credential::Login(scheme, _) | Credential::AccessToken(scheme) => {
                let variable = call.variable("access-token");
                let method = scheme.access_token.as_deref().unwrap_or(&scheme.method);
                let _ = writeln!(methods, ".{method}(given({variable:?})?)");
            }
        }
    }
    let url = call.variable("base-url");
    let (start, other) = if call.takes_base_url {
        (format!("Client::builder(given({url:?})?)"), String::new())
    } else {
        let other = format!(
            "if let Ok(url) = env::var({url:?}) {{\n builder = builder.base_url(url);\n }}\n"
        );
        ("Client::builder()".to_owned(), other)
    };
    let mutable = if other.is_empty() { "" } else { "mut " };
    let code = call.code();
    let is_given = [&before, &start, &methods]
        .iter()
        .any(|it| it.contains("given("));
    let given = if is_given { GIVEN } else { "" };
    format!(
        "//! Calls {title} once. The README names the variables of the environment that it needs.\n\
         #![allow(clippy::doc_markdown, clippy::print_stdout, reason = \"a program for a terminal\")]\n\n\
         use std::env;\nuse std::error::Error;\n\nuse {library}::Client;\n\n\
         #[tokio::main(flavor = \"current_thread\")]\n\
         async fn main() -> Result<(), Box<dyn Error>> {{\n\
         {before}\
         let {mutable}builder = {start}{methods};\n\
         {other}\
         let client = builder.build()?;\n\
         let answer = {code};\n\
         println!(\"{{}}\", answer.status());\n\
         Ok(())\n}}\n{given}"
    )
}

const GIVEN: &str = r#"
/// A variable of the environment.
fn given(name: &str) -> Result<String, String> {
    env::var(name).map_err(|_| format!("{name} is not set: see the README"))
}
"#;

/// The client that is registered with the authorization server.
fn app(call: &Call<'_>, library: &str, server: &OutlinedServer) -> String {
    let url = call.variable("token-url");
    let id = call.variable("client-id");
    let mut arguments = Vec::new();
    if server.takes_base_url {
        arguments.push(format!("given({:?})?", call.variable("base-url")));
    }
    if server.takes_client_auth {
        let tegata = format!("{library}::tegata");
        arguments.push(format!(
            "{tegata}::oauth::ClientAuth::Basic({tegata}::BasicEncoding::Form)"
        ));
    }
    let (start, secret) = if server.is_public {
        ("public", String::new())
    } else {
        (
            "builder",
            format!(", given({:?})?", call.variable("client-secret")),
        )
    };
    format!(
        "let mut server = {library}::api::security::{}({});\n\
         if let Ok(url) = env::var({url:?}) {{\n server = server.token_url(url);\n }}\n\
         let app = {library}::tegata::oauth::App::{start}(server, given({id:?})?{secret}).build()?;\n",
        server.function,
        arguments.join(", ")
    )
}
