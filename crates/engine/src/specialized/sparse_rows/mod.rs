//! Products that leave out the zeros of a batch of rows: pictures of digits are mostly background.
//!
//! Measured with an epoch of 784-128-10 with Adam on MNIST, one thread, against the same engine without this folder: 1.5
//! times as fast with AVX-512, 1.6 times with AVX2. The bits are the same. Leaving the zeros of
//! narrow layers out (softmax regression) gains less than 1.1, and is not done.

mod lists;
pub(crate) mod plan;
mod products;

pub use lists::{ListPlan, list};
pub use products::ListedTiles;
