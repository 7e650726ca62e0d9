//! The mutation score: which planted faults of the translator the properties find, and after how many modules.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use riser_translator::SharedBytes;
use riser_translator::faults::{Fault, making};

use super::{Campaign, Depth, failure, module, on_threads};

/// Faults that only large modules show, and what finds them: `fuzz/tests/faults.rs`.
pub const ELSEWHERE: &[(Fault, &str)] = &[(Fault::MovesOneByOne, "the fuzz target `cost`")];

/// For each property, how many cases it took to find a fault; `None` if it did not.
pub type Row = Vec<Option<u64>>;

/// For each of the faults, and `None` for the translator as it is, tries the campaign's properties on its cases, one after
/// the other, until one fails. The time of the campaign does not count.
pub fn score(campaign: &Campaign<'_>, faults: &[Option<Fault>]) -> Vec<Row> {
    let module = |index| module(campaign.subject, campaign.number(index)).to_wasm().into();
    let modules: Vec<SharedBytes> = (0..campaign.cases).map(module).collect();
    let next = AtomicUsize::new(0);
    let rows = Mutex::new(vec![Row::new(); faults.len()]);
    let work = &|| {
        while let at = next.fetch_add(1, Ordering::Relaxed)
            && let Some(&fault) = faults.get(at)
        {
            let row = row(campaign, fault, &modules);
            rows.lock().unwrap_or_else(PoisonError::into_inner)[at] = row;
        }
    };
    on_threads(campaign.jobs.min(faults.len()), work);
    rows.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn row(campaign: &Campaign<'_>, fault: Option<Fault>, modules: &[SharedBytes]) -> Row {
    let cases_until_found = |property| {
        let is_found = |(index, wasm): &(u64, &SharedBytes)| {
            let case = campaign.number(*index);
            making(fault, || failure(campaign.subject, property, wasm, case, Depth::Sampled)).is_some()
        };
        (0..).zip(modules).find(is_found).map(|(index, _)| index + 1)
    };
    campaign.properties.iter().map(cases_until_found).collect()
}
