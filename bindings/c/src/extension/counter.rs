//! Counts of the instructions that the register interpreter executes.

use anyhow::Context as _;
use riser::Counter;

use super::given;
use crate::failure::{Outcome, outcome};
use crate::store::StoreRef;
use crate::vector::{Item, Out, put};

/// `riser_counter_t`.
struct CounterBox(Counter);

/// `riser_counts_t`.
#[repr(C)]
struct Counts {
    instructions: u64,
    dispatches: u64,
    taken_branches: u64,
    calls: u64,
}

#[unsafe(no_mangle)]
extern "C" fn riser_counter_new() -> Box<CounterBox> {
    // Sequences are not asked for.
    Box::new(CounterBox(Counter::new(1, |_, _, _| false)))
}

#[unsafe(no_mangle)]
extern "C" fn riser_counter_delete(counter: Item<CounterBox>) {
    drop(counter);
}

#[unsafe(no_mangle)]
extern "C" fn riser_store_count_instructions(store: Option<&StoreRef>, counter: Option<&CounterBox>) -> Outcome {
    outcome(store, || {
        let counter = &counter.context("the counter is null")?.0;
        given::store(store)?.with_handle(|store| store.count_instructions(counter))
    })
}

#[unsafe(no_mangle)]
extern "C" fn riser_counter_take(counter: Option<&CounterBox>, out: Out<'_, Counts>) {
    let counts = counter.map(|counter| counter.0.take()).unwrap_or_default();
    let of = &counts.instructions;
    let instructions: u64 = of.iter().map(|it| it.count).sum();
    // The second instruction of a pair has no dispatch of its own.
    let fused: u64 = of.iter().filter(|it| it.begins_pair).map(|it| it.count).sum();
    put(
        out,
        Counts {
            instructions,
            dispatches: instructions - fused,
            taken_branches: of.iter().map(|it| it.taken).sum(),
            calls: counts.calls.iter().map(|call| call.count).sum(),
        },
    );
}
