//! What can go wrong when a verified program runs.

use std::fmt;

/// Why a run ended early. The variables are consistent in all cases: they have
/// the values that they had between two steps.
#[derive(Clone, Debug, PartialEq)]
pub enum RunError {
    /// The requested rows do not exist, or cannot be read.
    Rows(String),
    /// An index in the data is out of range, such as a label that is not a class index.
    Index(String),
    /// A bug in the engine.
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
