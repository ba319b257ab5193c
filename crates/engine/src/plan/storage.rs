//! Where results live in the arena, and which of them share a place.

use super::schedule::clash;
use crate::ir::graph::{Access, Graph, Placement, Storage, Touch};

/// Places start at multiples of this many bytes.
const ALIGNMENT: usize = 64;

/// Who touches a storage: node (a position in the order), how, and whether it writes.
type Uses = Vec<(usize, Touch, bool)>;

fn uses(graph: &Graph) -> Vec<Uses> {
    let mut uses = vec![Uses::new(); graph.storages.len()];
    for (number, node) in graph.nodes.iter().enumerate() {
        for (access, writes) in node.accesses() {
            uses[graph.storage_of[access.value]].push((number, access.touch, writes));
        }
    }
    uses
}

/// Whether some thread could still use one storage while another already uses
/// the other, because they have not met in between. `together`: both start at the
/// same place, so that parts that own the same bytes do no harm.
fn hurry(graph: &Graph, phases: &[usize], a: &Uses, b: &Uses, together: bool) -> bool {
    let last = phases.last().copied().unwrap_or(0);
    // The last phase runs on into the first one of the next step.
    let phase = |node: usize| if phases[node] == last { 0 } else { phases[node] };
    a.iter().any(|&(node, touch, writes)| {
        b.iter().any(|&(other, other_touch, other_writes)| {
            let other_touch = if together { other_touch } else { Touch::All };
            phase(node) == phase(other)
                && clash(
                    (&graph.nodes[node], touch, writes),
                    (&graph.nodes[other], other_touch, other_writes),
                )
        })
    })
}

/// Lets elementwise nodes write over an operand that nobody reads afterwards.
pub(crate) fn reuse(graph: &mut Graph, phases: &[usize]) {
    let mut uses = uses(graph);
    for number in 0..graph.nodes.len() {
        let node = &graph.nodes[number];
        let Some(write) = node.write else { continue };
        let target = graph.storage_of[write.value];
        if graph.storages[target].placement != Placement::Arena {
            continue;
        }
        let may_take = |&(read, access): &(usize, &Access)| {
            let source = graph.storage_of[access.value];
            let last = uses[source].iter().map(|(node, ..)| *node).max();
            let overwrites = |(number, other): (usize, &Access)| {
                graph.storage_of[other.value] != source || node.may_overwrite(number)
            };
            source != target
                && graph.storages[source].placement == Placement::Arena
                && graph.storages[source].bytes == graph.storages[target].bytes
                && last == Some(number)
                && node.may_overwrite(read)
                && node.reads.iter().enumerate().all(overwrites)
                && !hurry(graph, phases, &uses[source], &uses[target], true)
        };
        let Some((_, access)) = node.reads.iter().enumerate().find(|pair| may_take(pair)) else { continue };
        let source = graph.storage_of[access.value];
        for storage in &mut graph.storage_of {
            if *storage == target {
                *storage = source;
            }
        }
        let moved = std::mem::take(&mut uses[target]);
        uses[source].extend(moved);
    }
}

/// Gives each storage its offset in the arena, and the size of the arena.
///
/// The largest go first, each to the lowest place where it disturbs nobody.
pub(crate) fn place(graph: &Graph, phases: &[usize]) -> (Vec<usize>, usize) {
    let uses = uses(graph);
    let mut offsets = vec![0; graph.storages.len()];
    let mut arena_bytes = 0;
    let in_arena = |storage: usize| {
        matches!(graph.storages[storage].placement, Placement::Transposed(_) | Placement::Private)
            || (graph.storages[storage].placement == Placement::Arena && !uses[storage].is_empty())
    };
    let mut waiting: Vec<usize> = (0..graph.storages.len()).filter(|&storage| in_arena(storage)).collect();
    waiting.sort_by_key(|&storage| std::cmp::Reverse(graph.storages[storage].bytes));
    let mut placed: Vec<usize> = Vec::new();
    for &storage in &waiting {
        let bytes = room(graph, storage);
        let mut taken: Vec<(usize, usize)> = placed
            .iter()
            .filter(|&&other| !may_share(graph, phases, &uses, storage, other))
            .map(|&other| (offsets[other], offsets[other] + room(graph, other)))
            .collect();
        taken.sort_unstable();
        let mut offset = 0;
        for (start, end) in taken {
            if start >= offset + bytes {
                break;
            }
            offset = offset.max(end);
        }
        offsets[storage] = offset;
        arena_bytes = arena_bytes.max(offset + bytes);
        placed.push(storage);
    }
    (offsets, arena_bytes)
}

fn room(graph: &Graph, storage: usize) -> usize {
    let storage = &graph.storages[storage];
    room_of(storage) * if storage.placement == Placement::Private { graph.bundles() } else { 1 }
}

/// Bytes of one array.
pub(crate) fn room_of(storage: &Storage) -> usize {
    storage.bytes.max(1).next_multiple_of(ALIGNMENT)
}

fn may_share(graph: &Graph, phases: &[usize], uses: &[Uses], a: usize, b: usize) -> bool {
    if [a, b].iter().any(|&storage| graph.storages[storage].placement != Placement::Arena) {
        return false;
    }
    let life = |storage: usize| {
        let nodes = uses[storage].iter().map(|(node, ..)| *node);
        (nodes.clone().min().unwrap_or(0), nodes.max().unwrap_or(0))
    };
    let ((first_a, last_a), (first_b, last_b)) = (life(a), life(b));
    let apart = last_a < first_b || last_b < first_a;
    apart && !hurry(graph, phases, &uses[a], &uses[b], false)
}
