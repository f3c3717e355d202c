//! Forms of several parts (RFC 7578), files among them: what generated clients take and send.

use std::fmt;
use std::future::Future;
use std::io;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use reqwest::Body;
use serde::Serialize;
use serde_json::Value;

use crate::Error;
use crate::provider::BoxFuture;

/// A file in a form: its content, and what is sent with it.
///
/// ```no_run
/// use tegata::multipart::Part;
///
/// let picture = Part::bytes(vec![0xff, 0xd8]).file_name("me.jpg").content_type("image/jpeg");
/// let list = Part::file("leads.csv");
/// ```
#[derive(Clone)]
pub struct Part {
    content: Content,
    is_file: bool,
    file_name: Option<String>,
    content_type: Option<String>,
}

type Made = BoxFuture<'static, io::Result<reqwest::multipart::Part>>;

#[derive(Clone)]
enum Content {
    Bytes(Bytes),
    /// A file on disk, which has a name and by that a content type.
    File(Arc<Path>),
    /// Made anew each time it is sent.
    Made(Arc<dyn Fn() -> Made + Send + Sync>),
}

impl Part {
    /// A file whose content is in memory.
    pub fn bytes(content: impl Into<Bytes>) -> Self {
        Self::of(Content::Bytes(content.into()))
    }

    /// A file on disk, with its name and, by the ending of that, its content type. It is opened when it is sent, and once
    /// more if the credential was refused and has been renewed.
    pub fn file(path: impl AsRef<Path>) -> Self {
        Self::of(Content::File(path.as_ref().into()))
    }

    /// A file whose content is made each time it is sent, such as a stream.
    pub fn stream_with<B, F>(content: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        B: Into<Body>,
        F: Future<Output = io::Result<B>> + Send + 'static,
    {
        Self::of(Content::Made(Arc::new(move || {
            let content = content();
            Box::pin(async move { Ok(reqwest::multipart::Part::stream(content.await?)) })
        })))
    }

    fn of(content: Content) -> Self {
        Self {
            content,
            is_file: true,
            file_name: None,
            content_type: None,
        }
    }

    /// Sets the file name, in place of that of the file or of the field.
    #[must_use]
    pub fn file_name(mut self, name: impl Into<String>) -> Self {
        self.file_name = Some(name.into());
        self
    }

    /// Sets the content type, in place of the one that the API documents.
    #[must_use]
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.content_type = Some(content_type.into());
        self
    }

    async fn made(&self, field: &str) -> Result<reqwest::multipart::Part, Error> {
        let unread = |error| {
            Error::configuration("the content of a part of the form could not be had")
                .with_source(error)
        };
        let (part, own_name) = match &self.content {
            Content::Bytes(content) => {
                let length = content.len() as u64;
                let part = reqwest::multipart::Part::stream_with_length(content.clone(), length);
                (part, field.into())
            }
            Content::File(path) => {
                let part = reqwest::multipart::Part::file(path).await.map_err(unread)?;
                (part, path.file_name().unwrap_or_default().to_string_lossy())
            }
            Content::Made(make) => (make().await.map_err(unread)?, field.into()),
        };
        let part = if self.is_file {
            part.file_name(escaped(self.file_name.as_deref().unwrap_or(&own_name)))
        } else {
            part
        };
        match &self.content_type {
            Some(kind) => part.mime_str(kind).map_err(|_| {
                Error::configuration("the content type of a part is none: write it as `image/png`")
            }),
            None => Ok(part),
        }
    }
}

impl<T: Into<Bytes>> From<T> for Part {
    fn from(content: T) -> Self {
        Self::bytes(content)
    }
}

/// Shows nothing of the content and of what is sent with it.
impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part").finish_non_exhaustive()
    }
}

/// A form, made by generated code out of a type of the document.
#[derive(Clone, Default)]
pub struct Form {
    parts: Vec<(String, Part)>,
}

