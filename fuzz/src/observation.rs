//! Observations of runs, and their comparison.
//!
//! Two runs in Riser have to agree in everything: values, fuel, positions of traps. A run in another engine has to agree
//! in what the specification prescribes: any NaN equals any other, there are no positions, and running out of resources
//! ends the comparison. In Riser, running out of stack ends it, too, because the depth of the stack depends on the mode.

use std::fmt;

use riser::Trap;
use riser_translator::FuncIndex;

use crate::host::HostLog;
use crate::value::Value;

/// A place in a module: a function, and an offset from the start of the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The function.
    pub function: FuncIndex,
    /// Offset in bytes.
    pub offset: Option<usize>,
}

/// How a call or an instantiation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It returned these results.
    Returned(Vec<Value>),
    /// It trapped.
    Trapped(Trap),
    /// An exception left it, with this payload.
    Threw(String),
    /// A host function failed.
    HostFailed,
    /// Another error: the engine has no room for the instance, or an import does not fit.
    Refused(String),
}

/// The observation of a call or of the instantiation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// How it ended.
    pub ending: Ending,
    /// Frames that an error passed through, innermost first; at most [`Step::PLACES`].
    pub places: Vec<Place>,
    /// Fuel that was left, if it was counted.
    pub fuel: Option<u64>,
    /// What the host functions had recorded by then.
    pub host: HostLog,
}

impl Step {
    /// The number of places that are kept.
    pub const PLACES: usize = 6;

    fn out_of(&self, trap: Trap) -> bool {
        self.ending == Ending::Trapped(trap)
    }
}

/// An exported global, memory or table at the end of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// A global's value.
    Global(Value),
    /// A memory's size in pages, and its bytes without the zeros at the end.
    Memory(u64, Vec<u8>),
    /// A table's elements, without the nulls at the end, and its size.
    Table(u64, Vec<Value>),
}

/// The observation of a run: the instantiation, the calls in order, and the state in between and at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observation {
    /// The instantiation, then each call.
    pub steps: Vec<Step>,
    /// The state after some of the steps.
    pub snapshots: Vec<Snapshot>,
}

/// The state of an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The number of steps before it.
    pub after: usize,
    /// Exports other than functions, in order.
    pub exports: Vec<(Box<str>, State)>,
}

impl Observation {
    /// The number of steps before one that runs out of fuel or stack.
    pub fn steps_with_resources(&self) -> usize {
        let out = |step: &Step| step.out_of(Trap::OutOfFuel) || step.out_of(Trap::StackOverflow);
        self.steps.iter().position(out).unwrap_or(self.steps.len())
    }
}

/// What two runs have to agree in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// Everything.
    Exact,
    /// What the specification prescribes.
    Specified,
}

/// A difference of two runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What differs; step 0 is the instantiation.
    pub what: String,
    /// The first run's value.
    pub first: String,
    /// The second run's value.
    pub second: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} or {}", self.what, self.first, self.second)
    }
}

/// Checks that two runs of one module agree. Returns whether they were compared to their ends.
///
/// # Errors
///
/// The first difference.
pub fn compare(first: &Observation, second: &Observation, agreement: Agreement) -> Result<bool, Difference> {
    let comparable = first.steps.iter().zip(&second.steps).take_while(|(a, b)| comparable(a, b, agreement)).count();
    for (number, (a, b)) in first.steps.iter().zip(&second.steps).take(comparable).enumerate() {
        step(a, b, agreement).map_err(|(what, first, second)| Difference {
            what: format!("step {number}, {what}"),
            first,
            second,
        })?;
    }
    for a in first.snapshots.iter().filter(|snapshot| snapshot.after <= comparable) {
        // A run that was cut short lacks later snapshots.
        let Some(b) = second.snapshots.iter().find(|other| other.after == a.after) else { continue };
        if a.exports.len() != b.exports.len() {
            return Err(difference("number of exports", &a.exports.len(), &b.exports.len()));
        }
        for ((name, one), (_, other)) in a.exports.iter().zip(&b.exports) {
            state(name, one, other, agreement).map_err(|mut difference| {
                difference.what = format!("after step {}, {}", a.after - 1, difference.what);
                difference
            })?;
        }
    }
    Ok(comparable == first.steps.len() && comparable == second.steps.len())
}

/// Whether the runs have to agree in a step and in those that follow.
fn comparable(a: &Step, b: &Step, agreement: Agreement) -> bool {
    let either = |ends: &dyn Fn(&Step) -> bool| ends(a) || ends(b);
    match agreement {
        Agreement::Exact => !either(&|step| step.out_of(Trap::StackOverflow)),
        Agreement::Specified => !either(&|step| {
            step.out_of(Trap::StackOverflow)
                || step.out_of(Trap::OutOfFuel)
                || matches!(step.ending, Ending::Refused(_))
        }),
    }
}

fn difference(what: &str, first: &dyn fmt::Debug, second: &dyn fmt::Debug) -> Difference {
    Difference { what: what.to_owned(), first: format!("{first:?}"), second: format!("{second:?}") }
}

