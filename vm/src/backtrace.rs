//! Where in wasm an error happened.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ptr::{self, NonNull};
use std::sync::{Arc, OnceLock};

use riser_tiers_core::{FramePc, FrameSymbol, RawFrame};
use riser_translator::{FuncIndex, Shown};

use crate::instance::InstanceData;
use crate::module::CodePosition;
use crate::store::{Handle, StoreCore};
use crate::{Instance, Module};

/// The wasm frames that an error passed through, innermost first.
///
/// Attached as context to the errors of calls: `error.downcast_ref::<WasmBacktrace>()` finds it.
#[derive(Debug)]
pub struct WasmBacktrace {
    frames: Vec<FrameInfo>,
    omitted: u64,
}

impl WasmBacktrace {
    /// Builds the backtrace from the frames that running code of the store reported.
    ///
    /// # Safety
    ///
    /// The frames' functions belong to the store.
    pub(crate) unsafe fn new(store: &StoreCore, frames: &[RawFrame], omitted: u64) -> WasmBacktrace {
        // SAFETY: the frames' functions belong to the store.
        let frames = frames.iter().filter_map(|frame| unsafe { FrameInfo::new(store, frame) }).collect();
        WasmBacktrace { frames, omitted }
    }

    /// Adds the frames of the calls outside of these.
    pub(crate) fn append(&mut self, outer: WasmBacktrace) {
        self.frames.extend(outer.frames);
        self.omitted += outer.omitted;
    }

    /// The frames, innermost first.
    pub fn frames(&self) -> &[FrameInfo] {
        &self.frames
    }

    /// The frames, innermost first.
    pub fn into_frames(self) -> Vec<FrameInfo> {
        self.frames
    }

    /// How many frames were left out because there were too many.
    pub fn omitted_frames(&self) -> u64 {
        self.omitted
    }
}

impl fmt::Display for WasmBacktrace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error while executing at wasm backtrace:")?;
        for (number, frame) in self.frames.iter().enumerate() {
            write!(f, "\n  {number:>3}: {frame}")?;
        }
        if self.omitted > 0 {
            write!(f, "\n       ({} more frames)", self.omitted)?;
        }
        Ok(())
    }
}

/// A frame of a backtrace.
pub struct FrameInfo {
    module: Module,
    instance: Option<Instance>,
    func_index: FuncIndex,
    pc: FramePc,
    /// The offset, once it has been asked for: finding it may take a translation of the function.
    offset: OnceLock<Option<u32>>,
    /// The places in the source, once they have been asked for.
    symbols: OnceLock<Vec<FrameSymbol>>,
}

impl FrameInfo {
    /// Describes a frame that running code reported; `None` for a host function.
    ///
    /// # Safety
    ///
    /// The function belongs to the store.
    unsafe fn new(store: &StoreCore, frame: &RawFrame) -> Option<FrameInfo> {
        // SAFETY: the function belongs to the store, which is alive.
        let (func, instance) = unsafe { (&*frame.func, InstanceData::of(&*frame.func)?) };
        let module = instance.module().clone();
        let is_it = match frame.pc {
            FramePc::Code { .. } => true,
            // Machine code is shared, and was looked up by its module.
            FramePc::Wasm(_) => {
                let of_module = store.objects.by_module.get(&Arc::as_ptr(module.info()));
                of_module.is_some_and(|it| !it.has_others)
            }
        };
        Some(FrameInfo {
            module,
            instance: is_it.then(|| Instance(Handle::new(store.id, NonNull::from(instance)))),
            func_index: func.func_index(),
            pc: frame.pc,
            offset: OnceLock::new(),
            symbols: OnceLock::new(),
        })
    }

    fn identity(&self) -> (usize, FuncIndex, FramePc) {
        (ptr::from_ref(&**self.module.info()).addr(), self.func_index, self.pc)
    }

    /// The module.
    pub fn module(&self) -> &Module {
        &self.module
    }

    /// The instance, which belongs to the store whose code the frame is of. `None` if the store has several instances of the module
    /// and the frame is not the register interpreter's: frames of machine code, which all of them share, do not tell them apart.
    pub fn instance(&self) -> Option<Instance> {
        self.instance
    }

    /// The function's index in the module.
    pub fn func_index(&self) -> u32 {
        self.func_index.as_u32()
    }

    /// The function's name, if it has one.
    pub fn func_name(&self) -> Option<&str> {
        self.module.info().func_name(self.func_index)
    }

    /// Where the frame was executing, in bytes from the start of the module.
    pub fn module_offset(&self) -> Option<usize> {
        let offset = self.offset.get_or_init(|| match self.pc {
            FramePc::Wasm(offset) => Some(offset),
            FramePc::Code { counted, word } => {
                let defined = self.module.info().defined_function(self.func_index)?;
                self.module.wasm_offset(defined, CodePosition { counted, word })
            }
        });
        offset.map(|offset| offset as usize)
    }

    /// Where in the source the frame was executing, if the module carries DWARF. The function itself comes last; before
    /// it come the functions that its compiler inlined there, each inlined into the next one.
    pub fn symbols(&self) -> &[FrameSymbol] {
        self.symbols.get_or_init(|| match (self.module.sources(), self.module_offset()) {
            (Some(sources), Some(offset)) => sources.find(offset as u32),
            _ => Vec::new(),
        })
    }

    /// Where the frame was executing, in bytes from the start of the function's body.
    pub fn func_offset(&self) -> Option<usize> {
        let info = self.module.info();
        let body = &info.bodies[info.defined_function(self.func_index)?.index()];
        self.module_offset()?.checked_sub(body.range.start as usize)
    }
}

/// Frames are equal if they are of the same function of a module, at the same place.
impl PartialEq for FrameInfo {
    fn eq(&self, other: &FrameInfo) -> bool {
        self.identity() == other.identity()
    }
}

impl Eq for FrameInfo {}

impl Hash for FrameInfo {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity().hash(state);
    }
}

impl fmt::Display for FrameInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(offset) = self.module_offset() {
            write!(f, "{offset:#8x} - ")?;
        }
        write!(f, "{}!", Shown(self.module.name().unwrap_or("<unknown>")))?;
        match self.func_name() {
            Some(name) => write!(f, "{}", Shown(name)),
            None => write!(f, "<wasm function {}>", self.func_index),
        }?;
        let symbols = self.symbols();
        for (number, symbol) in symbols.iter().enumerate() {
            write!(f, "\n                 at {symbol}")?;
            if number + 1 < symbols.len() {
                write!(f, " ({}, inlined)", Shown(symbol.name().unwrap_or("<unknown>")))?;
            }
        }
        Ok(())
    }
}

impl fmt::Debug for FrameInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FrameInfo({self})")
    }
}
