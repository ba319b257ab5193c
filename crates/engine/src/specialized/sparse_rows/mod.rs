//! Products that leave out the zeros of a batch of rows.

pub(crate) mod list_products;
pub mod lists;
pub mod mark_products;
pub mod marks;
mod plan;
