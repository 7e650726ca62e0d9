//! Where a function writes its locals, known before it is translated.
//!
//! A compiler that keeps a copy of a frame in memory, so that [others can read it](crate::frame_map), asks two things of it. Which
//! locals may change while a loop runs: copies of the others stay right. And from where on a local may have been written: before
//! that it needs no copy, because whoever reads the frame knows that it is zero. Both follow from the operators alone, so the
//! compiler and the reader find the same.

use wasmparser::Operator;

use crate::func::operators;
use crate::index::FuncIndex;
use crate::module::ModuleInfo;

/// The places where a function writes its locals. Positions are in bytes from the start of the module.
#[derive(Clone, Debug, Default)]
pub struct LocalWrites {
    /// Each write, as the local and the position, in ascending order.
    writes: Vec<(u32, u32)>,
    /// The start of each loop, and its end, in ascending order.
    loops: Vec<(u32, u32)>,
    /// The locals that are written, each behind the position after which it may have been, in ascending order.
    begins: Vec<(u32, u32)>,
}

impl LocalWrites {
    /// Those of a function of the module. In a malformed body, what comes before the malformed operator counts.
    pub fn of(info: &ModuleInfo, function: FuncIndex) -> LocalWrites {
        let mut found = LocalWrites::default();
        // The loop that each open block is, and the start of the outermost open loop.
        let mut open: Vec<Option<usize>> = Vec::new();
        let mut outermost: Option<(usize, u32)> = None;
        for (operator, position) in operators(info, function) {
            match operator {
                Operator::Loop { .. } => {
                    outermost.get_or_insert((open.len(), position));
                    open.push(Some(found.loops.len()));
                    found.loops.push((position, u32::MAX));
                }
                Operator::Block { .. } | Operator::If { .. } | Operator::Try { .. } | Operator::TryTable { .. } => {
                    open.push(None);
                }
                Operator::End | Operator::Delegate { .. } => {
                    if let Some(Some(at)) = open.pop() {
                        found.loops[at].1 = position;
                    }
                    outermost = outermost.filter(|&(depth, _)| depth < open.len());
                }
                Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => {
                    found.writes.push((local_index, position));
                    found.begins.push((local_index, outermost.map_or(position, |(_, start)| start)));
                }
                _ => {}
            }
        }
        found.writes.sort_unstable();
        found.begins.sort_unstable();
        found.begins.dedup_by_key(|&mut (local, _)| local);
        for (local, position) in &mut found.begins {
            std::mem::swap(local, position);
        }
        found.begins.sort_unstable();
        found
    }

    /// Whether the loop that starts at a position writes a local.
    pub fn is_in_loop(&self, local: u32, start: u32) -> bool {
        let Ok(at) = self.loops.binary_search_by_key(&start, |&(start, _)| start) else { return true };
        let end = self.loops[at].1;
        let next = self.writes.partition_point(|&write| write < (local, start));
        self.writes.get(next).is_some_and(|&(written, position)| written == local && position < end)
    }

    /// The locals that are written, each behind the position after which it may have been, in ascending order of positions.
    pub fn begins(&self) -> &[(u32, u32)] {
        &self.begins
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse_module;

    #[test]
    fn writes_in_loops_count_from_the_loops_start() {
        let wasm = wat::parse_str(
            "(module (func (param i32) (local i32 i32 i32)
                local.get 0
                local.set 1
                loop
                  block
                    loop
                      local.get 0
                      local.tee 2
                      br_if 0
                    end
                  end
                  i32.const 1
                  br_if 0
                end
                loop
                  local.get 0
                  local.set 0
                end))",
        );
        let parsed = parse_module(wasm.expect("it is text")).expect("it is a module");
        let writes = LocalWrites::of(parsed.info(), FuncIndex::new(0));
        let [outer, inner, last] = [0, 1, 2].map(|at| writes.loops[at].0);
        let first = writes.writes.iter().find(|(local, _)| *local == 1).expect("it is written").1;
        assert_eq!(writes.begins(), [(first, 1), (outer, 2), (last, 0)]);
        let found = [outer, inner, last].map(|start| [0, 1, 2, 3].map(|local| writes.is_in_loop(local, start)));
        assert_eq!(found, [[false, false, true, false], [false, false, true, false], [true, false, false, false]]);
        assert!(writes.is_in_loop(3, outer + 1), "there is no such loop");
    }
}
