//! One change to the code, and how it is made.

use serde::Deserialize;

use super::Edit;

/// One thing that is wrong in a file.
#[derive(Clone, Debug)]
pub(super) struct Mutant {
    pub(super) edit: Edit,
    pub(super) genre: Genre,
}

/// The kind of change. All but the last have the names of cargo-mutants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) enum Genre {
    /// The body of a function becomes a value.
    FnValue,
    BinaryOperator,
    UnaryOperator,
    /// An arm of a match is left out.
    MatchArm,
    MatchArmGuard,
    /// A field of a struct is left to the base expression.
    StructField,
    /// A text that is sent over the wire becomes another.
    #[serde(skip)]
    Name,
}
