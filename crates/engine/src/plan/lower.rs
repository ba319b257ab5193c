//! From instructions to nodes.

use crate::ir::graph::{Graph, Placement};
use crate::ir::ops;
use crate::ir::planner::Planner;
use crate::ir::program::Program;
use crate::ir::types;
use crate::ir::verify::instruction_title;
use crate::simd::Level;
use crate::specialized::products;

/// The lowering of one program.
pub(super) struct Lowering<'a> {
    pub program: &'a Program,
    pub planner: Planner<'a>,
}

/// Lowers a verified program.
pub(super) fn lower(program: &Program, level: Level) -> Result<Graph, String> {
    let planner = Planner::new(types::types(program), program.inputs.len(), level);
    let mut lowering = Lowering { program, planner };
    lowering.place_given_values();
    let needed = lowering.needed();
    lowering.add_fetches(&needed);
    lowering.lower_needed()?;
    lowering.cut_fetches();
    lowering.add_check();
    lowering.settle_updates();
    lowering.settle_outputs();
    lowering.find_private_fetches();
    products::finish(&mut lowering.planner);
    lowering.change_variables_late();
    Ok(lowering.planner.graph)
}

impl Lowering<'_> {
    /// The number of the first value that an instruction computes.
    pub fn first_computed(&self) -> usize {
        self.planner.types.len() - self.program.instructions.len()
    }

    /// Lowers the instructions that an output or an update depends on.
    pub fn lower_needed(&mut self) -> Result<(), String> {
        let (needed, first) = (self.needed(), self.first_computed());
        let mut numbers = 0..self.program.instructions.len();
        numbers.try_for_each(|number| match needed[first + number] {
            true => self.lower_instruction(number),
            false => Ok(()),
        })
    }

    pub fn place_given_values(&mut self) {
        let program = self.program;
        let inputs = (0..program.inputs.len()).map(Placement::Input);
        let variables = program.variables.iter().enumerate().map(|(number, variable)| {
            if variable.transposed { Placement::Transposed(number) } else { Placement::Variable(number) }
        });
        let constants = program.constants.iter().map(|constant| Placement::Constant(constant.offset));
        let computed = program.instructions.iter().map(|_| Placement::Arena);
        let placements: Vec<Placement> = inputs.chain(variables).chain(constants).chain(computed).collect();
        for (value, placement) in placements.into_iter().enumerate() {
            self.planner.new_value(placement, self.planner.types[value].bytes());
        }
    }

    /// Which values an output or an update depends on.
    fn needed(&self) -> Vec<bool> {
        let mut needed = vec![false; self.planner.types.len()];
        let ends = self.program.outputs.iter().chain(self.program.updates.iter().map(|(_, value)| value));
        ends.for_each(|&value| needed[value] = true);
        for (number, instruction) in self.program.instructions.iter().enumerate().rev() {
            if needed[self.first_computed() + number] {
                instruction.inputs.iter().for_each(|&value| needed[value] = true);
            }
        }
        needed
    }

    fn lower_instruction(&mut self, number: usize) -> Result<(), String> {
        let instruction = &self.program.instructions[number];
        let value = self.first_computed() + number;
        let first_node = self.planner.graph.nodes.len();
        ops::find(&instruction.op)
            .and_then(|entry| {
                (entry.plan)(&instruction.op.attributes, &mut self.planner, &instruction.inputs, value)
            })
            .map_err(|message| format!("{}: {message}", instruction_title(number, instruction)))?;
        for node in &mut self.planner.graph.nodes[first_node..] {
            node.instruction = Some(number);
        }
        Ok(())
    }
}
