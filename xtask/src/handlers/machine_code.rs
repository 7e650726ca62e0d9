//! Functions of the running executable as machine code.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result, ensure};
use iced_x86::{
    Decoder, DecoderOptions, FlowControl, Formatter, Instruction, InstructionInfoFactory, IntelFormatter, Mnemonic,
    OpAccess, Register,
};
use object::{Object, ObjectSegment, ObjectSymbol, SymbolKind};

/// The running executable, as read from its file.
pub struct Executable {
    /// Segments: address according to the file, and bytes.
    segments: Vec<(u64, Vec<u8>)>,
    /// Functions by address: size in bytes and name.
    functions: BTreeMap<u64, (u64, String)>,
    /// What the loader added to the file's addresses.
    bias: u64,
}

impl Executable {
    /// Reads the file of this process.
    ///
    /// # Errors
    ///
    /// If this is not x86-64 Linux, or the file has no symbols.
    pub fn current() -> Result<Executable> {
        ensure!(
            cfg!(all(target_arch = "x86_64", target_os = "linux")),
            "machine code can be looked at on x86-64 Linux only"
        );
        let path = std::env::current_exe()?;
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let file = object::File::parse(&*bytes)?;
        let segments = file
            .segments()
            .map(|segment| Ok((segment.address(), segment.data()?.to_vec())))
            .collect::<Result<Vec<_>>>()?;
        let functions: BTreeMap<_, _> = file
            .symbols()
            .filter(|symbol| symbol.kind() == SymbolKind::Text && symbol.size() > 0)
            .map(|symbol| (symbol.address(), (symbol.size(), symbol.name().unwrap_or_default().to_owned())))
            .collect();
        ensure!(!functions.is_empty(), "{} has no symbols", path.display());
        let lowest = segments.iter().map(|&(address, _)| address).min().unwrap_or(0);
        let maps = fs::read_to_string("/proc/self/maps")?;
        let start = maps
            .lines()
            .find(|line| line.ends_with(&*path.to_string_lossy()))
            .and_then(|line| u64::from_str_radix(line.split('-').next()?, 16).ok())
            .context("the executable is not among the mappings of this process")?;
        Ok(Executable { segments, functions, bias: start - lowest })
    }

    /// The function that starts at an address of this process.
    ///
    /// # Errors
    ///
    /// If no symbol has this address.
    pub fn function(&self, address: usize) -> Result<MachineCode<'_>> {
        let start = address as u64 - self.bias;
        let &(size, _) = self.functions.get(&start).context("no symbol for this function")?;
        let bytes = self
            .segments
            .iter()
            .find_map(|(base, bytes)| {
                let from = start.checked_sub(*base)? as usize;
                bytes.get(from..from + size as usize)
            })
            .context("the function is in no segment")?;
        let instructions = Decoder::with_ip(64, bytes, start, DecoderOptions::NONE).into_iter().collect();
        Ok(MachineCode { executable: self, start, end: start + size, instructions })
    }

    /// The name of the function at an address of the file, without path and type arguments' paths.
    fn name(&self, address: u64) -> Option<String> {
        let (_, name) = self.functions.get(&address)?;
        Some(format!("{:#}", rustc_demangle::demangle(name)))
    }
}

/// The machine code of a function.
pub struct MachineCode<'a> {
    executable: &'a Executable,
    start: u64,
    end: u64,
    instructions: Vec<Instruction>,
}

/// Properties of a function's code that matter for threaded code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shape {
    /// Size.
    pub bytes: usize,
    /// Jumps to an address from the code or from a table of handlers: the dispatch of the next handler.
    pub indirect_jumps: usize,
    /// Instructions that push.
    pub pushes: usize,
    /// Writes to the native stack by other instructions.
    pub spills: usize,
    /// Calls.
    pub calls: usize,
    /// Returns.
    pub returns: usize,
    /// Instructions that write a part of an incoming float register, and so wait for its previous value, though they do not
    /// need it.
    pub waits: usize,
}

