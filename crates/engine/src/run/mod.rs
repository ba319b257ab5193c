//! Running a plan: the threads, the rows of each batch, and what each node does.

mod cpus;
pub(crate) mod execute;
mod failures;
pub mod fetch;
pub(crate) mod flush;
pub(crate) mod job;
mod pace;
pub mod pool;
pub mod runner;
pub mod thread_count;
