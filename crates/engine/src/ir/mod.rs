//! Programs and what they are made of.
//!
//! `program` defines programs: instructions over numbered values. `ops` has the operations, one file for each
//! family: how each is checked, planned, run and described. `graph` has the nodes that planning creates.

mod check;
pub(crate) mod graph;
pub mod ops;
pub(crate) mod planner;
pub mod program;
mod stages;
pub mod types;
pub mod verify;
