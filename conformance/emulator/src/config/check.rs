//! Checks of a configuration beyond its syntax.

use std::collections::HashSet;

use axum::http::HeaderValue;

use super::{Config, JootoClient, V1Fields};
use crate::api::ApiConfig;
use crate::rules;

impl Config {
    /// Says which key cannot be used and how to fix it.
    pub(crate) fn check(&self) -> Result<(), String> {
        keys("fujitsu-aispf.api_keys", &self.fujitsu_aispf.api_keys)?;
        keys("jooto.api_keys", &self.jooto.api_keys)?;

        let aispf = self.fujitsu_aispf.clients.iter();
        clients("fujitsu-aispf", aispf.map(|c| (&c.id, &c.secret)))?;
        let jooto = self.jooto.clients.iter();
        clients("jooto", jooto.map(|c| (&c.id, &c.secret)))?;
        let marketo = self.marketo.clients.iter();
        clients("marketo", marketo.map(|c| (&c.id, &c.secret)))?;

        self.jooto.clients.iter().try_for_each(registration)?;
        fields(&self.fujitsu_aispf.v1_fields)?;
        for name in &self.emulator.names {
            crate::tls::check_name(name).map_err(|problem| format!("emulator.names: {problem}"))?;
        }
        apis(&self.apis)?;
        for provider in self.providers() {
            for (index, rule) in self.answers(provider).iter().enumerate() {
                let place = format!("{provider}.answers[{index}]");
                rules::check(provider, &place, rule)?;
            }
        }
        if self.emulator.log_limit == 0 {
            return Err("emulator.log_limit is 0: keep at least 1 request".to_owned());
        }
        Ok(())
    }
}

impl Config {
    /// Says which part a file cannot hold.
    pub(super) fn check_for_file(&self) -> Result<(), String> {
        if let Some(api) = self.apis.iter().find(|it| it.file.is_none()) {
            return Err(format!(
                "the API {} has its profile from memory, which a file cannot say: read it from a file",
                api.provider()
            ));
        }
        self.providers().try_for_each(|provider| {
            let mut rules = self.answers(provider).iter().enumerate();
            rules.try_for_each(|(index, rule)| {
                rules::check_for_file(&format!("{provider}.answers[{index}]"), rule)
            })
        })
    }
}

/// Says why an API key cannot be one that clients send.
pub(crate) fn key(key: &str) -> Result<(), &'static str> {
    if key.is_empty() {
        return Err("is empty: write a key or remove it");
    }
    if HeaderValue::from_str(key).is_err() || key.trim() != key {
        return Err("cannot be sent in a header: remove control characters and blanks at the ends");
    }
    Ok(())
}

fn keys(place: &str, keys: &[String]) -> Result<(), String> {
    keys.iter()
        .enumerate()
        .try_for_each(|(index, one)| key(one).map_err(|why| format!("{place}[{index}] {why}")))
}

fn clients<'a>(
    provider: &str,
    clients: impl Iterator<Item = (&'a String, &'a String)>,
) -> Result<(), String> {
    let mut ids = HashSet::new();
    for (index, (id, secret)) in clients.enumerate() {
        let place = format!("{provider}.clients[{index}]");
        if id.is_empty() {
            return Err(format!("{place}.id is empty: write a client id"));
        }
        if secret.is_empty() {
            return Err(format!("{place}.secret is empty: write a client secret"));
        }
        if !ids.insert(id) {
            return Err(format!(
                "{place}.id {id:?} stands twice: give each client an id of its own"
            ));
        }
    }
    Ok(())
}

fn registration(client: &JootoClient) -> Result<(), String> {
    let place = format!("the client {:?} of jooto.clients", client.id);
    if client.redirect_uris.is_empty() {
        return Err(format!(
            "{place}: redirect_uris is empty: register at least one"
        ));
    }
    redirect_uris(&place, &client.redirect_uris)?;
    if client.organization_ids.is_empty() {
        return Err(format!(
            "{place}: organization_ids is empty: name at least one"
        ));
    }
    Ok(())
}

