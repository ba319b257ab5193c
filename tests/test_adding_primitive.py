"""What it costs to add a primitive to the engine: its family's file and a test; nothing else is edited.

Compiles a copy of the engine, which takes minutes, so that only CI runs it.
"""

from __future__ import annotations

import filecmp
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FAMILY = "crates/engine/src/ir/ops/scan.rs"
TEST = "crates/engine/tests/running_max.rs"

PRIMITIVE = """
/// The largest element so far along the last axis of `f32` numbers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunningMax {}

impl Operation for RunningMax {
    const NAME: &'static str = "running_max";

    fn check(&self, inputs: &[Type], result: Type) -> Result<(), String> {
        exactly::<1>(inputs)?;
        expect_axis(0, inputs[0])?;
        expect(result, Dtype::F32, inputs[0].shape)
    }

    fn plan(&self, planner: &mut Planner, inputs: &[ValueId], value: ValueId) -> Result<(), String> {
        let rows = planner.rows_of(inputs[0], 1.0);
        let action = RunningMaxAction { width: rows.width, items: rows.items };
        let reads = vec![planner.access(inputs[0], rows.cut)];
        planner.add(value, Planned::new(action, rows.cut, reads, rows.cost));
        Ok(())
    }
}

/// `items` rows for each item of the first axis.
#[derive(Debug)]
struct RunningMaxAction {
    width: usize,
    items: usize,
}

impl Action for RunningMaxAction {
    fn describe(&self) -> String {
        "running_max".to_string()
    }

    unsafe fn run(&self, work: &Work) -> Result<(), BadIndex> {
        let (x, out) = (work.inputs[0].cast::<f32>(), work.out.cast::<f32>());
        for row in work.times(self.items) {
            let mut largest = f32::NEG_INFINITY;
            for place in row * self.width..(row + 1) * self.width {
                // SAFETY: the arrays are those of the plan.
                unsafe {
                    largest = largest.max(*x.add(place));
                    *out.add(place) = largest;
                }
            }
        }
        Ok(())
    }
}
"""

PRIMITIVE_TEST = """
mod common;

use common::Builder;
use tensorlet_engine::ir::program::{Dtype, Op};

#[test]
fn the_largest_so_far() {
    let mut b = Builder::default();
    let x = b.input(Dtype::F32, &[2, 3]);
    let op = Op { name: "running_max".to_string(), ..Op::default() };
    let y = b.add(op, &[x], Dtype::F32, &[2, 3]);
    b.program.outputs = vec![y];
    let mut runner = b.runner();
    assert!(runner.plan().describe().contains("running_max"));
    let (x, mut y) = ([1.0f32, 3.0, 2.0, -1.0, -5.0, 4.0], [0.0f32; 6]);
    // SAFETY: the arrays have the program's types and shapes.
    unsafe { runner.run(&[x.as_ptr().cast()], &[], &[y.as_mut_ptr().cast()]).expect("good data") };
    assert_eq!(y, [1.0, 3.0, 3.0, -1.0, -1.0, 4.0]);
}
"""


def different_files(before: Path, after: Path) -> set[str]:
    """The files under two folders that are not the same."""

    def files(folder: Path) -> set[str]:
        return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}

    both = files(before) & files(after)
    changed = {name for name in both if not filecmp.cmp(before / name, after / name, shallow=False)}
    return changed | (files(before) ^ files(after))


@pytest.mark.skipif("CI" not in os.environ, reason="compiles the engine, which takes minutes: CI runs it")
@pytest.mark.skipif(shutil.which("cargo") is None, reason="needs Rust")
def test_a_primitive_costs_its_familys_file_and_a_test(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "crates", tmp_path / "crates")
    for name in ("Cargo.toml", "Cargo.lock"):
        shutil.copy(ROOT / name, tmp_path / name)
    family = tmp_path / FAMILY
    text = family.read_text()
    assert text.count("Entry::of::<Cumsum>()") == 1
    family.write_text(
        text.replace("Entry::of::<Cumsum>()", "Entry::of::<Cumsum>(), Entry::of::<RunningMax>()") + PRIMITIVE
    )
    (tmp_path / TEST).write_text(PRIMITIVE_TEST)
    assert different_files(ROOT / "crates", tmp_path / "crates") == {
        name.removeprefix("crates/") for name in (FAMILY, TEST)
    }
    command = ["cargo", "test", "--quiet", "--package", "tensorlet-engine", "--no-default-features"]
    environment = {
        **os.environ,
        "CARGO_TARGET_DIR": str(tmp_path / "target"),
        "CARGO_PROFILE_DEV_OPT_LEVEL": "1",
    }
    ran = subprocess.run(
        [*command, "--test", "running_max"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert "1 passed" in ran.stdout
