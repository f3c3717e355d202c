//! The test of a crate against an emulator of its API: what the client needs is issued, used, refused and renewed
//! there.

mod texts;

use std::fmt::Write as _;

use serde_json::Value as Json;

use super::call::{Call, Credential};
use tegata_gen::{OutlinedScheme, OutlinedServer};
use texts::{BY_CODE, BY_DEVICE, KEYS, RENEWED, WITHOUT, WRONG_SECRET};

/// The test, for the profile that the emulator is given.
pub(super) fn test(name: &str, call: &Call<'_>, profile: &str) -> String {
    let profile = serde_json::from_str(profile).unwrap_or(Json::Null);
    let library = format!("tegata_{}", name.replace('-', "_"));
    let parts = Parts::of(call, &profile, &library);
    let (kind, tests) = match &parts.tokens {
        Tokens::None if parts.methods.is_empty() => ("a call is answered", WITHOUT.to_owned()),
        Tokens::None => ("a call carries its credential", KEYS.to_owned()),
        Tokens::Issued => (
            "a token is issued, used and renewed",
            format!("{RENEWED}{WRONG_SECRET}"),
        ),
        Tokens::OfALogin => ("a token of a login is used and renewed", RENEWED.to_owned()),
    };
    let secret = match &parts.tokens {
        Tokens::None if parts.methods.is_empty() => "",
        _ => "const SECRET: &str = \"CANARY-secret\";\n",
    };
    let argument = if secret.is_empty() {
        ""
    } else {
        ", secret: &str"
    };
    let duration = if matches!(parts.tokens, Tokens::None) {
        ""
    } else {
        "use std::time::Duration;\n\n"
    };
    let uses = if parts.is_client { "ApiClient, " } else { "" };
    let users = if parts.is_user { "ApiUser, " } else { "" };
    let app = match parts.tokens {
        Tokens::None => String::new(),
        _ => format!("use {library}::api::security;\nuse {library}::tegata::oauth::App;\n"),
    };
    let arguments = if call.takes_base_url {
        "emulator.api_url(api)"
    } else {
        ""
    };
    let base_url = if call.takes_base_url {
        ""
    } else {
        ".base_url(emulator.api_url(api))"
    };
    // Only a login waits for answers.
    let (start, wait) = match parts.tokens {
        Tokens::OfALogin => ("async ", ".await"),
        _ => ("", ""),
    };
    let tests = tests.replace("{wait}", wait);
    let Parts {
        configured,
        before,
        methods,
        ..
    } = &parts;
    let served = if configured.is_empty() { "" } else { "mut " };
    let code = call.code();
    format!(
        "//! The client against an emulator of its API: {kind}.\n\
         #![allow(clippy::unwrap_used, reason = \"a test that cannot go on has failed\")]\n\n\
         {duration}{app}use {library}::Client;\nuse {library}::tegata::Error;\n\
         use tegata_emulator::{{{uses}ApiConfig, {users}Config, Emulator, Profile, Provider}};\n\n\
         const PROFILE: &str = include_str!(\"../../../conformance/emulator/profiles/{name}.json\");\n{secret}\n\
         /// An emulator, and what this API is there.\n\
         fn start() -> (Emulator, Provider) {{\n\
         let profile = Profile::from_json(\"{name}.json\", PROFILE).unwrap();\n\
         let {served}served = ApiConfig::new(profile);\n\
         {configured}\
         let api = served.provider();\n\
         let mut config = Config::default();\n\
         config.apis.push(served);\n\
         (Emulator::start(config).unwrap(), api)\n}}\n\n\
         {start}fn client(emulator: &Emulator, api: Provider{argument}) -> Result<Client, Error> {{\n\
         {before}\
         Client::builder({arguments}){base_url}{methods}.clock(emulator.clock()).build()\n}}\n\n\
         async fn call(client: &Client) -> Result<(), Error> {{\n\
         {code};\nOk(())\n}}\n{tests}"
    )
}

/// Where the tokens come from.
enum Tokens {
    None,
    Issued,
    OfALogin,
}

/// What depends on the credentials.
struct Parts {
    tokens: Tokens,
    is_client: bool,
    is_user: bool,
    /// What the emulator knows.
    configured: String,
    /// What is done before the client is built.
    before: String,
    methods: String,
}

