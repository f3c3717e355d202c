//! The features that a client declares.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::case::{Case, Feature, Provider};
use crate::did_you_mean::did_you_mean;

/// The feature that is the command's rather than the client's: it continues after its first answer,
/// so that cases with several steps can be run.
pub const SESSION: &str = "session";
/// The word for every feature.
const ALL: &str = "all";

/// What a client can do. A case that needs more does not apply to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// The name under which it is reported.
    pub name: Option<String>,
    features: BTreeSet<Feature>,
    session: bool,
    providers: Option<BTreeSet<Provider>>,
}

/// A profile as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: Option<String>,
    features: Vec<String>,
    providers: Option<Vec<String>>,
}

/// Why a profile cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileError(String);

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ProfileError {}

impl Profile {
    /// A client with these features, by name; `all` stands for every one.
    ///
    /// # Errors
    ///
    /// If there is no such feature: the error suggests the most similar one.
    pub fn of<'n>(names: impl IntoIterator<Item = &'n str>) -> Result<Self, ProfileError> {
        let known = Self::names();
        let mut profile = Self::default();
        for name in names {
            match name.trim() {
                ALL => {
                    profile.features.extend(Feature::ALL);
                    profile.session = true;
                }
                SESSION => profile.session = true,
                name => {
                    let feature = Feature::ALL.iter().find(|feature| word(**feature) == name);
                    let feature = feature.ok_or_else(|| no_feature(name, &known))?;
                    profile.features.insert(*feature);
                }
            }
        }
        Ok(profile)
    }

    /// The profile of a TOML file: `features`, and if need be `name` and `providers`, which are some of these.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or is wrong: the error names the place.
    pub fn read(path: &Path, known: &[Provider]) -> Result<Self, ProfileError> {
        let bad = |error: &dyn fmt::Display| {
            ProfileError(format!(
                "{}: {}",
                path.display(),
                error.to_string().trim_end()
            ))
        };
        let text = std::fs::read_to_string(path).map_err(|error| bad(&error))?;
        let written: Written = toml::from_str(&text).map_err(|error| bad(&error))?;
        let profile = Self::of(written.features.iter().map(String::as_str));
        let providers = written.providers.map(|names| {
            let each = names.iter().map(|name| Provider::named(name, known));
            each.collect::<Result<_, _>>()
        });
        Ok(Self {
            name: written.name,
            providers: providers.transpose().map_err(|error| bad(&error))?,
            ..profile.map_err(|error| bad(&error))?
        })
    }

    /// Every word that names a feature.
    pub fn names() -> Vec<String> {
        let mut names: Vec<String> = Feature::ALL.map(word).into();
        names.push(SESSION.to_owned());
        names
    }

    /// What the client can do.
    pub fn features(&self) -> Vec<Feature> {
        self.features.iter().copied().collect()
    }

    /// Whether a case is for this client.
    pub fn suits(&self, case: &Case) -> bool {
        case.role.judges_clients()
            && case.needs.iter().all(|need| self.features.contains(need))
            && (self.session || case.step.len() == 1)
            && self
                .providers
                .as_ref()
                .is_none_or(|known| known.contains(&case.provider))
    }
}

fn no_feature(name: &str, known: &[String]) -> ProfileError {
    let near = did_you_mean(name, known.iter().map(String::as_str));
    let hint = near.map_or_else(
        || format!("the features are {}", known.join(", ")),
        |near| format!("did you mean `{near}`?"),
    );
    ProfileError(format!("`{name}` is no feature; {hint}"))
}

/// The name as it is written in data files.
fn word(feature: Feature) -> String {
    serde_json::to_value(feature)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Suite;

    fn suits(profile: &Profile, id: &str) -> bool {
        let suite = Suite::embedded().unwrap_or_else(|error| panic!("{error}"));
        profile.suits(suite.case(id).unwrap_or_else(|| panic!("{id}")))
    }

    #[test]
    fn a_case_applies_where_all_that_it_needs_is_declared() {
        let key = Profile::of(["api-key"]).unwrap();
        assert!(suits(&key, "jooto.key.header"));
        assert!(!suits(&key, "fujitsu-aispf.key.second-after-refusal"));
        assert!(!suits(&key, "marketo.use.header"));
        let none = Profile::of([]).unwrap();
        assert!(!suits(&none, "jooto.key.header"));
    }

    #[test]
    fn a_case_of_several_steps_needs_a_session() {
        let id = "fujitsu-aispf.key.no-expiry";
        let single = Profile::of(["api-key", "clock"]).unwrap();
        assert!(!suits(&single, id));
        let session = Profile::of(["api-key", "clock", "session"]).unwrap();
        assert!(suits(&session, id));
    }

    #[test]
    fn a_case_that_judges_endpoints_only_never_applies() {
        let all = Profile::of(["all"]).unwrap();
        assert!(!suits(&all, "marketo.endpoint.601"));
        assert!(suits(&all, "marketo.use.accounts"));
    }

    #[test]
    fn an_unknown_feature_is_an_error_with_a_suggestion() {
        let error = Profile::of(["api_key"]).unwrap_err().to_string();
        assert_eq!(error, "`api_key` is no feature; did you mean `api-key`?");
        let error = Profile::of(["x"]).unwrap_err().to_string();
        assert!(error.contains("the features are api-key, "), "{error}");
    }

    #[test]
    fn a_file_may_name_the_client_and_the_providers_that_it_is_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("profile.toml");
        let text = "name = \"x 1.0\"\nfeatures = [\"api-key\"]\nproviders = [\"jooto\"]\n";
        std::fs::write(&path, text).unwrap();
        let profile = Profile::read(&path, Provider::all()).unwrap();
        assert_eq!(profile.name.as_deref(), Some("x 1.0"));
        assert!(suits(&profile, "jooto.key.header"));
        assert!(!suits(&profile, "fujitsu-aispf.key.header"));
        std::fs::write(&path, "features = [\"clok\"]\n").unwrap();
        let error = Profile::read(&path, Provider::all())
            .unwrap_err()
            .to_string();
        assert!(
            error.ends_with("profile.toml: `clok` is no feature; did you mean `clock`?"),
            "{error}"
        );
        std::fs::write(&path, "features = []\nproviders = [\"toy\"]\n").unwrap();
        let error = Profile::read(&path, Provider::all())
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("profile.toml: `toy` is no provider; it is one of "),
            "{error}"
        );
        std::fs::write(&path, "feature = []\n").unwrap();
        let error = Profile::read(&path, Provider::all())
            .unwrap_err()
            .to_string();
        assert!(error.contains("unknown field `feature`"), "{error}");
    }
}
