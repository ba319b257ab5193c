//! A plan in words.

use std::fmt::Write;

use super::finished::{ARENA, CONSTANTS, FIRST_INPUT, Plan};
use crate::ir::graph::{FusionGroup, Location, Task};
use crate::ir::types::{Type, describe_type};

impl Plan {
    /// The whole plan, in words: nodes in order, parts, places and barriers.
    pub fn describe(&self) -> String {
        let mut text = String::new();
        let name = if self.name.is_empty() { "program" } else { &self.name };
        let _ = writeln!(
            text,
            "{name}: {} instructions, {} nodes, {} barriers a step, {} bytes of arena, {}, about {:.1} us",
            self.titles.len(),
            self.nodes.len(),
            self.barrier_count(),
            self.arena_bytes,
            self.level.name(),
            self.cost / 1000.0
        );
        for (kind, declarations) in
            [("input", &self.inputs), ("variable", &self.variables), ("output", &self.outputs)]
        {
            for (number, value) in declarations.iter().enumerate() {
                let shown = describe_type(Type { dtype: value.dtype, shape: &value.shape });
                let transposed = if value.transposed { ", kept transposed" } else { "" };
                let in_place = kind == "input" && self.in_place.iter().any(|(input, _)| *input == number);
                let place = if in_place { ", read where it is" } else { "" };
                let _ = writeln!(text, "  {kind} {number}: {shown}{transposed}{place}");
            }
        }
        for (number, node) in self.nodes.iter().enumerate() {
            if node.barrier {
                text.push_str("  ---- barrier\n");
            }
            let places = &self.locations[number];
            let reads: Vec<String> = places[1..].iter().map(|place| self.place_name(*place)).collect();
            let title = match node.instruction {
                Some(instruction) => self.titles[instruction].clone(),
                None => String::new(),
            };
            let _ = writeln!(
                text,
                "  {} {} <- {}  [{} part{}, {:.1} us] {title}{}",
                task_name(&node.task),
                if node.write.is_some() { self.place_name(places[0]) } else { "-".to_string() },
                if reads.is_empty() { "-".to_string() } else { reads.join(", ") },
                node.partition.parts(),
                if node.partition.parts() == 1 { "" } else { "s" },
                node.cost / 1000.0,
                group_text(node.group),
            );
        }
        if let Some(special) = &self.special {
            let _ = writeln!(text, "  {}", special.describe());
        }
        text
    }

    fn place_name(&self, place: Location) -> String {
        let first_variable = FIRST_INPUT + self.inputs.len();
        let first_output = first_variable + self.variables.len();
        match place.base {
            ARENA => format!("arena+{}", place.offset),
            CONSTANTS => format!("constants+{}", place.offset),
            base if base < first_variable => format!("input {}", base - FIRST_INPUT),
            base if base < first_output => format!("variable {}", base - first_variable),
            base => format!("output {}", base - first_output),
        }
    }
}

fn group_text(group: FusionGroup) -> String {
    match group {
        FusionGroup { followers: 0, .. } => String::new(),
        FusionGroup { followers, streams: false } => format!(", with the {followers} behind it"),
        FusionGroup { followers, streams: true } => {
            format!(", with the {followers} behind it, sums not stored")
        }
    }
}

fn task_name(task: &Task) -> String {
    match task {
        Task::Fetch { .. } => "fetch rows".to_string(),
        Task::Check => "check indices".to_string(),
        Task::Compute(action) => action.describe(),
    }
}
