//! Special cases of matrix products.

use std::sync::Arc;

use crate::ir::graph::Access;
use crate::ir::planner::Planner;
use crate::ir::program::ValueId;
use crate::kernels::matmul::{MatmulPlan, ProductKernel};

/// The kernels that products are offered before the general ones.
pub fn kernels() -> Vec<Arc<dyn ProductKernel>> {
    vec![
        #[cfg(all(feature = "matrix-unit", target_arch = "x86_64"))]
        crate::specialized::matrix_unit::kernel(),
    ]
}

type Rule = fn(&mut Planner, &mut MatmulPlan, ValueId) -> Option<Access>;

/// Lets a product read its left operand in another form, if that may be quicker; gives what it reads besides.
pub(crate) fn read_left_specially(
    planner: &mut Planner,
    plan: &mut MatmulPlan,
    a: ValueId,
) -> Option<Access> {
    let rules: &[Rule] = &[
        #[cfg(feature = "sparse-rows")]
        crate::specialized::sparse_rows::plan::matches,
    ];
    rules.iter().find_map(|rule| rule(planner, plan, a))
}

/// When all nodes are there: leaves rows where the caller has them, if the nodes allow it.
pub(crate) fn finish(planner: &mut Planner) {
    let rules: &[fn(&mut Planner)] = &[
        #[cfg(feature = "sparse-rows")]
        crate::specialized::sparse_rows::plan::read_in_place,
    ];
    rules.iter().for_each(|rule| rule(planner));
}
