//! Parameters that are the credential of a scheme: the client sends those that the operation takes.

use crate::lower::secrets::{is_secret, mark};
use crate::lower::{Alternative, Lowering, kinds};
use crate::node::Node;

impl<'a> Lowering<'a> {
    /// The parameters without those that hold what `security` has already. Where the operation does not take the scheme,
    /// a parameter of its place is the caller's to give.
    pub(in crate::lower) fn without_credentials(
        &mut self,
        declared: Vec<&'a Node>,
        security: &[Alternative],
    ) -> Result<Vec<&'a Node>, String> {
        let mut found = Vec::new();
        for node in declared {
            let name = node.text_of("name").unwrap_or_default();
            let lower = name.to_lowercase();
            let place = match node.text_of("in") {
                Some("header") => ("header", lower.as_str()),
                Some("query") => ("query", name),
                Some("cookie") => ("cookie", name),
                _ => {
                    found.push(node);
                    continue;
                }
            };
            let is_taken = |it: &Alternative| match it {
                Alternative::Of(all) => all.iter().any(|it| self.schemes[*it].place() == place),
                Alternative::Unusable(_) => false,
            };
            if security.iter().any(is_taken) {
                self.schemas.remark(kinds::PARAMETER_MANAGED, node, name);
                continue;
            }
            let is_of_another = self.schemes.iter().any(|it| it.place() == place);
            if !is_of_another || security.is_empty() {
                found.push(node);
            } else if node.is_true("required") {
                // A request with another scheme's credential beside its own is not sent.
                let place = place.0;
                return Err(format!(
                    "the parameter `{name}` in {place} is required, and is the credential of a scheme that its `security` lacks"
                ));
            } else {
                self.schemas.remark(kinds::PARAMETER_LEFT_OUT, node, name);
            }
        }
        Ok(found)
    }

    /// Whether a header is a secret: by its mark, as the place of a credential, or by its name.
    pub(super) fn is_secret_header(&self, node: &Node, name: &str) -> bool {
        let schema = node.get("schema");
        let mark = mark(node).or_else(|| mark(schema?));
        let is_password = schema.is_some_and(|it| it.text_of("format") == Some("password"));
        let name = name.to_lowercase();
        let place = ("header", name.as_str());
        let holds_one =
            name == "authorization" || self.schemes.iter().any(|it| it.place() == place);
        is_secret(mark.or((holds_one || is_password).then_some(true)), &name)
    }
}
