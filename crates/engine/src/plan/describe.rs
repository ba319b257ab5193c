//! A plan in words.

use std::fmt::Write;

use super::{ARENA, Action, CONSTANTS, FIRST_INPUT, Location, Plan};
use crate::ir::verify::{Type, describe_type};
use crate::kernels::matmul::Split;
use crate::plan::fusion::FusionGroup;

impl Plan {
    /// The whole plan, for people: nodes in order, parts, places and barriers.
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
                action_name(&node.action),
                if node.write.is_some() { self.place_name(places[0]) } else { "-".to_string() },
                if reads.is_empty() { "-".to_string() } else { reads.join(", ") },
                node.partition.parts(),
                if node.partition.parts() == 1 { "" } else { "s" },
                node.cost / 1000.0,
                group_text(node.group),
            );
        }
        if let Some(tiny) = &self.tiny {
            let _ = writeln!(text, "  {}", tiny.describe());
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

fn action_name(action: &Action) -> String {
    match action {
        Action::Fetch { .. } => "fetch rows".to_string(),
        Action::Map { .. } => "map".to_string(),
        Action::Mark { .. } => "mark what is not zero".to_string(),
        Action::List { .. } => "list what is not zero".to_string(),
        Action::Matmul { plan, .. } => {
            let cut = match plan.split {
                Split::Rows(_) => "rows",
                Split::Columns(_) => "columns",
                Split::Inner(_) => "sums",
            };
            let spec = plan.spec;
            let zeros =
                if plan.skip.is_some() || plan.lists.is_some() { ", without zeros if that pays" } else { "" };
            format!("matmul {}x{}x{} by {cut}{zeros}", spec.m, spec.k, spec.n)
        }
        Action::Combine { .. } => "add partial sums".to_string(),
        Action::Softmax { log: false, .. } => "softmax".to_string(),
        Action::Softmax { log: true, .. } => "log_softmax".to_string(),
        Action::Reduce { .. } => "reduce".to_string(),
        Action::ArgReduce { .. } => "arg_reduce".to_string(),
        Action::Pick { .. } => "pick".to_string(),
        Action::Strided { .. } => "move".to_string(),
        Action::Pad { .. } => "pad".to_string(),
        Action::Concat { .. } => "concat".to_string(),
        Action::Gather { .. } => "gather".to_string(),
        Action::ScatterAdd { .. } => "scatter_add".to_string(),
        Action::Cumsum { .. } => "cumsum".to_string(),
        Action::Sort { .. } => "sort".to_string(),
        Action::Random { .. } => "random".to_string(),
        Action::Copy { .. } => "copy".to_string(),
        Action::Check => "check indices".to_string(),
    }
}
