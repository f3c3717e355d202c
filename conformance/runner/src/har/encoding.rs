//! The text of a recording, whatever it is encoded in: a byte order mark, UTF-16 and gzip are read, archives named.

use std::io::{self, BufReader, Read};

use flate2::read::MultiGzDecoder;

use super::read::HarError;

/// The most bytes that a compressed recording may expand to.
const LARGEST: u64 = 4 * 1024 * 1024 * 1024;

/// Archives and compressed files by their first bytes.
const OTHERS: [(&[u8], &str, &str); 6] = [
    (
        b"PK\x03\x04",
        "a ZIP archive",
        "unpack it into a folder of its own, and give the .har file there; bodies beside it are read",
    ),
    (b"\x28\xb5\x2f\xfd", "compressed by zstd", DECOMPRESS),
    (b"\xfd7zXZ", "compressed by xz", DECOMPRESS),
    (b"BZh", "compressed by bzip2", DECOMPRESS),
    (b"7z\xbc\xaf", "a 7z archive", DECOMPRESS),
    (b"\0\0\xfe\xff", "UTF-32", "write it as UTF-8"),
];
const DECOMPRESS: &str = "decompress it, and give the .har file";

/// The same text in UTF-8, without a byte order mark.
///
/// # Errors
///
/// If its first bytes are those of something else.
pub(super) fn decoded<'r>(source: impl Read + 'r) -> Result<Box<dyn Read + 'r>, HarError> {
    let (first, source) = peek(source)?;
    if first.starts_with(b"\x1f\x8b") {
        let plain = MultiGzDecoder::new(BufReader::new(source)).take(LARGEST);
        let (first, plain) = peek(plain)?;
        return text(&first, plain);
    }
    text(&first, source)
}

fn text<'r>(first: &[u8], source: impl Read + 'r) -> Result<Box<dyn Read + 'r>, HarError> {
    if let Some((_, what, fix)) = OTHERS.iter().find(|(bytes, ..)| first.starts_with(bytes)) {
        return Err(HarError(format!("this is {what}: {fix}")));
    }
    Ok(match first {
        [0xef, 0xbb, 0xbf, ..] => Box::new(behind(3, source)?),
        [0xff, 0xfe, ..] => Box::new(Utf16::new(behind(2, source)?, u16::from_le_bytes)),
        [0xfe, 0xff, ..] => Box::new(Utf16::new(behind(2, source)?, u16::from_be_bytes)),
        [b'{', 0, ..] => Box::new(Utf16::new(source, u16::from_le_bytes)),
        [0, b'{', ..] => Box::new(Utf16::new(source, u16::from_be_bytes)),
        _ => Box::new(source),
    })
}

/// The first bytes, and a reader of all of them.
fn peek<'r>(mut source: impl Read + 'r) -> Result<(Vec<u8>, impl Read + 'r), HarError> {
    let mut first = Vec::new();
    let read = source.by_ref().take(6).read_to_end(&mut first);
    read.map_err(|_| unreadable())?;
    Ok((first.clone(), io::Cursor::new(first).chain(source)))
}

fn behind(count: u64, mut source: impl Read) -> Result<impl Read, HarError> {
    let skipped = io::copy(&mut source.by_ref().take(count), &mut io::sink());
    skipped.map_err(|_| unreadable())?;
    Ok(source)
}

fn unreadable() -> HarError {
    HarError("the file cannot be read: export it again".to_owned())
}

/// UTF-16 as UTF-8.
struct Utf16<R> {
    source: R,
    unit: fn([u8; 2]) -> u16,
    /// The beginning of what is not complete yet.
    rest: Vec<u8>,
    text: io::Cursor<Vec<u8>>,
}

impl<R: Read> Utf16<R> {
    fn new(source: R, unit: fn([u8; 2]) -> u16) -> Self {
        Self {
            source,
            unit,
            rest: Vec::new(),
            text: io::Cursor::default(),
        }
    }

