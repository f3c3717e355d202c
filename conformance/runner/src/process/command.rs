//! A command line, split as a shell would, without a shell.

use std::fmt;
use std::str::FromStr;

/// A program and its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// The program.
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<String>,
}

/// Why a command line cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommandError {
    /// There is no word in it.
    Empty,
    /// A quotation mark is not closed, or a backslash stands at the end.
    Open,
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the command is empty; name a program and its arguments",
            Self::Open => {
                "the command ends inside quotation marks or behind a backslash; close them"
            }
        })
    }
}

impl std::error::Error for CommandError {}

impl FromStr for Words {
    type Err = CommandError;

    fn from_str(text: &str) -> Result<Self, CommandError> {
        let mut words = shlex::split(text).ok_or(CommandError::Open)?.into_iter();
        let program = words.next().filter(|program| !program.is_empty());
        Ok(Self {
            program: program.ok_or(CommandError::Empty)?,
            arguments: words.collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_quotes_and_backslashes_are_read_as_in_a_shell() {
        let words: Words = r#"python3 "my client.py" 'a $b' c\ d $HOME; |"#.parse().unwrap();
        assert_eq!(words.program, "python3");
        let expected = ["my client.py", "a $b", "c d", "$HOME;", "|"];
        assert_eq!(words.arguments, expected);
    }

    #[test]
    fn an_invalid_command_line_is_refused() {
        for (text, error) in [
            ("", CommandError::Empty),
            ("  ", CommandError::Empty),
            ("''", CommandError::Empty),
            ("a 'b", CommandError::Open),
            ("a \\", CommandError::Open),
        ] {
            assert_eq!(text.parse::<Words>(), Err(error), "{text}");
        }
    }
}
