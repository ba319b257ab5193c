//! Programs and what they are made of.
//!
//! `program` is what is given: instructions over numbered values. `ops` knows the operations, one file a
//! family: how each is checked, planned, run and described. `graph` has the nodes that planning gives.

mod check;
pub(crate) mod graph;
pub mod ops;
pub(crate) mod planner;
pub mod program;
mod stages;
pub mod types;
pub mod verify;
