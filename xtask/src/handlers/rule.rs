//! The rule for handlers of the strategies that thread by tail calls: the way on is
//! an indirect jump, and nothing touches the native stack.

use riser_vm::Dispatch;

use super::machine_code::Shape;
use super::matches;

/// Instructions that may break the rule, and why. Names as on the command line.
const EXCEPTIONS: &[(&str, &str)] = &[];

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
    ];
    flaws.extend(
        counts
            .iter()
            .filter(|(_, count)| *count > 0)
            .map(|(what, count)| format!("{count} {what}")),
    );
    if flaws.is_empty() {
        Ok(())
    } else {
        Err(flaws.join(", "))
    }
}

/// Why an instruction may break the rule, if it may.
pub fn exception(name: &str) -> Option<&'static str> {
    EXCEPTIONS
        .iter()
        .find(|(pattern, _)| matches(pattern, name))
        .map(|&(_, reason)| reason)
}

#[cfg(test)]
mod tests {
    use riser_vm::inspect::handlers;

    use super::super::{Executable, shapes};
    use super::*;

    #[test]
    fn handlers_of_optimised_builds_are_threaded_code() {
        let executable = Executable::current().expect("an executable with symbols");
        for &dispatch in Dispatch::ALL
            .iter()
            .filter(|&&dispatch| applies_to(dispatch))
        {
            let flawed: Vec<String> = shapes(&executable, dispatch)
                .expect("a symbol for each handler")
                .iter()
                .filter(|(handler, _)| exception(handler.name).is_none())
                .filter_map(|(handler, shape)| {
                    Some(format!("{}: {}", handler.name, threaded(shape).err()?))
                })
                .collect();
            assert!(flawed.is_empty(), "{dispatch}: {flawed:#?}");
        }
    }

    #[test]
    fn every_exception_names_an_instruction() {
        let handlers = handlers(Dispatch::DirectTail);
        for (pattern, _) in EXCEPTIONS {
            assert!(
                handlers
                    .iter()
                    .any(|handler| matches(pattern, handler.name)),
                "{pattern} names none"
            );
        }
    }

    #[test]
    fn flaws_are_found() {
        let plain = Shape {
            bytes: 16,
            indirect_jumps: 1,
            ..Shape::default()
        };
        assert_eq!(threaded(&plain), Ok(()));
        let flawed = Shape {
            indirect_jumps: 0,
            pushes: 2,
            calls: 1,
            ..plain
        };
        assert_eq!(
            threaded(&flawed),
            Err("no indirect jump, 2 push, 1 call".to_owned())
        );
    }
}