    /// The next part of the text; empty at its end.
    fn next(&mut self) -> io::Result<Vec<u8>> {
        let broken = || io::Error::from(io::ErrorKind::InvalidData);
        loop {
            let before = self.rest.len();
            self.source
                .by_ref()
                .take(8192)
                .read_to_end(&mut self.rest)?;
            let at_end = self.rest.len() == before;
            let (pairs, odd) = self.rest.as_chunks::<2>();
            let mut units: Vec<u16> = pairs.iter().map(|pair| (self.unit)(*pair)).collect();
            let mut rest = odd.to_vec();
            // The first half of a character whose second one comes next.
            if let Some(0xd800..=0xdbff) = units.last()
                && !at_end
            {
                units.pop();
                rest.splice(0..0, pairs.last().copied().unwrap_or_default());
            }
            if at_end && !rest.is_empty() {
                return Err(broken());
            }
            let mut text = Vec::with_capacity(units.len() * 3);
            for unit in char::decode_utf16(units) {
                match unit {
                    Ok(one) => text.extend_from_slice(one.encode_utf8(&mut [0; 4]).as_bytes()),
                    Err(alone) => text.extend_from_slice(&surrogate(alone.unpaired_surrogate())),
                }
            }
            self.rest = rest;
            if at_end || !text.is_empty() {
                return Ok(text);
            }
        }
    }
}

/// Half of a character, in the form of UTF-8. It is none, so that what holds it cannot be read, and nothing else.
fn surrogate(unit: u16) -> [u8; 3] {
    let [high, low] = unit.to_be_bytes();
    [
        0xe0 | high >> 4,
        0x80 | (high & 0x0f) << 2 | low >> 6,
        0x80 | low & 0x3f,
    ]
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut count = self.text.read(buffer)?;
        if count == 0 && !buffer.is_empty() {
            self.text = io::Cursor::new(self.next()?);
            count = self.text.read(buffer)?;
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> io::Result<String> {
        let mut text = String::new();
        let mut reader = decoded(bytes).map_err(|error| io::Error::other(error.to_string()))?;
        reader.read_to_string(&mut text)?;
        Ok(text)
    }

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn every_encoding_gives_the_same_text() {
        let text = format!("{{\"log\": \"{}\"}}", "手形 🎫".repeat(5000));
        let marked = format!("\u{feff}{text}");
        let gzip = |bytes: &[u8]| {
            let mut all = Vec::new();
            let mut encoder = flate2::read::GzEncoder::new(bytes, flate2::Compression::fast());
            encoder.read_to_end(&mut all).map(|_| all).unwrap()
        };
        for bytes in [
            text.clone().into_bytes(),
            marked.clone().into_bytes(),
            utf16(&marked, u16::to_le_bytes),
            utf16(&marked, u16::to_be_bytes),
            utf16(&text, u16::to_le_bytes),
            utf16(&text, u16::to_be_bytes),
            gzip(text.as_bytes()),
            gzip(&utf16(&marked, u16::to_le_bytes)),
            [gzip(&text.as_bytes()[..7]), gzip(&text.as_bytes()[7..])].concat(),
        ] {
            assert!(read(&bytes).unwrap() == text, "{:?}", &bytes[..4]);
        }
        assert_eq!(read(b"").unwrap(), "");
        assert_eq!(read(b"7").unwrap(), "7");
    }

    #[test]
    fn an_archive_is_named_with_what_to_do() {
        let error = read(b"PK\x03\x04 and more").unwrap_err().to_string();
        assert!(
            error.starts_with("this is a ZIP archive: unpack it"),
            "{error}"
        );
        let error = read(b"\xfd7zXZ\0").unwrap_err().to_string();
        assert_eq!(
            error,
            "this is compressed by xz: decompress it, and give the .har file"
        );
    }

    #[test]
    fn broken_text_is_an_error() {
        let half = utf16("{}", u16::to_le_bytes);
        assert!(read(&half[..3]).is_err());
        assert!(read(&[0xff, 0xfe, 0x00, 0xd8]).is_err());
        assert!(read(&[0x1f, 0x8b, 8, 0]).is_err());
    }
}
