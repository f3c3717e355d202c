//! Applying a mutant to a reference run.

use super::change::field_change;
use super::request::from_url;
use super::{StepRecord, Transcript};
use crate::case::{Case, FieldPlace, Mutant, Mutation};
use crate::fixture::{Answer, Recorded, ValueError, Values, join_pairs, query_pairs};
use crate::script::{Failure, Outcome, Success};
use serde_json::Value;

/// Changes the run as the mutant says.
///
/// # Errors
///
/// If the mutant names no exchange or step of the case, or cannot be applied to it.
pub fn mutate(case: &Case, mutant: &Mutant, run: &mut Transcript) -> Result<(), ValueError> {
    let values = run.values.clone();
    let missing = || {
        ValueError::new(format!(
            "`{}` is no exchange, url or step of this case",
            mutant.on
        ))
    };
    for (step, record) in case.step.iter().zip(&mut run.steps) {
        if step.name == mutant.on {
            return on_step(
                step.at_most.unwrap_or(step.exchange.len()),
                mutant,
                record,
                &values,
            );
        }
        if step.url.as_ref().is_some_and(|url| url.name == mutant.on) {
            return on_url(mutant, record, &values);
        }
        if let Some(index) = step.exchange.iter().position(|one| one.name == mutant.on) {
            return on_exchange(index, mutant, record, &values);
        }
    }
    Err(missing())
}

fn unfit(mutant: &Mutant) -> ValueError {
    ValueError::new(format!("the mutant on `{}` does not fit there", mutant.on))
}

fn on_step(
    most: usize,
    mutant: &Mutant,
    record: &mut StepRecord,
    values: &Values,
) -> Result<(), ValueError> {
    let outcome = &mut record.outcome;
    match (&mutant.mutation, outcome.as_mut()) {
        (Mutation::Repeat, _) => {
            let extra = record.requests.last().cloned().unwrap_or_else(|| Recorded {
                method: "GET".to_owned(),
                ..from_url("/mutant", "")
            });
            while record.requests.len() <= most {
                record.requests.push(extra.clone());
            }
        }
        (Mutation::Hang, _) => *outcome = None,
        (Mutation::Succeed, _) => *outcome = Some(Outcome::Ok(Success::default())),
        (Mutation::Fail(kind), _) => *outcome = Some(Outcome::Error(Failure::of(*kind))),
        (Mutation::Status(status), Some(Outcome::Ok(success))) => success.status = Some(*status),
        (Mutation::Status(status), Some(Outcome::Error(failure))) => failure.status = Some(*status),
        (Mutation::Code(code), Some(Outcome::Error(failure))) => failure.code = Some(code.clone()),
        (Mutation::CutBody, Some(Outcome::Ok(success))) => {
            success.body_sha256 = Some("0".repeat(64));
        }
        (Mutation::Say(name), Some(outcome)) => {
            let secret = values.expand(&format!("${{{name}}}"))?;
            outcome
                .said_mut()
                .push(format!("Error {{ body: {secret:?} }}"));
        }
        _ => return Err(unfit(mutant)),
    }
    Ok(())
}

fn on_url(mutant: &Mutant, record: &mut StepRecord, values: &Values) -> Result<(), ValueError> {
    if mutant.mutation == Mutation::StopBefore {
        record.outcome = Some(Outcome::Ok(Success::default()));
        return Ok(());
    }
    let origin = values.get("origin").unwrap_or_default().to_owned();
    let Some(Outcome::Ok(Success { url: Some(url), .. })) = &mut record.outcome else {
        return Err(unfit(mutant));
    };
    let mut request = from_url(url, &origin);
    on_request(mutant, &mut request, values)?;
    let origin = if request.origin == "other" {
        "http://mutant.invalid".to_owned()
    } else {
        origin
    };
    *url = format!("{origin}{}", request.target);
    Ok(())
}

fn on_exchange(
    index: usize,
    mutant: &Mutant,
    record: &mut StepRecord,
    values: &Values,
) -> Result<(), ValueError> {
    let answer = record.answers.get_mut(index).and_then(Option::as_mut);
    match (&mutant.mutation, answer) {
        (Mutation::StopBefore, _) => record.requests.truncate(index),
        (Mutation::Repeat, _) => {
            let again = record
                .requests
                .get(index)
                .cloned()
                .ok_or_else(|| unfit(mutant))?;
            record.requests.push(again);
        }
        (Mutation::AnswerStatus(status), Some(answer)) => answer.status = *status,
        (mutation, Some(answer)) if is_on_answer(mutation) => on_answer(mutant, answer, values)?,
        _ => {
            let request = record
                .requests
                .get_mut(index)
                .ok_or_else(|| unfit(mutant))?;
            on_request(mutant, request, values)?;
        }
    }
    Ok(())
}

