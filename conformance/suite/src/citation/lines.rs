//! Line numbers of a source, written as `"62"`, `"57-63"` or `"4-5,15"`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A set of lines, 1-based, ascending and without overlap.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Lines(Vec<(usize, usize)>);

impl Lines {
    /// Every line number, ascending.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().flat_map(|&(first, last)| first..=last)
    }

    /// The highest line number.
    pub fn last(&self) -> usize {
        self.0.last().map_or(0, |&(_, last)| last)
    }

    /// Whether `line` belongs to the set.
    pub fn contains(&self, line: usize) -> bool {
        self.0
            .iter()
            .any(|&(first, last)| (first..=last).contains(&line))
    }
}

/// Why a text is no set of lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineError(String);

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` names no lines; write ascending numbers and ranges as in \"4-5,15\"",
            self.0
        )
    }
}

impl std::error::Error for LineError {}

impl FromStr for Lines {
    type Err = LineError;

    fn from_str(text: &str) -> Result<Self, LineError> {
        let bad = || LineError(text.to_owned());
        let mut ranges: Vec<(usize, usize)> = Vec::new();
        for part in text.split(',').map(str::trim) {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let first: usize = first.parse().map_err(|_| bad())?;
            let last: usize = last.parse().map_err(|_| bad())?;
            let previous = ranges.last().map_or(0, |&(_, last)| last);
            if first <= previous || last < first {
                return Err(bad());
            }
            ranges.push((first, last));
        }
        Ok(Self(ranges))
    }
}

impl TryFrom<String> for Lines {
    type Error = LineError;

    fn try_from(text: String) -> Result<Self, LineError> {
        text.parse()
    }
}

impl From<Lines> for String {
    fn from(lines: Lines) -> Self {
        lines.to_string()
    }
}

impl fmt::Display for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, &(first, last)) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(",")?;
            }
            if first == last {
                write!(f, "{first}")?;
            } else {
                write!(f, "{first}-{last}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_and_numbers_are_read_and_written_alike() {
        for text in ["62", "57-63", "4-5,15,20-21"] {
            let lines: Lines = text.parse().unwrap();
            assert_eq!(lines.to_string(), text);
        }
        let lines: Lines = "4-5, 15".parse().unwrap();
        assert_eq!(lines.iter().collect::<Vec<_>>(), [4, 5, 15]);
        assert!(lines.contains(15) && !lines.contains(6), "{lines}");
    }

    #[test]
    fn anything_else_is_refused_by_its_text() {
        for text in ["", "0", "a", "5-4", "4,4", "9,3", "1-", "1--2"] {
            let error = text.parse::<Lines>().unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("`{text}` names no lines")),
                "{error}"
            );
        }
    }
}
