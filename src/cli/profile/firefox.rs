//! Samples as a profile for the Firefox profiler.

use std::process;
use std::time::SystemTime;

use anyhow::Result;
use fxprof_processed_profile::{
    CategoryHandle, CpuDelta, Frame, FrameFlags, FrameInfo, Profile, SamplingInterval, Timestamp,
};

use super::sample::Stacks;
use super::stacks::name;

/// A profile for <https://profiler.firefox.com>: each store of the program is a thread.
pub fn firefox(samples: &Stacks, hz: u32, product: &str) -> Result<String> {
    let interval = SamplingInterval::from_nanos(1_000_000_000 / u64::from(hz));
    let mut profile = Profile::new(product, SystemTime::now().into(), interval);
    let start = Timestamp::from_nanos_since_reference(0);
    let process = profile.add_process(product, process::id(), start);
    let stores = samples.taken.iter().map(|sample| sample.store + 1).max().unwrap_or(0);
    let threads: Vec<_> =
        (0..stores).map(|store| profile.add_thread(process, store as u32, start, store == 0)).collect();
    for sample in &samples.taken {
        let thread = threads[sample.store];
        let labels: Vec<_> = samples.stacks[sample.stack]
            .iter()
            .map(|&frame| profile.intern_string(&name(&samples.frames[frame])))
            .collect();
        let frames = labels.into_iter().map(|label| FrameInfo {
            frame: Frame::Label(label),
            category_pair: CategoryHandle::OTHER.into(),
            flags: FrameFlags::empty(),
        });
        let stack = profile.intern_stack_frames(thread, frames);
        let at = Timestamp::from_nanos_since_reference(sample.at.as_nanos() as u64);
        profile.add_sample(thread, at, stack, CpuDelta::ZERO, 1);
    }
    Ok(serde_json::to_string(&profile)?)
}
