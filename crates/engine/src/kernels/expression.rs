//! Other ways to compute elementwise expressions than step by step. See `specialized::expressions`.

use std::any::Any;
use std::fmt;

/// How an operand is found from the position in the result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    /// It lies like the result.
    Same,
    /// It is one number.
    Scalar,
    /// Anything else.
    Other,
}

/// Expressions that may be computed in one loop.
pub const JOINED: usize = 3;

/// Another way to compute an expression, with the same bits.
pub trait ExpressionKernel: Any + fmt::Debug + Send + Sync {
    /// Computes elements `start..start + count`.
    ///
    /// # Safety
    /// `arrays` are the operands of the expression, whole; `out` may be one of those that
    /// lie like the result, and overlaps nothing else.
    unsafe fn run(&self, start: usize, count: usize, arrays: &[*mut u8], out: *mut u8);

    /// Whether these calls, the last of which is this kernel's, can be computed in one loop.
    fn joins(&self, _calls: &[Call; JOINED]) -> bool {
        false
    }

    /// Computes them so.
    ///
    /// # Safety
    /// As `run`, for each of them; `joins` was true.
    unsafe fn run_joined(&self, calls: &[Call; JOINED], start: usize, count: usize) {
        for call in calls {
            // SAFETY: handed on.
            unsafe { call.kernel.run(start, count, call.operands, call.out) };
        }
    }
}

/// A special kernel, its operands and its result.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// The kernel.
    pub kernel: &'a dyn ExpressionKernel,
    /// Whole arrays.
    pub operands: &'a [*mut u8],
    /// The whole result.
    pub out: *mut u8,
}

impl Call<'_> {
    /// The kernel, if it is of this kind.
    pub fn kernel_of<T: ExpressionKernel>(&self) -> Option<&T> {
        let kernel: &dyn Any = self.kernel;
        kernel.downcast_ref()
    }
}
