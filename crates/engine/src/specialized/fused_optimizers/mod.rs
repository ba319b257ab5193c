//! The expressions that optimizers are made of.

pub mod templates;
