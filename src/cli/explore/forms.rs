//! The forms of a function, as panes of lines.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::Read as _;

use anyhow::{Context, Result};
use riser_tiers_core::{CompileRequest, ModuleState, Sources};
use serde_json::{Value, json};

use super::{Explore, handler};
use crate::fast_jit::FastTier;
use crate::fast_jit::dump::Dump;
use crate::inspect::{CodeInst, code};
use crate::listing::{Line, WasmText, ir_lines};
use crate::translator::ir::Function;
use crate::translator::ir::liveness::{LiveRange, live_ranges};
use crate::translator::{FuncIndex, ParsedModule, named_ir};
use crate::{Config, Dispatch, Engine, Mode, Module, TranslatorConfig};

/// Makes the forms of a module's functions.
pub struct Forms<'a> {
    flags: &'a Explore,
    module: &'a ParsedModule,
    wasm: WasmText<'a>,
    sources: Option<Sources>,
    /// The lines of source files; none for one that is not there.
    files: RefCell<HashMap<String, Vec<String>>>,
    fast: FastTier,
    #[cfg(feature = "llvm")]
    llvm: crate::llvm::LlvmTier,
    /// The settings of the translator's switches that the page can show, with engines for each.
    variants: Vec<(String, TranslatorConfig, Module)>,
    /// The machine code of handlers, by their names.
    handlers: RefCell<BTreeMap<String, Vec<String>>>,
}

/// A line: the offsets of the operators that it belongs to, and its text.
fn line(offsets: &[u32], text: &str) -> Value {
    json!([offsets, text])
}

fn lines(lines: impl IntoIterator<Item = Line>) -> Vec<Value> {
    lines.into_iter().map(|it| line(it.offset.as_slice(), &it.text)).collect()
}

fn pane(id: &str, title: &str, lines: Vec<Value>) -> Value {
    json!({ "id": id, "title": title, "lines": lines })
}

/// The text of a source file. The module names it, which may come from anybody: what is no regular file might never end.
fn source_text(path: &str) -> Option<String> {
    /// More than any source file has.
    const MOST_BYTES: u64 = 16 << 20;
    let metadata = fs::metadata(path).ok()?;
    if !metadata.is_file() {
        return None;
    }
    let mut text = String::new();
    fs::File::open(path).ok()?.take(MOST_BYTES).read_to_string(&mut text).ok()?;
    Some(text)
}

/// A pane that says why it is empty.
fn missing(id: &str, title: &str, why: &dyn std::fmt::Display) -> Value {
    pane(id, title, vec![line(&[], &why.to_string())])
}

