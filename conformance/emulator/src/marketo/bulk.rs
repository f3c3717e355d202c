//! Bulk extract: export jobs and their files. Vendor, its pages on bulk extract; the jobs live in memory.

mod file;

use std::fmt::Write as _;
use std::time::SystemTime;

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::Marketo;
use crate::answer::Answer;
use crate::call::Call;
use crate::clock::utc;
use crate::request::Seen;

/// The jobs so far, oldest first.
#[derive(Default)]
pub(super) struct Exports(Vec<Job>);

struct Job {
    /// What is exported: `leads`, `activities`, or anything else that the path names.
    kind: String,
    id: String,
    status: Status,
    order: file::Order,
    created_at: String,
    queued_at: Option<String>,
    started_at: Option<String>,
    finished_at: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Created,
    Queued,
    Processing,
    Completed,
    Cancelled,
}

impl Status {
    const fn name(self) -> &'static str {
        match self {
            Self::Created => "Created",
            Self::Queued => "Queued",
            Self::Processing => "Processing",
            Self::Completed => "Completed",
            Self::Cancelled => "Cancelled",
        }
    }
}

/// A call of bulk extract.
enum Wish<'a> {
    Create,
    List,
    Job { id: &'a str, action: &'a str },
}

impl Marketo {
    /// The answer to a call of bulk extract; `None` for any other.
    pub(super) fn export(&mut self, seen: &Seen, call: &Call, wall: SystemTime) -> Option<Answer> {
        let (kind, wish) = read(call)?;
        let now = utc(wall);
        let answer = match wish {
            Wish::Create => match file::Order::read(&seen.body) {
                Ok(order) => {
                    let shown = self.exports.create(kind, order, now).shown();
                    self.success(&json!([shown]))
                }
                Err(why) => self.refused(1003, why),
            },
            Wish::List => {
                let wanted = call.list("status");
                let jobs = self.exports.0.iter().filter(|job| {
                    job.kind == kind && (wanted.is_empty() || wanted.contains(&job.status.name()))
                });
                let shown: Vec<_> = jobs.map(Job::shown).collect();
                self.success(&json!(shown))
            }
            Wish::Job { id, action } => match self.exports.find(kind, id) {
                Some(job) if action == "file" => file_of(job, seen),
                Some(job) => {
                    job.act(action, now);
                    let shown = job.shown();
                    self.success(&json!([shown]))
                }
                None if action == "file" => no_file(),
                None => self
                    .refused(1003, "there is no export job with this id")
                    .own_choice("an unknown export job is refused with 1003"),
            },
        };
        Some(answer.by_rule("default: marketo bulk-extract"))
    }
}

/// `/bulk/v1/{kind}/export.json`, `…/export/create.json` and `…/export/{id}/{action}.json`.
fn read(call: &Call) -> Option<(&str, Wish<'_>)> {
    let path = call.path.strip_prefix("/bulk/v1/")?;
    let path = path.strip_suffix(".json")?;
    let method = call.method.as_str();
    if let Some(kind) = path.strip_suffix("/export") {
        return (method == "GET").then_some((kind, Wish::List));
    }
    let (kind, rest) = path.split_once("/export/")?;
    let wish = match (method, rest.split_once('/')) {
        ("POST", None) if rest == "create" => Wish::Create,
        ("POST", Some((id, action @ ("enqueue" | "cancel"))))
        | ("GET", Some((id, action @ ("status" | "file")))) => Wish::Job { id, action },
        _ => return None,
    };
    Some((kind, wish))
}

impl Exports {
    fn create(&mut self, kind: &str, order: file::Order, now: String) -> &Job {
        let number = self.0.len() + 1;
        self.0.push(Job {
            kind: kind.to_owned(),
            id: format!("00000000-0000-4000-8000-{number:012}"),
            status: Status::Created,
            order,
            created_at: now,
            queued_at: None,
            started_at: None,
            finished_at: None,
        });
        &self.0[number - 1]
    }

    fn find(&mut self, kind: &str, id: &str) -> Option<&mut Job> {
        self.0
            .iter_mut()
            .find(|job| job.kind == kind && job.id == id)
    }
}

impl Job {
    /// Own choice: a job is on its way at the first look and done at the second, however soon.
    fn act(&mut self, action: &str, now: String) {
        match (action, self.status) {
            ("enqueue", Status::Created) => {
                self.status = Status::Queued;
                self.queued_at = Some(now);
            }
            ("cancel", Status::Created | Status::Queued | Status::Processing) => {
                self.status = Status::Cancelled;
            }
            ("status", Status::Queued) => {
                self.status = Status::Processing;
                self.started_at = Some(now);
            }
            ("status", Status::Processing) => {
                self.status = Status::Completed;
                self.finished_at = Some(now);
            }
            _ => {}
        }
    }

    fn shown(&self) -> Value {
        let mut shown = Map::new();
        let mut set = |name: &str, value: Value| {
            shown.insert(name.to_owned(), value);
        };
        set("exportId", json!(self.id));
        set("format", json!(self.order.format()));
        set("status", json!(self.status.name()));
        set("createdAt", json!(self.created_at));
        for (name, time) in [
            ("queuedAt", &self.queued_at),
            ("startedAt", &self.started_at),
            ("finishedAt", &self.finished_at),
        ] {
            if let Some(time) = time {
                set(name, json!(time));
            }
        }
        if self.status == Status::Completed {
            let (content, records) = self.order.file(&self.kind);
            let digest = Sha256::digest(content.as_bytes());
            set("numberOfRecords", json!(records));
            set("fileSize", json!(content.len()));
            set("fileChecksum", json!(format!("sha256:{}", hex(&digest))));
        }
        Value::Object(shown)
    }
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Vendor: the whole file, or with a `Range` header a part of it as 206.
fn file_of(job: &Job, seen: &Seen) -> Answer {
    if job.status != Status::Completed {
        return no_file();
    }
    let (content, _) = job.order.file(&job.kind);
    file::deliver(content.into_bytes(), seen)
}

/// Vendor: 404 with plain text for a file that is not there; the words are ours.
fn no_file() -> Answer {
    Answer {
        body: b"The export file is not there".to_vec(),
        ..Answer::empty(StatusCode::NOT_FOUND).note("the export file is not there")
    }
    .header(CONTENT_TYPE, "text/plain;charset=UTF-8")
}
