//! The operations of programs, one file for each family.
//!
//! An operation is a type that holds its attributes and implements [`Operation`]: how it is checked, and how it
//! adds nodes to a plan. What such a node does is an `Action`: how it is run and described. A family's file lists its
//! operations in `FAMILY`; a new operation in it touches no other file.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::ir::planner::Planner;
use crate::ir::program::{Attributes, Op, ValueId};
use crate::ir::types::Type;

mod convolution;
pub(crate) mod elementwise;
mod index;
mod join;
pub(crate) mod looping;
mod matmul;
pub(crate) mod movement;
mod pooling;
pub(crate) mod product;
mod random;
pub(crate) mod reduce;
mod row_updates;
mod scan;
mod softmax;
mod sort;
mod windows;

pub use convolution::{Conv2d, Conv2dFilterGradient, Conv2dInputGradient};
pub use elementwise::Map;
pub use index::{Gather, Pick, ScatterAdd};
pub use join::{Concat, Pad};
pub use looping::{Loop, LoopResult};
pub use matmul::Matmul;
pub use movement::{Broadcast, Reshape, Slice, Transpose};
pub use pooling::{AvgPool2d, AvgPool2dGradient, MaxPool2d, MaxPool2dScatter, MaxPool2dSelect};
pub use random::Random;
pub use reduce::{ArgReduce, Reduce};
pub use row_updates::{FirstPlaces, PutRows};
pub use scan::Cumsum;
pub use softmax::{LogSoftmax, Softmax};
pub use sort::{Argsort, Sort};

/// All families.
const FAMILIES: &[&[Entry]] = &[
    elementwise::FAMILY,
    matmul::FAMILY,
    reduce::FAMILY,
    softmax::FAMILY,
    index::FAMILY,
    row_updates::FAMILY,
    movement::FAMILY,
    join::FAMILY,
    scan::FAMILY,
    sort::FAMILY,
    random::FAMILY,
    convolution::FAMILY,
    pooling::FAMILY,
    looping::FAMILY,
];

/// An operation with its attributes.
pub(crate) trait Operation: Serialize + DeserializeOwned + 'static {
    /// Its name in programs.
    const NAME: &'static str;

    /// Checks the types of an instruction's inputs and of its declared result.
    ///
    /// # Errors
    /// A sentence with what was given and what is expected.
    fn check(&self, inputs: &[Type], result: Type) -> Result<(), String>;

    /// Adds the nodes that compute `value` from `inputs`. All has been checked.
    ///
    /// # Errors
    /// When there is no kernel for it.
    fn plan(&self, planner: &mut Planner, inputs: &[ValueId], value: ValueId) -> Result<(), String>;
}

/// The entry of an operation in the table of names.
pub(crate) struct Entry {
    pub name: &'static str,
    pub check: fn(&Attributes, &[Type], Type) -> Result<(), String>,
    pub plan: fn(&Attributes, &mut Planner, &[ValueId], ValueId) -> Result<(), String>,
}

impl Entry {
    /// The entry of an operation.
    const fn of<T: Operation>() -> Entry {
        Entry {
            name: T::NAME,
            check: |attributes, inputs, result| attributes_of::<T>(attributes)?.check(inputs, result),
            plan: |attributes, planner, inputs, value| {
                attributes_of::<T>(attributes)?.plan(planner, inputs, value)
            },
        }
    }
}

fn attributes_of<T: Operation>(attributes: &Attributes) -> Result<T, String> {
    let object = serde_json::Value::Object(attributes.clone());
    serde_json::from_value(object).map_err(|error| format!("the attributes are wrong: {error}"))
}

/// The operation of a name.
///
/// # Errors
/// A list of all operations, if there is none.
pub(crate) fn find(op: &Op) -> Result<&'static Entry, String> {
    let mut all = FAMILIES.iter().copied().flatten();
    all.find(|entry| entry.name == op.name).ok_or_else(|| {
        let names: Vec<&str> = FAMILIES.iter().copied().flatten().map(|entry| entry.name).collect();
        format!("unknown operation; the operations are {}", names.join(", "))
    })
}

impl Op {
    /// The operation with its attributes, if it is of this type.
    pub(crate) fn read<T: Operation>(&self) -> Option<T> {
        (self.name == T::NAME).then(|| attributes_of(&self.attributes).ok()).flatten()
    }
}

#[allow(private_bounds)] // users make programs of operations, and add none
impl<T: Operation> From<T> for Op {
    fn from(operation: T) -> Op {
        let attributes = match serde_json::to_value(&operation) {
            Ok(serde_json::Value::Object(attributes)) => attributes,
            _ => Attributes::new(),
        };
        Op { name: T::NAME.to_string(), attributes }
    }
}
