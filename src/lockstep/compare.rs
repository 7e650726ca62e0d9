//! Compares two runs batch by batch, and a batch that differs safepoint by safepoint.

use std::sync::mpsc::Receiver;

use anyhow::{Context as _, Result};
use riser_translator::safepoint::{Divergence, Safepoint, first_divergence};

use super::Report;
use super::batch::Batch;
use super::end::Ended;

/// A message from a side.
pub(super) enum Message {
    /// The side passed these safepoints, at least one. A batch that is not full is the last.
    Passed(Batch),
    /// The side ended. No message follows.
    Ended(Box<Ended>),
}

/// Compares the messages of two sides.
///
/// # Errors
///
/// If a side stops sending without having ended.
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

/// How a side ended, if it has no safepoint where the other side has one. `said` is its end, if
/// that has already been received.
fn end(side: &Receiver<Message>, said: Option<Ended>, at: Option<&Safepoint>) -> Result<Option<Ended>> {
    match (said, at) {
        (None, None) => Ok(hear(side)?.1),
        (said, _) => Ok(said),
    }
}

/// Receives a side's next message: the safepoints that it passed, or how it ended.
fn hear(side: &Receiver<Message>) -> Result<(Batch, Option<Ended>)> {
    Ok(match side.recv().context("a side stopped without saying why")? {
        Message::Passed(batch) => (batch, None),
        Message::Ended(ended) => (Batch::default(), Some(*ended)),
    })
}
