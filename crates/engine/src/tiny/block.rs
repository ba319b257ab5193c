//! Several programs in turn.
