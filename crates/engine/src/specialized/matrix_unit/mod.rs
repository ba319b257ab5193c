//! Products on Intel's matrix unit.

pub(crate) mod narrow;
mod unit;
pub(crate) mod wide;