/// Says what is wrong with the APIs of profiles.
fn apis(apis: &[ApiConfig]) -> Result<(), String> {
    let mut names = HashSet::new();
    for (index, api) in apis.iter().enumerate() {
        let Some(profile) = &api.profile else {
            return Err(format!(
                "apis[{index}] has no profile: write its file as `profile`"
            ));
        };
        let name = profile.name();
        if !names.insert(name) {
            return Err(format!(
                "apis[{index}]: the name {name} stands twice: change `name` in one of the profiles"
            ));
        }
        let mut ids = HashSet::new();
        for (at, client) in api.clients.iter().enumerate() {
            let place = format!("{name}.clients[{at}]");
            if client.id.is_empty() {
                return Err(format!("{place}.id is empty: write a client id"));
            }
            if client.secret.as_deref() == Some("") {
                return Err(format!(
                    "{place}.secret is empty: write one, or leave it out"
                ));
            }
            if !ids.insert(&client.id) {
                return Err(format!(
                    "{place}.id {:?} stands twice: give each client an id of its own",
                    client.id
                ));
            }
            redirect_uris(&place, &client.redirect_uris)?;
        }
        for (scheme, list) in &api.keys {
            known(name, "keys", scheme, api)?;
            keys(&format!("{name}.keys.{scheme}"), list)?;
        }
        for scheme in api.users.keys() {
            known(name, "users", scheme, api)?;
        }
    }
    Ok(())
}

fn known(name: &str, key: &str, scheme: &str, api: &ApiConfig) -> Result<(), String> {
    let schemes = api.profile.as_ref().map(|it| &it.schemes);
    if schemes.is_some_and(|it| it.contains_key(scheme)) {
        return Ok(());
    }
    Err(format!(
        "{name}.{key} has {scheme:?}, which is no scheme of the profile: use one of its names"
    ))
}

fn redirect_uris(place: &str, uris: &[String]) -> Result<(), String> {
    for uri in uris {
        let absolute = uri
            .split_once(':')
            .is_some_and(|(scheme, rest)| is_scheme(scheme) && !rest.is_empty());
        if !absolute || uri.contains('#') || !uri.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(format!(
                "{place}: redirect_uris holds {uri:?}: write an absolute URI in ASCII without a \
                 fragment, as RFC 6749 section 3.1.2 asks"
            ));
        }
    }
    Ok(())
}

fn is_scheme(scheme: &str) -> bool {
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

fn fields(fields: &V1Fields) -> Result<(), String> {
    let place = "fujitsu-aispf.v1_fields";
    let all = [
        ("client_id", &fields.client_id),
        ("client_secret", &fields.client_secret),
        ("refresh_token", &fields.refresh_token),
        ("expires_in", &fields.expires_in),
    ];
    let mut names = HashSet::from(["accessToken"]);
    for (key, name) in all {
        if name.is_empty() {
            return Err(format!("{place}.{key} is empty: write a field name"));
        }
        if !names.insert(name) {
            return Err(format!(
                "{place}.{key} is {name:?}, which is taken: give each field a name of its own"
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rule;
    use rstest::rstest;

    #[test]
    fn the_defaults_can_be_used() {
        assert_eq!(Config::default().check(), Ok(()));
    }

    #[rstest]
    #[case(|c: &mut Config| c.jooto.api_keys[0].clear(), "jooto.api_keys[0] is empty")]
    #[case(|c: &mut Config| c.jooto.api_keys[0].push('\n'), "jooto.api_keys[0] cannot be sent")]
    #[case(|c: &mut Config| c.fujitsu_aispf.api_keys[1].push(' '), "fujitsu-aispf.api_keys[1]")]
    #[case(|c: &mut Config| c.marketo.clients[1].id.clear(), "marketo.clients[1].id is empty")]
    #[case(|c: &mut Config| c.marketo.clients[0].secret.clear(), "clients[0].secret is empty")]
    #[case(
        |c: &mut Config| c.marketo.clients[1].id = c.marketo.clients[0].id.clone(),
        "stands twice",
    )]
    #[case(|c: &mut Config| c.jooto.clients[0].redirect_uris.clear(), "redirect_uris is empty")]
    #[case(
        |c: &mut Config| c.jooto.clients[0].redirect_uris[0] = "callback".to_owned(),
        "absolute URI",
    )]
    #[case(
        |c: &mut Config| c.jooto.clients[0].redirect_uris[0].push_str("#f"),
        "without a fragment",
    )]
    #[case(|c: &mut Config| c.jooto.clients[0].organization_ids.clear(), "organization_ids")]
    #[case(
        |c: &mut Config| c.fujitsu_aispf.v1_fields.client_id = "clientSecret".to_owned(),
        "v1_fields.client_secret",
    )]
    #[case(
        |c: &mut Config| c.jooto.answers.push(Rule::get("v1/boards")),
        "jooto.answers[0].path",
    )]
    #[case(|c: &mut Config| c.emulator.log_limit = 0, "emulator.log_limit")]
    #[case(|c: &mut Config| c.emulator.names.push("a b".to_owned()), "emulator.names")]
    fn an_unusable_setting_is_named(#[case] spoil: fn(&mut Config), #[case] part: &str) {
        let mut config = Config::default();
        spoil(&mut config);
        let problem = config.check().err().unwrap_or_default();
        assert!(problem.contains(part), "{part:?} is not in {problem:?}");
    }
}
