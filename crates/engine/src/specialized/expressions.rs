//! Special cases of elementwise expressions.

use crate::ir::program::MapStep;
use crate::kernels::expression::{ExpressionKernel, Place};
use crate::simd::Level;

type Rule = fn(&[MapStep], &[Place], Level) -> Option<Box<dyn ExpressionKernel>>;

/// A kernel for an expression of `f32` numbers over operands that lie so, if it is a well-known one.
pub(crate) fn kernel(code: &[MapStep], places: &[Place], level: Level) -> Option<Box<dyn ExpressionKernel>> {
    let rules: &[Rule] = &[
        #[cfg(feature = "fused-optimizers")]
        crate::specialized::fused_optimizers::kernel,
    ];
    rules.iter().find_map(|rule| rule(code, places, level))
}
