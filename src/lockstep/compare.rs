//! The comparison: batch by batch, and safepoint by safepoint in the batch that differs.

use std::sync::mpsc::Receiver;

use anyhow::{Context as _, Result};
use riser_translator::safepoint::{Divergence, Safepoint, first_divergence};

use super::Report;
use super::batch::Batch;
use super::end::Ended;

/// What a side has to say.
pub(super) enum Message {
    /// It passed these, at least one. A batch that is not full is the last.
    Passed(Batch),
    /// It ended. Nothing comes after this.
    Ended(Box<Ended>),
}

/// Compares what two sides say.
///
/// # Errors
///
/// If a side says nothing any more without having ended.
pub(super) fn compare(a: &Receiver<Message>, b: &Receiver<Message>) -> Result<Report> {
    let mut safepoints = 0;
    let mut last_alike = None;
    loop {
        let ((passed_a, end_a), (passed_b, end_b)) = (hear(a)?, hear(b)?);
        if passed_a == passed_b {
            if end_a.is_some() {
                return Ok(Report { safepoints, last_alike, divergence: None, ends: [end_a, end_b] });
            }
            safepoints += passed_a.len();
            last_alike = passed_a.last();
            continue;
        }
        let divergence = first_divergence(passed_a.safepoints(), passed_b.safepoints());
        let divergence = divergence.expect("batches that differ hold different safepoints");
        if let Some(last) = divergence.index.checked_sub(1) {
            last_alike = passed_a.safepoints().nth(last as usize);
        }
        safepoints += divergence.index;
        let ends = [end(a, end_a, divergence.a.as_ref())?, end(b, end_b, divergence.b.as_ref())?];
        let divergence = Some(Divergence { index: safepoints, ..divergence });
        return Ok(Report { safepoints, last_alike, divergence, ends });
    }
}

/// How a side ended, if it has no safepoint where the other has one; perhaps it has said so.
fn end(side: &Receiver<Message>, said: Option<Ended>, at: Option<&Safepoint>) -> Result<Option<Ended>> {
    match (said, at) {
        (None, None) => Ok(hear(side)?.1),
        (said, _) => Ok(said),
    }
}

/// What a side says next: what it passed, or how it ended.
fn hear(side: &Receiver<Message>) -> Result<(Batch, Option<Ended>)> {
    Ok(match side.recv().context("a side stopped without saying why")? {
        Message::Passed(batch) => (batch, None),
        Message::Ended(ended) => (Batch::default(), Some(*ended)),
    })
}
