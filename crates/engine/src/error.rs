//! What can go wrong when a verified program runs.

use std::fmt;

/// Why a run ended early. The variables are whole in either case: they hold
/// the values that they had at the border of a step.
#[derive(Clone, Debug, PartialEq)]
pub enum RunError {
    /// The rows that were asked for do not exist, or cannot be had.
    Rows(String),
    /// An index in the data lies outside its axis, such as a label that there is no class for.
    Index(String),
    /// Something broke in the engine itself.
    Internal(String),
}

impl fmt::Display for RunError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RunError::Rows(message) | RunError::Index(message) => formatter.write_str(message),
            RunError::Internal(message) => write!(formatter, "the engine failed: {message}"),
        }
    }
}

impl std::error::Error for RunError {}