impl<'a> Forms<'a> {
    pub fn new(flags: &'a Explore, module: &'a ParsedModule) -> Result<Forms<'a>> {
        let mut settings = vec![("optimized".to_owned(), TranslatorConfig::optimized())];
        for &(name, _) in TranslatorConfig::SWITCHES {
            let mut config = TranslatorConfig::optimized();
            config.set(name, false);
            settings.push((format!("no-{name}"), config));
        }
        settings.push(("naive".to_owned(), TranslatorConfig::naive()));
        let variants = settings.into_iter().map(|(name, switches)| {
            let mut config = Config::new();
            // The head of an instruction is then the address of its handler.
            config.mode(Mode::Interp).dispatch(Dispatch::DirectTail).translator(switches);
            flags.proposals.apply(&mut config)?;
            flags.code.apply(&mut config);
            let module = Module::from_owned(&Engine::new(&config)?, module.info().bytes.clone())?;
            Ok((name, switches, module))
        });
        Ok(Forms {
            flags,
            module,
            wasm: WasmText::new(module.info())?,
            sources: Sources::new(module.info()),
            files: RefCell::default(),
            fast: flags.target_cpu.fast(flags.fast_jit.options())?,
            #[cfg(feature = "llvm")]
            llvm: flags.target_cpu.llvm(flags.llvm.options())?,
            variants: variants.collect::<Result<_>>()?,
            handlers: RefCell::default(),
        })
    }

    /// All forms of a function.
    pub fn function(&self, function: FuncIndex) -> Result<Value> {
        let wasm = self.wasm.function(function);
        let mut panes = Vec::new();
        panes.extend(self.source(&wasm));
        panes.push(pane("wasm", "wasm", lines(wasm)));
        let mut title = String::new();
        let mut variants = Vec::new();
        for (name, switches, module) in &self.variants {
            let ir = named_ir(self.module, function, switches)?;
            let mut text = ir_lines(&ir);
            title = text.remove(0).text;
            let code = self.interpreter_code(module, function)?;
            let live = self.live(&ir, text.len() - ir.items.len());
            let panes = [pane("ir", "register IR", lines(text)), pane("code", "interpreter's code", code)];
            variants.push(json!({ "name": name, "panes": panes, "live": live }));
        }
        let state = ModuleState::default();
        let config = TranslatorConfig::optimized();
        let request = self.flags.code.request(self.module, function, &config, &state);
        let compiled = self.of_fast_jit(&request);
        #[cfg(feature = "llvm")]
        let compiled = [compiled, self.of_llvm(request)].concat();
        Ok(json!({
            "index": function.as_u32(),
            "title": title,
            "panes": panes,
            "variants": variants,
            "compiled": compiled,
        }))
    }

    /// The machine code of the handlers that occur, by their names.
    pub fn handlers(&self) -> BTreeMap<String, Vec<String>> {
        self.handlers.borrow().clone()
    }

    /// Where each slot of register IR is live: its name, and ranges of lines. A range without a first line begins at the function's entry.
    /// There are lines `before` those of the items.
    fn live(&self, ir: &Function, before: usize) -> Vec<Value> {
        let mut slots: Vec<(String, Vec<Value>)> = Vec::new();
        for LiveRange { slot, first, last } in live_ranges(ir, self.module.info()) {
            let name = ir.frame().role(slot).to_string();
            if slots.last().is_none_or(|(of, _)| *of != name) {
                slots.push((name, Vec::new()));
            }
            let range = json!([first.map(|first| first + before), last + before]);
            slots.last_mut().expect("there is one").1.push(range);
        }
        slots.into_iter().map(|(name, ranges)| json!({ "slot": name, "ranges": ranges })).collect()
    }

    /// The source lines that a function comes from, as far as the module says; with their text, if the file is here.
    fn source(&self, wasm: &[Line]) -> Option<Value> {
        let sources = self.sources.as_ref()?;
        let mut places: BTreeMap<(String, u32), Vec<u32>> = BTreeMap::new();
        for offset in wasm.iter().filter_map(|line| line.offset) {
            let symbol = sources.find(offset).into_iter().next();
            let place = symbol.as_ref().and_then(|it| Some((it.file()?.to_owned(), it.line()?)));
            if let Some(place) = place {
                places.entry(place).or_default().push(offset);
            }
        }
        let mut file = None;
        let mut shown = Vec::new();
        for ((path, number), offsets) in &places {
            if file != Some(path) {
                shown.push(line(&[], path));
                file = Some(path);
            }
            shown.push(line(offsets, &format!("{number:>5}  {}", self.text(path, *number))));
        }
        (!shown.is_empty()).then(|| pane("source", "source", shown))
    }

    /// The text of a line of a source file; empty if the file is not here.
    fn text(&self, path: &str, number: u32) -> String {
        let mut files = self.files.borrow_mut();
        let lines = files
            .entry(path.to_owned())
            .or_insert_with(|| source_text(path).unwrap_or_default().lines().map(str::to_owned).collect());
        lines.get(number as usize - 1).cloned().unwrap_or_default()
    }

    /// The interpreter's code. Lines of instructions also have the names of their handlers.
    fn interpreter_code(&self, module: &Module, function: FuncIndex) -> Result<Vec<Value>> {
        let code = code(module, function).context("a valid function has code")?;
        let instructions: Vec<CodeInst<'_>> = code.instructions().collect();
        let width = instructions.iter().map(|it| it.decoded.name.len()).max().unwrap_or_default();
        let mut shown = Vec::new();
        for CodeInst { decoded, words, wasm_offset, .. } in &instructions {
            if let Some(label) = decoded.label {
                shown.push(line(&[], &format!("L{}:", label.0)));
            }
            let name = decoded.name.to_string();
            let mut handlers = self.handlers.borrow_mut();
            if !handlers.contains_key(&name) {
                handlers.insert(name.clone(), handler::disassemble(words[0])?);
            }
            let text = format!("{:>5}  {name:<width$}  {}", decoded.word, decoded.text);
            shown.push(json!([wasm_offset.as_slice(), text, name]));
        }
        Ok(shown)
    }

    fn of_fast_jit(&self, request: &CompileRequest<'_>) -> Vec<Value> {
        let listing = |lines: Vec<(Option<u32>, String)>| {
            lines.into_iter().map(|(offset, text)| line(offset.as_slice(), &text)).collect::<Vec<_>>()
        };
        match self.fast.dump(request, None) {
            Ok(Dump { clif, optimized, code, code_bytes }) => vec![
                pane("clif", "CLIF", listing(clif)),
                pane("clif-optimized", "CLIF, optimised", listing(optimized)),
                pane("fast", &format!("Fast JIT, {code_bytes} bytes"), listing(code)),
            ],
            Err(why) => vec![missing("fast", "Fast JIT", &why)],
        }
    }

    #[cfg(feature = "llvm")]
    fn of_llvm(&self, request: CompileRequest<'_>) -> Vec<Value> {
        use crate::cli::dump_jit::{assembly_lines, ir_lines};
        use crate::llvm::Stage;
        let show = |id, title, stage, listing: fn(&str) -> Vec<Line>| match self.llvm.show(request, stage) {
            Ok(text) => pane(id, title, lines(listing(&text))),
            Err(why) => missing(id, title, &why),
        };
        vec![
            show("llvm-ir", "LLVM's IR", Stage::Ir, ir_lines),
            show("llvm-ir-optimized", "LLVM's IR, optimised", Stage::OptimizedIr, ir_lines),
            show("llvm", "LLVM", Stage::Assembly, assembly_lines),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_regular_files() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        fs::write(file.path(), "a line\n").expect("is writable");
        assert_eq!(source_text(&file.path().to_string_lossy()).as_deref(), Some("a line\n"));
        #[cfg(unix)]
        assert_eq!(source_text("/dev/zero"), None);
        assert_eq!(source_text("none"), None);
    }
}