type Unequal = (&'static str, String, String);

fn equal<T: PartialEq + fmt::Debug>(what: &'static str, a: &T, b: &T) -> Result<(), Unequal> {
    if a == b { Ok(()) } else { Err((what, format!("{a:?}"), format!("{b:?}"))) }
}

fn step(a: &Step, b: &Step, agreement: Agreement) -> Result<(), Unequal> {
    match agreement {
        Agreement::Exact => {
            equal("ending", &a.ending, &b.ending)?;
            equal("host calls", &a.host, &b.host)?;
            equal("places", &a.places, &b.places)?;
            match (a.fuel, b.fuel) {
                (Some(a), Some(b)) => equal("fuel left", &a, &b),
                _ => Ok(()),
            }
        }
        Agreement::Specified => {
            equal("ending", &specified(&a.ending), &specified(&b.ending))?;
            equal("host calls", &a.host, &b.host)
        }
    }
}

/// An ending, reduced to what the specification prescribes.
fn specified(ending: &Ending) -> Ending {
    match ending {
        Ending::Returned(values) => Ending::Returned(values.iter().map(|value| value.canonical()).collect()),
        // The messages of the specification's suite distinguish these; not every engine does.
        Ending::Trapped(Trap::UndefinedElement) => Ending::Trapped(Trap::TableOutOfBounds),
        other => other.clone(),
    }
}

fn state(name: &str, a: &State, b: &State, agreement: Agreement) -> Result<(), Difference> {
    let canonical = |value: &Value| if agreement == Agreement::Exact { *value } else { value.canonical() };
    match (a, b) {
        (State::Global(a), State::Global(b)) if canonical(a) == canonical(b) => Ok(()),
        (State::Memory(pages, bytes), State::Memory(other_pages, other)) if pages == other_pages => {
            if bytes == other {
                return Ok(());
            }
            let at = |bytes: &[u8], index: usize| bytes.get(index).copied().unwrap_or_default();
            let differs = |index: &usize| at(bytes, *index) != at(other, *index);
            match (0..bytes.len().max(other.len())).find(differs) {
                None => Ok(()),
                Some(index) => {
                    let what = format!("memory `{name}` at {index:#x}");
                    Err(difference(&what, &at(bytes, index), &at(other, index)))
                }
            }
        }
        (State::Table(size, elements), State::Table(other_size, other)) if size == other_size => {
            let null = |index: usize| elements.get(index).or(other.get(index)).map(|it| Value { bits: 0, ..*it });
            let at = |list: &[Value], index: usize| list.get(index).copied().or_else(|| null(index));
            match (0..elements.len().max(other.len())).find(|&index| at(elements, index) != at(other, index)) {
                None => Ok(()),
                Some(index) => {
                    let what = format!("table `{name}` at {index}");
                    Err(difference(&what, &at(elements, index), &at(other, index)))
                }
            }
        }
        (State::Global(_), State::Global(_)) => Err(difference(&format!("global `{name}`"), a, b)),
        (State::Memory(a, _), State::Memory(b, _)) => Err(difference(&format!("pages of memory `{name}`"), a, b)),
        (State::Table(a, _), State::Table(b, _)) => Err(difference(&format!("size of table `{name}`"), a, b)),
        _ => Err(difference(&format!("kind of export `{name}`"), a, b)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use riser::ValType;

    fn returned(bits: u128) -> Observation {
        let ending = Ending::Returned(vec![Value { ty: ValType::F32, bits }]);
        let step = Step { ending, places: Vec::new(), fuel: Some(7), host: HostLog::default() };
        let memory = State::Memory(1, vec![1, 2, 3]);
        let snapshot = Snapshot { after: 1, exports: vec![("memory".into(), memory)] };
        Observation { steps: vec![step], snapshots: vec![snapshot] }
    }

    #[test]
    fn nans_differ_only_where_bits_count() {
        let (a, b) = (returned(0x7fc0_0000), returned(0xffc0_0001));
        assert_eq!(compare(&a, &a, Agreement::Exact), Ok(true));
        assert!(compare(&a, &b, Agreement::Exact).is_err());
        assert_eq!(compare(&a, &b, Agreement::Specified), Ok(true));
        assert!(compare(&a, &returned(0), Agreement::Specified).is_err());
    }

    #[test]
    fn the_first_byte_that_differs_is_named() {
        let (a, mut b) = (returned(0), returned(0));
        b.snapshots[0].exports[0].1 = State::Memory(1, vec![1, 2, 3, 0, 9]);
        let difference = compare(&a, &b, Agreement::Exact).expect_err("byte 4 differs");
        assert_eq!(difference.to_string(), "after step 0, memory `memory` at 0x4: 0 or 9");
    }

    #[test]
    fn comparison_ends_where_stack_or_foreign_fuel_does() {
        let trapped = |trap| {
            let mut observation = returned(0);
            observation.steps[0].ending = Ending::Trapped(trap);
            observation
        };
        for agreement in [Agreement::Exact, Agreement::Specified] {
            assert_eq!(compare(&returned(1), &trapped(Trap::StackOverflow), agreement), Ok(false));
        }
        assert_eq!(compare(&trapped(Trap::OutOfFuel), &returned(1), Agreement::Specified), Ok(false));
        assert!(compare(&trapped(Trap::OutOfFuel), &returned(1), Agreement::Exact).is_err());
    }
}