fn on_request(mutant: &Mutant, request: &mut Recorded, values: &Values) -> Result<(), ValueError> {
    match &mutant.mutation {
        Mutation::Method(method) => request.method.clone_from(method),
        Mutation::PathPrefix(prefix) => request.target.insert_str(0, prefix),
        Mutation::OtherOrigin => "other".clone_into(&mut request.origin),
        Mutation::Body(body) => request.body = values.expand(body)?.into_bytes(),
        Mutation::BodyToQuery => {
            let fields = if request.json().is_some() {
                json_fields(request)
            } else {
                request.form()
            };
            let mut query = request.query();
            query.extend(fields);
            set_query(request, &query);
            request.body.clear();
        }
        Mutation::QueryToBody => {
            let query = request.query();
            set_query(request, &[]);
            set_form(request, &query);
        }
        Mutation::FormToJson => {
            let members: serde_json::Map<_, _> = request
                .form()
                .into_iter()
                .map(|(name, value)| (name, value.into()))
                .collect();
            request.body = Value::Object(members).to_string().into_bytes();
            set_type(request, "application/json");
        }
        Mutation::JsonToForm => {
            let fields = json_fields(request);
            set_form(request, &fields);
        }
        Mutation::QuoteBearer => {
            let header = find_header(request, "authorization").ok_or_else(|| unfit(mutant))?;
            let token = header
                .strip_prefix("Bearer ")
                .ok_or_else(|| unfit(mutant))?;
            *header = format!("Bearer \"{token}\"");
        }
        Mutation::SwapHeader(from, to) => {
            let line = request
                .headers
                .iter_mut()
                .find(|(name, _)| name.eq_ignore_ascii_case(from))
                .ok_or_else(|| unfit(mutant))?;
            line.0.clone_from(to);
        }
        other => {
            let (place, change) = field_change(other, values)?.ok_or_else(|| unfit(mutant))?;
            let fits = match place {
                FieldPlace::Header => change.apply(&mut request.headers, true),
                FieldPlace::Query => {
                    let mut query = request.query();
                    let fits = change.apply(&mut query, false);
                    set_query(request, &query);
                    fits
                }
                FieldPlace::Form => {
                    let mut form = request.form();
                    let fits = change.apply(&mut form, false);
                    request.body = join_pairs(&form).into_bytes();
                    fits
                }
                FieldPlace::Json => change.apply_json(&mut request.body),
                _ => false,
            };
            if !fits {
                return Err(unfit(mutant));
            }
        }
    }
    Ok(())
}

fn is_on_answer(mutation: &Mutation) -> bool {
    let (Mutation::Drop(place, _)
    | Mutation::Rename(place, ..)
    | Mutation::Duplicate(place, _)
    | Mutation::Set(place, ..)
    | Mutation::Add(place, ..)) = mutation
    else {
        return false;
    };
    matches!(
        place,
        FieldPlace::Answer | FieldPlace::AnswerHeader | FieldPlace::Location
    )
}

fn on_answer(mutant: &Mutant, answer: &mut Answer, values: &Values) -> Result<(), ValueError> {
    let (place, change) = field_change(&mutant.mutation, values)?.ok_or_else(|| unfit(mutant))?;
    let fits = match place {
        FieldPlace::AnswerHeader => change.apply(&mut answer.headers, true),
        FieldPlace::Answer => change.apply_json(&mut answer.body),
        FieldPlace::Location => {
            let header = answer
                .headers
                .iter_mut()
                .find(|(name, _)| name.eq_ignore_ascii_case("location"))
                .ok_or_else(|| unfit(mutant))?;
            let (base, query) = header.1.split_once('?').unwrap_or((&header.1, ""));
            let mut query = query_pairs(query);
            let fits = change.apply(&mut query, false);
            header.1 = format!("{base}?{}", join_pairs(&query));
            fits
        }
        _ => false,
    };
    if fits { Ok(()) } else { Err(unfit(mutant)) }
}

fn json_fields(request: &Recorded) -> Vec<(String, String)> {
    let Some(Value::Object(members)) = request.json() else {
        return Vec::new();
    };
    members
        .into_iter()
        .map(|(name, value)| {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            (name, text)
        })
        .collect()
}

fn set_query(request: &mut Recorded, query: &[(String, String)]) {
    let path = request.path().to_owned();
    request.target = if query.is_empty() {
        path
    } else {
        format!("{path}?{}", join_pairs(query))
    };
}

fn set_form(request: &mut Recorded, fields: &[(String, String)]) {
    request.body = join_pairs(fields).into_bytes();
    set_type(request, "application/x-www-form-urlencoded");
}

fn set_type(request: &mut Recorded, media_type: &str) {
    if let Some(value) = find_header(request, "content-type") {
        media_type.clone_into(value);
    } else {
        request
            .headers
            .push(("content-type".to_owned(), media_type.to_owned()));
    }
}

fn find_header<'r>(request: &'r mut Recorded, name: &str) -> Option<&'r mut String> {
    request
        .headers
        .iter_mut()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}