impl Form {
    /// Adds files under one name. The content type is that of the document, for those that have none: a file on disk has
    /// that of its name.
    pub fn files(&mut self, name: &str, files: impl Parts, content_type: Option<&str>) {
        for mut part in files.parts() {
            if part.content_type.is_none() && !matches!(part.content, Content::File(_)) {
                let kind = content_type.unwrap_or("application/octet-stream");
                part.content_type = Some(kind.to_owned());
            }
            self.parts.push((name.to_owned(), part));
        }
    }

    /// Adds a value: texts, numbers and truth values as text, each item of a list by itself, objects as JSON. If the
    /// content type is JSON, a list is one part.
    ///
    /// # Errors
    /// If it cannot be written as JSON.
    pub fn value(
        &mut self,
        name: &str,
        value: &impl Serialize,
        content_type: Option<&str>,
    ) -> Result<(), Error> {
        let value = serde_json::to_value(value)
            .map_err(|_| Error::configuration("a part of the form could not be written as JSON"))?;
        self.add(name, value, content_type);
        Ok(())
    }

    fn add(&mut self, name: &str, value: Value, content_type: Option<&str>) {
        let is_json = content_type.is_some_and(|it| it.contains("json"));
        let (text, content_type) = match value {
            Value::Null => return,
            Value::Array(items) if !is_json => {
                for it in items {
                    self.add(name, it, content_type);
                }
                return;
            }
            Value::String(text) => (text, content_type),
            Value::Array(_) | Value::Object(_) => {
                (value.to_string(), content_type.or(Some("application/json")))
            }
            other => (other.to_string(), content_type),
        };
        let part = Part {
            is_file: false,
            content_type: content_type.map(str::to_owned),
            ..Part::bytes(text)
        };
        self.parts.push((name.to_owned(), part));
    }

    pub(crate) async fn made(self) -> Result<reqwest::multipart::Form, Error> {
        // RFC 7578 has no `name*=`, and servers do not read it.
        let mut form = reqwest::multipart::Form::new().percent_encode_noop();
        for (name, part) in self.parts {
            let part = part.made(&name).await?;
            form = form.part(escaped(&name), part);
        }
        Ok(form)
    }
}

/// A name as browsers send it, by the HTML standard: it cannot end its quotes, nor begin another header.
fn escaped(name: &str) -> String {
    name.replace('"', "%22")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// Shows how many parts there are, and nothing of them.
impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Form")
            .field("parts", &self.parts.len())
            .finish_non_exhaustive()
    }
}

/// One file, several, or none.
pub trait Parts {
    #[doc(hidden)]
    fn parts(self) -> Vec<Part>;
}

impl Parts for Part {
    fn parts(self) -> Vec<Part> {
        vec![self]
    }
}

impl<T: Parts> Parts for Option<T> {
    fn parts(self) -> Vec<Part> {
        self.map(Parts::parts).unwrap_or_default()
    }
}

