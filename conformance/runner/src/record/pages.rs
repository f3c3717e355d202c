//! The other files of a recording: the witness that it is cited by, and a case that sends
//! everything once more.

use std::fmt::Write as _;

use crate::case::Provider;
use crate::fixture::AnswerTemplate;

/// The citation by which the recorded fixtures are supported.
pub(super) const WITNESS: &str = "W-recording";

/// `citations/witnesses.toml`.
pub(super) const WITNESSES: &str = "[[witness]]
id = \"W-recording\"
class = \"reported\"
source = \"this recording\"
says = \"Seen on the wire while it was recorded\"
unchecked = \"a recording demands nothing\"
";

/// One exchange of the case.
pub(super) struct Sent {
    /// The fixture's id.
    pub(super) respond: String,
    /// The status.
    pub(super) status: u16,
    /// Names and the members of the answer that hold their values.
    pub(super) capture: Vec<(String, String)>,
}

/// `cases/<provider>/recorded.toml`: sends the recorded requests to an endpoint, in order.
pub(super) fn case(provider: Provider, sent: &[Sent]) -> String {
    let name = provider.name();
    let mut text = format!(
        "id = \"{name}.recorded\"\ntitle = \"What was recorded, once more and in order\"\n\
         provider = \"{name}\"\nrole = \"server\"\nlevel = \"probe\"\nevidence = \"reported\"\n\
         cite = [\"{WITNESS}\"]\n\n[given]\nauth = \"oauth2\"\n\n[[step]]\nname = \"all\"\n\
         do = \"send\"\noutcome = {{ result = \"any\" }}\n"
    );
    for (index, one) in sent.iter().enumerate() {
        let capture: Vec<String> = one
            .capture
            .iter()
            .map(|(name, member)| format!("{name} = \"{member}\""))
            .collect();
        let _ = write!(
            text,
            "\n[[step.exchange]]\nname = \"e{}\"\nrespond = \"{}\"\n\
             answer = {{ status = [{}], capture = {{ {} }} }}\n",
            index + 1,
            one.respond,
            one.status,
            capture.join(", ")
        );
    }
    text
}

/// The top-level members of an answer that hold one named value and nothing else.
pub(super) fn captures(answer: &AnswerTemplate) -> Vec<(String, String)> {
    let Ok(serde_json::Value::Object(members)) = serde_json::from_str(&answer.body) else {
        return Vec::new();
    };
    members
        .into_iter()
        .filter_map(|(member, value)| {
            let name = value.as_str()?.strip_prefix("${")?.strip_suffix('}')?;
            (!name.contains(['$', ':'])).then(|| (name.to_owned(), member))
        })
        .collect()
}
