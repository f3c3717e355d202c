//! The parameters of a control.

use std::str::FromStr;

use crate::Provider;
use crate::form::Form;
use crate::request::Seen;
use crate::service::Endpoint;
use crate::world::World;

/// The parameters in the URL, all of them known.
pub(super) struct Parameters(Form);

impl Parameters {
    pub(super) fn read(seen: &Seen, known: &[&str]) -> Result<Self, String> {
        let form = Form::parse(seen.query_bytes()).map_err(|problem| problem.to_string())?;
        let names: Vec<_> = known
            .iter()
            .map(|name| name.trim_end_matches('?'))
            .collect();
        for (name, _) in form.pairs() {
            if !names.contains(&name.as_str()) {
                return Err(if names.is_empty() {
                    format!("no parameter is named {name:?}: there are none")
                } else {
                    format!("no parameter is named {name:?}: use {}", names.join(", "))
                });
            }
        }
        Ok(Self(form))
    }

    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0
            .pairs()
            .iter()
            .filter(move |(candidate, _)| candidate == name)
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn optional<T: FromStr>(&self, name: &str) -> Result<Option<T>, String> {
        let mut values = self.all(name);
        let Some(value) = values.next() else {
            return Ok(None);
        };
        if values.next().is_some() {
            return Err(format!("{name} is there more than once"));
        }
        match value.parse() {
            Ok(value) => Ok(Some(value)),
            Err(_) => Err(format!("{name} is {value:?}: use a whole number in range")),
        }
    }

    pub(super) fn needed<T: FromStr>(&self, name: &str) -> Result<T, String> {
        self.optional(name)?
            .ok_or_else(|| format!("{name} is missing"))
    }

    pub(super) fn times(&self) -> Result<u64, String> {
        Ok(self.optional("times")?.unwrap_or(1))
    }

    pub(super) fn provider(&self, world: &World) -> Result<Option<Provider>, String> {
        let Some(name) = self.optional::<String>("provider")? else {
            return Ok(None);
        };
        let found = world.providers().find(|it| it.name() == name);
        let names = || {
            let names: Vec<_> = world.providers().map(Provider::name).collect();
            match names.split_last() {
                Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
                None => String::new(),
            }
        };
        let found = found.ok_or_else(|| format!("provider is {name:?}: use {}", names()));
        found.map(Some)
    }

    pub(super) fn needed_provider(&self, world: &World) -> Result<Provider, String> {
        self.provider(world)?
            .ok_or_else(|| "provider is missing".to_owned())
    }

    pub(super) fn endpoint(&self) -> Result<Option<Endpoint>, String> {
        match self.optional::<String>("endpoint")?.as_deref() {
            None => Ok(None),
            Some("token") => Ok(Some(Endpoint::Token)),
            Some("resource") => Ok(Some(Endpoint::Resource)),
            Some(other) => Err(format!("endpoint is {other:?}: use token or resource")),
        }
    }

    pub(super) fn flag(&self, name: &str) -> Result<bool, String> {
        match self.optional::<String>(name)?.as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => Err(format!("{name} is {other:?}: use true or false")),
        }
    }
}