impl<T: Parts> Parts for Vec<T> {
    fn parts(self) -> Vec<Part> {
        self.into_iter().flat_map(Parts::parts).collect()
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    async fn sent(form: Form) -> String {
        let form = form.made().await.expect("a form");
        let request = reqwest::Client::new()
            .post("http://localhost")
            .multipart(form);
        let mut request = request.build().expect("a request");
        let body = request.body_mut().take().expect("a body");
        let body = body.collect().await.expect("bytes").to_bytes();
        String::from_utf8_lossy(&body).into_owned()
    }

    #[tokio::test]
    async fn values_and_files_are_parts_of_their_own() {
        let mut form = Form::default();
        form.value("text", &"a b", None).expect("added");
        form.value("none", &None::<u8>, None).expect("added");
        form.value("list", &json!([1, true]), None).expect("added");
        form.value("object", &json!({"a": 1}), None).expect("added");
        form.value("whole", &json!([1, 2]), Some("application/json"))
            .expect("added");
        form.files(
            "file",
            Some(vec![
                Part::bytes("one"),
                Part::bytes("two")
                    .file_name("2.txt")
                    .content_type("text/plain"),
            ]),
            None,
        );
        form.files("none", None::<Part>, None);
        form.files(
            "made",
            Part::stream_with(async || Ok("three")),
            Some("image/png"),
        );
        let text = sent(form).await;
        let part = |head: &str, body: &str| {
            format!("Content-Disposition: form-data; {head}\r\n\r\n{body}\r\n")
        };
        for it in [
            part("name=\"text\"", "a b"),
            part("name=\"list\"", "1"),
            part("name=\"list\"", "true"),
            part(
                "name=\"object\"\r\nContent-Type: application/json",
                "{\"a\":1}",
            ),
            part("name=\"whole\"\r\nContent-Type: application/json", "[1,2]"),
            part(
                "name=\"file\"; filename=\"file\"\r\nContent-Type: application/octet-stream",
                "one",
            ),
            part(
                "name=\"file\"; filename=\"2.txt\"\r\nContent-Type: text/plain",
                "two",
            ),
            part(
                "name=\"made\"; filename=\"made\"\r\nContent-Type: image/png",
                "three",
            ),
        ] {
            assert!(text.contains(&it), "{it} of {text}");
        }
        assert!(!text.contains("\"none\""), "{text}");
    }

    #[rstest]
    #[case("my file", "my file")]
    #[case("a/b", "a/b")]
    #[case("50%", "50%")]
    #[case("添付", "添付")]
    #[case("a\"b", "a%22b")]
    #[case("x\r\nX-Evil: 1", "x%0D%0AX-Evil: 1")]
    #[tokio::test]
    async fn a_name_is_sent_as_browsers_send_it(#[case] name: &str, #[case] escaped: &str) {
        let mut form = Form::default();
        form.value(name, &"v", None).expect("added");
        form.files(name, Part::bytes("f"), None);
        let named = Part::bytes("f").file_name(name);
        form.files("one", named, None);
        let made = Part::stream_with(async || Ok("f")).file_name(name);
        form.files("two", made, None);
        let text = sent(form).await;
        let heads: Vec<&str> = text
            .split("\r\n")
            .filter_map(|it| it.strip_prefix("Content-Disposition: form-data; "))
            .collect();
        let expected = [
            format!("name=\"{escaped}\""),
            format!("name=\"{escaped}\"; filename=\"{escaped}\""),
            format!("name=\"one\"; filename=\"{escaped}\""),
            format!("name=\"two\"; filename=\"{escaped}\""),
        ];
        assert_eq!(heads, expected);
        assert!(!text.contains("\nX-Evil"), "{text}");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn the_name_of_a_file_on_disk_is_escaped_too() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a\"\r\nX-Evil: 1");
        std::fs::write(&path, "content").expect("written");
        let mut form = Form::default();
        form.files("file", Part::file(path), None);
        let text = sent(form).await;
        let head = "name=\"file\"; filename=\"a%22%0D%0AX-Evil: 1\"\r\n";
        assert!(text.contains(head), "{text}");
    }

    #[tokio::test]
    async fn a_part_that_cannot_be_sent_is_an_error_without_its_content() {
        for part in [
            Part::bytes("CANARY").content_type("CANARY"),
            Part::stream_with(async || Err::<Bytes, _>(io::Error::other("closed"))),
            Part::file("/nowhere/CANARY"),
        ] {
            assert!(!format!("{part:?}").contains("CANARY"));
            let mut form = Form::default();
            form.files("file", part, None);
            assert!(!format!("{form:?}").contains("CANARY"));
            let error = form.made().await.expect_err("no part");
            assert!(
                error.is_configuration() && !format!("{error:?}").contains("CANARY"),
                "{error:?}"
            );
        }
    }
}
