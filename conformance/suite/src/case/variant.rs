//! One file for several cases that differ in a fixture only.

use super::Case;

/// The cases of a file: one, or one for each variant.
pub(super) fn expand(case: Case) -> Result<Vec<Case>, String> {
    if case.variants.is_empty() {
        let open = case
            .exchanges()
            .find(|exchange| exchange.respond.starts_with('@'));
        if let Some(exchange) = open {
            return Err(format!("`{}` needs a table `variants`", exchange.respond));
        }
        return Ok(vec![case]);
    }
    let mut cases = Vec::new();
    for (variant, fixtures) in &case.variants {
        let mut one = case.clone();
        one.id = format!("{}@{variant}", case.id);
        one.title = format!("{} ({variant})", case.title);
        one.variants.clear();
        let responds = one.step.iter_mut().flat_map(|step| {
            step.exchange
                .iter_mut()
                .map(|exchange| &mut exchange.respond)
                .chain(
                    step.otherwise
                        .iter_mut()
                        .map(|further| &mut further.respond),
                )
        });
        for respond in responds {
            if let Some(name) = respond.strip_prefix('@') {
                *respond = fixtures
                    .get(name)
                    .ok_or_else(|| format!("variants.{variant} does not say what `@{name}` is"))?
                    .clone();
            }
        }
        cases.push(one);
    }
    Ok(cases)
}
