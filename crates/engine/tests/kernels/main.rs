//! The kernels, at every level of vectors that there is. Levels that this machine lacks are reported as ignored.

mod common;
mod convolution;
mod functions;
#[cfg(feature = "matrix-unit")]
mod matrix_unit;
mod products;
mod rows;
#[cfg(feature = "sparse-rows")]
mod sparse_rows;

use libtest_mimic::{Arguments, Trial};
use tensorlet_engine::simd::Level;

/// A check, and its name.
macro_rules! checks {
    ($($(#[$meta:meta])* $module:ident::$name:ident),* $(,)?) => {
        &[$($(#[$meta])* (concat!(stringify!($module), "::", stringify!($name)), $module::$name)),*]
    };
}

/// A check with its name.
type Check = (&'static str, fn(Level));

/// What must hold at every level.
const AT_EVERY_LEVEL: &[Check] = checks![
    functions::functions_are_within_two_units_in_the_last_place,
    functions::error_function_has_its_known_values,
    functions::larger_and_smaller_pass_nan_on,
    functions::elementwise_in_place_and_at_every_length,
    functions::division_follows_numpy,
    functions::integers_wrap_and_powers_truncate,
    functions::casts_truncate_saturate_and_ask_for_zero,
    functions::comparisons_and_choices,
    functions::lookup_refuses_what_makes_no_sense,
    products::products_of_all_small_shapes_and_types,
    products::products_of_medium_shapes,
    products::products_of_the_networks_we_train,
    products::empty_products_are_zero,
    products::partial_sums_are_added_in_the_order_of_the_parts,
    convolution::convolutions_of_all_shapes,
    convolution::not_finite_pictures,
    convolution::gradients_to_pictures_of_all_shapes,
    convolution::gradients_to_filters_of_all_shapes,
    convolution::pooling_of_all_shapes,
    convolution::pooling_passes_nan_on,
    rows::softmax_of_rows,
    rows::softmax_passes_nan_and_infinity_on,
    rows::sums_over_every_set_of_axes,
    rows::reductions_by_hand,
    rows::reductions_of_nothing,
    #[cfg(feature = "sparse-rows")]
    sparse_rows::zeros_left_out_change_no_bit,
    #[cfg(feature = "sparse-rows")]
    sparse_rows::a_number_that_is_not_finite_reaches_all_sums,
    #[cfg(feature = "sparse-rows")]
    sparse_rows::lists_of_full_batches_do_not_pay,
];

/// What has no level.
const ONCE: &[(&str, fn())] = checks![
    products::work_is_cut_as_the_runner_expects,
    rows::positions_of_the_largest,
    rows::positions_of_many_rows_are_those_of_each,
    #[cfg(feature = "matrix-unit")]
    matrix_unit::emulated,
];

/// A check that is ignored, and fails if it is run all the same, where the level is missing.
fn trial(level: Level, name: &str, check: fn(Level)) -> Trial {
    let available = level.is_available();
    let run = move || {
        if !available {
            return Err(format!("this machine has no {}", level.name()).into());
        }
        check(level);
        Ok(())
    };
    Trial::test(format!("{}::{name}", level.name()), run).with_ignored_flag(!available)
}

fn main() {
    let mut trials = Vec::new();
    for level in Level::ALL {
        trials.extend(AT_EVERY_LEVEL.iter().map(|&(name, check)| trial(level, name, check)));
    }
    #[cfg(all(feature = "matrix-unit", target_arch = "x86_64"))]
    trials.push(trial(Level::Amx, "matrix_unit::hardware", matrix_unit::hardware));
    trials.extend(ONCE.iter().map(|&(name, check)| {
        Trial::test(name, move || {
            check();
            Ok(())
        })
    }));
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}