impl Parts {
    fn of(call: &Call<'_>, profile: &Json, library: &str) -> Self {
        let mut parts = Self {
            tokens: Tokens::None,
            is_client: false,
            is_user: false,
            configured: String::new(),
            before: String::new(),
            methods: String::new(),
        };
        for it in &call.credentials {
            match it {
                Credential::Key(scheme) | Credential::AccessToken(scheme) => {
                    let method = scheme.access_token.as_deref().unwrap_or(&scheme.method);
                    let _ = writeln!(
                        parts.configured,
                        "served.keys.insert({:?}.to_owned(), vec![SECRET.to_owned()]);",
                        scheme.name
                    );
                    let _ = write!(parts.methods, ".{method}(secret)");
                }
                Credential::User(scheme) => {
                    parts.is_user = true;
                    let _ = writeln!(
                        parts.configured,
                        "served.users.insert({:?}.to_owned(), vec![ApiUser::new(\"user\", SECRET)]);",
                        scheme.name
                    );
                    let _ = write!(parts.methods, ".{}(\"user\", secret)", scheme.method);
                }
                Credential::ClientCredentials(scheme, server) => {
                    parts.tokens = Tokens::Issued;
                    parts.app(profile, library, scheme, server);
                    let _ = write!(
                        parts.methods,
                        ".{}(app.client_credentials())",
                        scheme.method
                    );
                }
                Credential::Login(scheme, server) => {
                    parts.tokens = Tokens::OfALogin;
                    parts.app(profile, library, scheme, server);
                    let is_code = server.flows.contains(&"authorizationCode");
                    parts
                        .before
                        .push_str(if is_code { BY_CODE } else { BY_DEVICE });
                    let _ = write!(
                        parts.methods,
                        ".{}(app.refresh_tokens()).token(token)",
                        scheme.method
                    );
                }
            }
        }
        parts
    }

    /// The client that is registered with the authorization server, there and here.
    fn app(
        &mut self,
        profile: &Json,
        library: &str,
        scheme: &OutlinedScheme,
        server: &OutlinedServer,
    ) {
        self.is_client = true;
        let new = if server.is_public {
            "public(\"id\")"
        } else {
            "new(\"id\", SECRET)"
        };
        let is_code = server.flows.contains(&"authorizationCode");
        let redirect = if is_code {
            ".redirect_uri(\"https://app.example.com/back\")"
        } else {
            ""
        };
        let _ = write!(
            self.configured,
            "served.access_token_seconds = Some(600);\nserved.clients = vec![ApiClient::{new}{redirect}];\n"
        );
        let mut arguments = Vec::new();
        if server.takes_base_url {
            arguments.push("emulator.api_url(api)".to_owned());
        }
        if server.takes_client_auth {
            arguments.push(format!("{library}::tegata::oauth::ClientAuth::Basic({library}::tegata::BasicEncoding::Form)"));
        }
        let _ = writeln!(self.before, "let url = emulator.provider_url(api);");
        let _ = write!(
            self.before,
            "let server = security::{}({})",
            server.function,
            arguments.join(", ")
        );
        for (method, path) in endpoints(profile, scheme, server) {
            let _ = write!(self.before, ".{method}(format!(\"{{url}}{path}\"))");
        }
        let (start, secret) = if server.is_public {
            ("public", "")
        } else {
            ("builder", ", secret")
        };
        let _ = writeln!(
            self.before,
            ";\nlet app = App::{start}(server, \"id\"{secret}){redirect}.build()?;"
        );
    }
}

/// The endpoints of an authorization server in the profile, with the methods that set them.
fn endpoints(
    profile: &Json,
    scheme: &OutlinedScheme,
    server: &OutlinedServer,
) -> Vec<(&'static str, String)> {
    let servers = profile["authorization-servers"].as_array();
    let of_scheme = servers.into_iter().flatten().filter(|it| {
        let schemes = it["schemes"].as_array().into_iter().flatten();
        schemes
            .filter_map(Json::as_str)
            .any(|name| name == scheme.name)
    });
    let grants: Vec<&str> = server
        .flows
        .iter()
        .map(|flow| match *flow {
            "authorizationCode" => "authorization_code",
            "clientCredentials" => "client_credentials",
            _ => "device_code",
        })
        .collect();
    let has_grant = |it: &&Json| {
        let has = it["grants"].as_array().into_iter().flatten();
        has.filter_map(Json::as_str)
            .any(|grant| grants.contains(&grant))
    };
    let Some(found) = of_scheme.into_iter().find(has_grant) else {
        return Vec::new();
    };
    let all = [
        ("token_url", "token"),
        ("refresh_url", "refresh"),
        ("authorization_url", "authorize"),
        ("device_url", "device"),
    ];
    let there = all.into_iter().filter_map(|(method, key)| {
        let path = found[key].as_str()?.replace('{', "{{").replace('}', "}}");
        Some((method, path.replace(['"', '\\'], "")))
    });
    there.collect()
}
