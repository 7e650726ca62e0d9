//! Functions as lines of text, each with the module offset that it belongs to, so that different forms of a
//! function can be put side by side.

use std::fmt;

use riser_translator::ir::Function;
use riser_translator::module::ModuleInfo;
use riser_translator::{FuncIndex, ParsedModule, TranslatorConfig, named_ir};

use crate::Result;

/// A line of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The offset in the module of the operator that the line comes from, if it comes from one.
    pub offset: Option<u32>,
    /// The line, without the offset.
    pub text: String,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.offset {
            Some(offset) => write!(f, "{offset:#8x}  {}", self.text),
            None => f.write_str(&self.text),
        }
    }
}

/// The bodies of a module in the text format.
#[derive(Debug)]
pub struct WasmText<'a> {
    info: &'a ModuleInfo,
    /// Lines that have an offset, in the order of the offsets.
    lines: Vec<(u32, String)>,
}

impl<'a> WasmText<'a> {
    /// Prints a module.
    ///
    /// # Errors
    ///
    /// If its bytes are not a module.
    pub fn new(info: &'a ModuleInfo) -> Result<WasmText<'a>> {
        let mut text = String::new();
        let lines = wasmprinter::Config::new().offsets_and_lines(&info.bytes, &mut text)?;
        let mut lines: Vec<(u32, String)> = lines
            .filter_map(|(offset, text)| Some((u32::try_from(offset?).ok()?, text.trim_end().to_owned())))
            .collect();
        lines.sort_by_key(|&(offset, _)| offset);
        Ok(WasmText { info, lines })
    }

    /// The lines of a function's body; none for an import.
    pub fn function(&self, function: FuncIndex) -> Vec<Line> {
        let Some(defined) = self.info.defined_function(function) else { return Vec::new() };
        let body = &self.info.bodies[defined.index()].range;
        let from = self.lines.partition_point(|&(offset, _)| offset < body.start);
        let of_body = self.lines[from..].iter().take_while(|(offset, _)| body.contains(offset));
        of_body.map(|(offset, text)| Line { offset: Some(*offset), text: text.clone() }).collect()
    }
}

/// The register IR of a function.
///
/// # Errors
///
/// If the function's body is not valid.
///
/// # Panics
///
/// If the module does not define the function.
pub fn register_ir(module: &ParsedModule, function: FuncIndex, config: &TranslatorConfig) -> Result<Vec<Line>> {
    Ok(ir_lines(&named_ir(module, function, config)?))
}

/// The lines of a function's IR: some about the function, and then one for each of its items.
pub fn ir_lines(ir: &Function) -> Vec<Line> {
    let line = |text: &str| {
        let split = text.strip_prefix("  0x").and_then(|rest| rest.split_once("  "));
        let parsed = split.and_then(|(digits, rest)| Some((u32::from_str_radix(digits, 16).ok()?, rest)));
        match parsed {
            Some((offset, rest)) => Line { offset: Some(offset), text: rest.to_owned() },
            None => Line { offset: None, text: text.to_owned() },
        }
    };
    ir.to_string().lines().map(line).collect()
}
