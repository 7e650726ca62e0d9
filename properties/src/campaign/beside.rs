//! A module's text with the IR of functions beside it.

use riser_translator::ir::Function;
use riser_translator::module::ModuleInfo;

/// The widest text that IR is put beside; the IR of longer lines is on lines of its own.
const WIDEST: usize = 60;

/// A line of IR, and the first operator that it may be put beside, in bytes from the start of the module.
struct IrLine {
    offset: usize,
    text: String,
}

/// The module in the text format, with each line of IR in a comment beside the operator that it comes from.
///
/// # Errors
///
/// If the module cannot be printed.
pub(super) fn beside(info: &ModuleInfo, ir: &[Function]) -> Result<String, String> {
    lines_beside(info, ir, &|_| true)
}

/// As [`beside`], without anything but the functions of the IR.
///
/// # Errors
///
/// If the module cannot be printed.
pub(super) fn functions_beside(info: &ModuleInfo, ir: &[Function]) -> Result<String, String> {
    let bodies = ir.iter().filter_map(|function| info.defined_function(function.index));
    let bodies: Vec<_> = bodies.map(|defined| &info.bodies[defined.index()].range).collect();
    lines_beside(info, ir, &|offset| {
        offset
            .is_some_and(|offset| bodies.iter().any(|body| (body.start as usize..body.end as usize).contains(&offset)))
    })
}

/// The lines of the module's text that are wanted, by their offsets, with the IR beside them.
fn lines_beside(
    info: &ModuleInfo,
    ir: &[Function],
    is_wanted: &dyn Fn(Option<usize>) -> bool,
) -> Result<String, String> {
    let mut storage = String::new();
    let lines = wasmprinter::Config::new().offsets_and_lines(&info.bytes, &mut storage);
    let lines = lines.map_err(|error| format!("the module cannot be printed: {error:#}"))?;
    let lines = lines.map(|(offset, line)| (offset, line.trim_end())).filter(|(offset, _)| is_wanted(*offset));
    let lines: Vec<(Option<usize>, &str)> = lines.collect();
    let width = lines.iter().map(|(_, line)| line.chars().count()).filter(|&it| it <= WIDEST).max().unwrap_or(0);
    let mut ir = ir_lines(info, ir).into_iter().peekable();
    let mut text = String::new();
    for (at, &(_, line)) in lines.iter().enumerate() {
        // The last line takes what is left.
        let following = lines[at + 1..].iter().find_map(|&(offset, _)| offset).unwrap_or(usize::MAX);
        let mut left = line;
        while let Some(line) = ir.next_if(|line| line.offset < following) {
            text += &format!("{left:<width$}  ;; {}\n", line.text);
            left = "";
        }
        if !left.is_empty() {
            text += &format!("{left}\n");
        }
    }
    Ok(text)
}

/// The lines of the functions' IR, in the order of the functions.
fn ir_lines(info: &ModuleInfo, ir: &[Function]) -> Vec<IrLine> {
    let mut functions: Vec<&Function> = ir.iter().collect();
    functions.sort_by_key(|function| function.index);
    let mut lines = Vec::new();
    for function in functions {
        let Some(defined) = info.defined_function(function.index) else { continue };
        let body = &info.bodies[defined.index()].range;
        let mut offset = body.start as usize;
        for text in function.to_string().lines() {
            let digits = text.strip_prefix("  0x").and_then(|rest| rest.split_once(' '));
            let own = digits.and_then(|(digits, _)| usize::from_str_radix(digits, 16).ok());
            // Lines without an offset go with the line before. Code is in order, but for copies at the ends of blocks.
            offset = own.unwrap_or(offset).max(offset).min((body.end as usize).saturating_sub(1));
            lines.push(IrLine { offset, text: text.trim_end().to_owned() });
        }
    }
    lines
}