/// Whether an instruction writes a part of its first operand, a float register, and keeps the rest.
fn writes_a_part(instruction: &Instruction) -> bool {
    match instruction.mnemonic() {
        // From memory, these clear the rest.
        Mnemonic::Movsd | Mnemonic::Movss => instruction.op0_register().is_xmm() && instruction.op1_register().is_xmm(),
        mnemonic => keeps_the_rest(mnemonic) && instruction.op0_register().is_xmm(),
    }
}

fn keeps_the_rest(mnemonic: Mnemonic) -> bool {
    matches!(
        mnemonic,
        Mnemonic::Cvtsi2sd
            | Mnemonic::Cvtsi2ss
            | Mnemonic::Cvtsd2ss
            | Mnemonic::Cvtss2sd
            | Mnemonic::Sqrtsd
            | Mnemonic::Sqrtss
            | Mnemonic::Roundsd
            | Mnemonic::Roundss
            | Mnemonic::Rcpss
            | Mnemonic::Rsqrtss
            | Mnemonic::Movlps
            | Mnemonic::Movlpd
            | Mnemonic::Movhps
            | Mnemonic::Movhpd
    )
}

impl MachineCode<'_> {
    /// The function's shape.
    pub fn shape(&self) -> Shape {
        let mut shape = Shape { bytes: (self.end - self.start) as usize, ..Shape::default() };
        let mut factory = InstructionInfoFactory::new();
        // The register that contains an address fixed by the linker. A jump there leaves the handlers.
        let mut fixed = Register::None;
        // Float registers that have been written as a whole.
        let mut written = Vec::new();
        for instruction in &self.instructions {
            match instruction.flow_control() {
                FlowControl::IndirectBranch if instruction.op0_register() == fixed => {}
                FlowControl::IndirectBranch => shape.indirect_jumps += 1,
                FlowControl::Call | FlowControl::IndirectCall => shape.calls += 1,
                FlowControl::Return => shape.returns += 1,
                _ if instruction.mnemonic() == Mnemonic::Push => shape.pushes += 1,
                _ => {
                    let info = factory.info(instruction);
                    let spills = info.used_memory().iter().any(|memory| {
                        memory.base() == Register::RSP
                            && matches!(memory.access(), OpAccess::Write | OpAccess::ReadWrite)
                    });
                    shape.spills += usize::from(spills);
                }
            }
            let target = instruction.op0_register();
            if writes_a_part(instruction) {
                let reads_it = instruction.op_count() > 1 && instruction.op1_register() == target;
                shape.waits += usize::from(!reads_it && !written.contains(&target));
                written.push(target);
            } else if target.is_xmm() && factory.info(instruction).op0_access() == OpAccess::Write {
                written.push(target);
            }
            if instruction.is_ip_rel_memory_operand() && instruction.mnemonic() == Mnemonic::Mov {
                fixed = instruction.op0_register();
            } else if fixed == instruction.op0_register() {
                fixed = Register::None;
            }
        }
        shape
    }

    /// The code, one line for each instruction; addresses count from the function's start.
    pub fn listing(&self) -> impl Iterator<Item = String> {
        let mut formatter = IntelFormatter::new();
        let options = formatter.options_mut();
        options.set_space_after_operand_separator(true);
        options.set_rip_relative_addresses(true);
        options.set_branch_leading_zeros(false);
        options.set_uppercase_hex(false);
        self.instructions.iter().map(move |instruction| {
            let mut text = String::new();
            formatter.format(instruction, &mut text);
            let target = instruction.near_branch_target();
            if (self.start..self.end).contains(&target) {
                text = format!("{:?} {:x}", instruction.mnemonic(), target - self.start).to_lowercase();
            } else if let Some(name) = self.executable.name(target) {
                text = format!("{} {name}", format!("{:?}", instruction.mnemonic()).to_lowercase());
            }
            format!("{:>4x}  {text}", instruction.ip() - self.start)
        })
    }
}
