//! The rule for handlers of the strategies that thread by tail calls: they dispatch by an indirect jump, do not
//! touch the native stack, and contain no instruction that waits for a float that it does not need.

use riser_vm::Dispatch;

use super::machine_code::Shape;
use super::matches;

/// Instructions that may break the rule.
struct Exception {
    /// The reason.
    reason: &'static str,
    /// The strategy in which they may do so; `None` for all.
    only: Option<Dispatch>,
    /// Their names, as on the command line.
    names: &'static [&'static str],
}

/// All exceptions to the rule.
const EXCEPTIONS: &[Exception] = &[
    Exception { reason: "leaves the interpreter", only: None, names: &["Halt", "Trap", "Throw", "ThrowRef", "Probe"] },
    Exception {
        reason: "calls out, or has a function translated",
        only: None,
        names: &["Translate", "Native", "ReturnCall", "ReturnCallIndirect?"],
    },
    Exception {
        reason: "calls the runtime",
        only: None,
        names: &[
            "CopySlots",
            "MemoryGrow",
            "MemoryFill",
            "MemoryCopy",
            "MemoryInit",
            "MemoryAtomic*",
            "TableGrow",
            "TableFill",
            "TableCopy",
            "TableInit",
        ],
    },
    Exception {
        reason: "chooses lanes by numbers without an instruction for it; processors with SSE4.1 have another",
        only: None,
        names: &["Shuffle", "I8x16Swizzle", "I8x16RelaxedSwizzle"],
    },
    Exception {
        reason: "keeps the address, and what the memory's place takes",
        only: None,
        names: &["V128Store*Lane"],
    },
    Exception { reason: "holds four operands at a time", only: None, names: &["I64Add128", "I64Sub128"] },
    Exception {
        reason: "holds operands, and what the memory's place takes; the access itself takes longer",
        only: None,
        names: &["I32Atomic*", "I64Atomic*"],
    },
    Exception { reason: "orders accesses by a write to the stack", only: None, names: &["AtomicFence"] },
    Exception {
        reason: "division takes two registers, one of them that of the memory",
        only: None,
        names: &["I*DivSSsi"],
    },
    Exception {
        reason: "keeps three registers for the fault handler, and one for the table",
        only: Some(Dispatch::TokenTail),
        names: &["Guarded*Store*Sum??"],
    },
];

/// Whether the rule applies to a strategy in this build.
pub fn applies_to(dispatch: Dispatch) -> bool {
    dispatch.effective() == dispatch && !matches!(dispatch, Dispatch::Switch | Dispatch::CallLoop)
}

/// Checks the rule.
///
/// # Errors
///
/// If the shape breaks it; says how.
pub fn threaded(shape: &Shape) -> Result<(), String> {
    let mut flaws = Vec::new();
    if shape.indirect_jumps == 0 {
        flaws.push("no indirect jump".to_owned());
    }
    let counts = [
        ("push", shape.pushes),
        ("spill", shape.spills),
        ("call", shape.calls),
        ("return", shape.returns),
        ("wait", shape.waits),
    ];
    flaws.extend(counts.iter().filter(|(_, count)| *count > 0).map(|(what, count)| format!("{count} {what}")));
    if flaws.is_empty() { Ok(()) } else { Err(flaws.join(", ")) }
}

/// The reason why an instruction may break the rule in a strategy, if it may.
pub fn exception(name: &str, dispatch: Dispatch) -> Option<&'static str> {
    EXCEPTIONS
        .iter()
        .filter(|it| it.only.is_none_or(|only| only == dispatch))
        .find(|it| it.names.iter().any(|pattern| matches(pattern, name)))
        .map(|it| it.reason)
}

#[cfg(test)]
mod tests {
    use riser_vm::inspect::handlers;

    use super::super::{Executable, shapes};
    use super::*;

    #[test]
    fn handlers_of_optimised_builds_are_threaded_code() {
        let executable = Executable::current().expect("an executable with symbols");
        for &dispatch in Dispatch::ALL.iter().filter(|&&dispatch| applies_to(dispatch)) {
            let flawed: Vec<String> = shapes(&executable, dispatch)
                .expect("a symbol for each handler")
                .iter()
                .filter(|(handler, _)| exception(handler.name, dispatch).is_none())
                .filter_map(|(handler, shape)| Some(format!("{}: {}", handler.name, threaded(shape).err()?)))
                .collect();
            assert!(flawed.is_empty(), "{dispatch}: {flawed:#?}");
        }
    }

    #[test]
    fn every_exception_names_an_instruction() {
        let handlers = handlers(Dispatch::DirectTail);
        for pattern in EXCEPTIONS.iter().flat_map(|it| it.names) {
            assert!(handlers.iter().any(|handler| matches(pattern, handler.name)), "{pattern} names none");
        }
    }

    #[test]
    fn patterns_stand_for_names() {
        for (pattern, name, expected) in [
            ("Halt", "Halt", true),
            ("Halt", "Halted", false),
            ("I32Add*", "I32AddSai", true),
            ("*Add*", "I32SubSai", false),
            ("F*Ceil??", "F64CeilAs", true),
            ("F*Ceil??", "F64CeilA", false),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }

    #[test]
    fn flaws_are_found() {
        let plain = Shape { bytes: 16, indirect_jumps: 1, ..Shape::default() };
        assert_eq!(threaded(&plain), Ok(()));
        let flawed = Shape { indirect_jumps: 0, pushes: 2, calls: 1, waits: 1, ..plain };
        assert_eq!(threaded(&flawed), Err("no indirect jump, 2 push, 1 call, 1 wait".to_owned()));
    }
}
