//! Bytes to snapshots. `docs/src/snapshot-format.md` is the specification.
//!
//! Reading takes no more memory than a few times the bytes: nothing is decompressed, and no count is believed before there are
//! bytes for it.

use std::collections::HashSet;

use riser_translator::safepoint::SafepointKind;
use riser_translator::{FuncIndex, TagIndex, ValType};

use super::write::{HOST, MAGIC, VERSION};
use super::{
    Block, MemoryImage, ModuleId, Snapshot, SnapshotError, Stop, StoredException, StoredFrame, StoredValue, TableImage,
    TableRun,
};

type Result<T> = std::result::Result<T, SnapshotError>;

impl Snapshot {
    /// Whether bytes begin as those of a snapshot do.
    pub fn detect(bytes: &[u8]) -> bool {
        bytes.starts_with(&MAGIC)
    }

    /// Reads a snapshot. Whether it fits a module, [`Snapshot::restore`] checks.
    ///
    /// # Errors
    ///
    /// If the bytes are not those of a snapshot, of this version of the format.
    pub fn from_bytes(bytes: &[u8]) -> Result<Snapshot> {
        let mut input = Reader { bytes, at: 0, externs: 0, exceptions: 0 };
        if input.take(MAGIC.len())? != MAGIC {
            return Err(SnapshotError::Malformed { at: 0, why: "it does not begin as a snapshot does".to_owned() });
        }
        let version = input.u32()?;
        if version != VERSION {
            return Err(
                input.wrong(format!("its format has version {version}, and this build reads version {VERSION}"))
            );
        }
        let Some((content, sum)) = bytes.split_last_chunk::<4>().filter(|(content, _)| content.len() >= input.at)
        else {
            return Err(input.wrong("it ends early"));
        };
        if crc32fast::hash(content) != u32::from_le_bytes(*sum) {
            return Err(input.wrong("its checksum is wrong: it was cut short, or changed"));
        }
        let mut input = Reader { bytes: content, ..input };
        let snapshot = input.snapshot()?;
        if let Some(code) = &snapshot.code {
            snapshot.check_code(code)?;
        }
        Ok(snapshot)
    }
}

/// Bytes that are read in order.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The number of values of the host that have been read, to which references can be.
    externs: u32,
    /// The number of such exceptions.
    exceptions: u32,
}

impl<'a> Reader<'a> {
    #[cold]
    fn wrong(&self, why: impl Into<String>) -> SnapshotError {
        SnapshotError::Malformed { at: self.at, why: why.into() }
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8]> {
        let end = self.at.checked_add(len).filter(|&end| end <= self.bytes.len());
        let Some(end) = end else { return Err(self.wrong("it ends early")) };
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        Ok(self.take(N)?.try_into().expect("as many as asked for"))
    }

    fn u8(&mut self) -> Result<u8> {
        Ok(self.array::<1>()?[0])
    }

    fn u32(&mut self) -> Result<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn flag(&mut self) -> Result<bool> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(self.wrong(format!("{other} is neither yes nor no"))),
        }
    }

    fn text(&mut self) -> Result<&'a str> {
        let len = self.u8()?;
        std::str::from_utf8(self.take(len.into())?).map_err(|_| self.wrong("a name is not UTF-8"))
    }

    /// A list, each of whose items takes bytes.
    fn list<T>(&mut self, mut item: impl FnMut(&mut Reader<'a>) -> Result<T>) -> Result<Vec<T>> {
        (0..self.u32()?).map(|_| item(self)).collect()
    }

    /// The content of the next section, if it has this name.
    fn optional_section<T>(
        &mut self,
        name: &str,
        content: impl FnOnce(&mut Reader<'a>) -> Result<T>,
    ) -> Result<Option<T>> {
        let start = self.at;
        if start == self.bytes.len() || self.text()? != name {
            self.at = start;
            return Ok(None);
        }
        let len = self.u64()?;
        let len = usize::try_from(len).map_err(|_| self.wrong("it ends early"))?;
        self.take(len)?;
        let mut section = Reader { bytes: &self.bytes[..self.at], at: self.at - len, ..*self };
        let content = content(&mut section)?;
        if section.at != self.at {
            return Err(section.wrong(format!("the section `{name}` has bytes left over")));
        }
        (self.externs, self.exceptions) = (section.externs, section.exceptions);
        Ok(Some(content))
    }

    fn section<T>(&mut self, name: &str, content: impl FnOnce(&mut Reader<'a>) -> Result<T>) -> Result<T> {
        match self.optional_section(name, content)? {
            Some(content) => Ok(content),
            None => Err(self.wrong(format!("the section `{name}` is missing here"))),
        }
    }

    fn snapshot(&mut self) -> Result<Snapshot> {
        let module = self.section("module", Reader::module)?;
        let code = self.optional_section("code", |it| Ok(it.take(it.bytes.len() - it.at)?.to_vec()))?;
        let externs = self.section("externs", |it| it.list(Reader::host_value))?;
        let exceptions = self.section("exceptions", |it| it.list(Reader::exception))?;
        let frames = self.section("frames", |it| it.list(Reader::frame))?;
        let globals = self.section("globals", |it| it.list(Reader::value))?;
        let tables = self.section("tables", |it| it.list(Reader::table))?;
        let memories = self.section("memories", |it| it.list(Reader::memory))?;
        let (dropped_data, dropped_elements) =
            self.section("segments", |it| Ok((it.list(Reader::flag)?, it.list(Reader::flag)?)))?;
        let fuel = self.optional_section("fuel", Reader::u64)?;
        let (mut sections, mut names) = (Vec::new(), HashSet::new());
        while self.at < self.bytes.len() {
            let (name, bytes) = self.host_section()?;
            if !names.insert(name.clone()) {
                return Err(self.wrong("a section of the host is there twice"));
            }
            sections.push((name, bytes));
        }
        let sealed = Default::default();
        Ok(Snapshot {
            module,
            code,
            externs,
            exceptions,
            frames,
            globals,
            tables,
            memories,
            dropped_data,
            dropped_elements,
            fuel,
            sections,
            sealed,
        })
    }

    fn host_section(&mut self) -> Result<(String, Vec<u8>)> {
        let start = self.at;
        let full = self.text()?;
        let fits = |name: &&str| name.len() <= Snapshot::MOST_SECTION_NAME_BYTES;
        let Some(name) = full.strip_prefix(HOST).filter(fits) else {
            self.at = start;
            return Err(self.wrong(format!("the section {full:?} is unknown, or not in its place")));
        };
        self.at = start;
        let bytes = self.section(full, |it| Ok(it.take(it.bytes.len() - it.at)?.to_vec()))?;
        Ok((name.to_owned(), bytes))
    }

    fn module(&mut self) -> Result<ModuleId> {
        let (sha256, len) = (self.array()?, self.u64()?);
        Ok(ModuleId { sha256, len, features: self.list(|it| Ok(it.text()?.to_owned()))? })
    }

    /// As many bytes as a number says.
    fn counted(&mut self) -> Result<Vec<u8>> {
        let len = self.u32()?;
        Ok(self.take(len as usize)?.to_vec())
    }

    fn host_value(&mut self) -> Result<Vec<u8>> {
        let bytes = self.counted()?;
        self.externs += 1;
        Ok(bytes)
    }

    fn exception(&mut self) -> Result<StoredException> {
        let (tag, payload) = (TagIndex::new(self.u32()?), self.list(Reader::value)?);
        self.exceptions += 1;
        Ok(StoredException { tag, payload })
    }

    fn frame(&mut self) -> Result<StoredFrame> {
        let (function, offset) = (FuncIndex::new(self.u32()?), self.u32()?);
        let stop = match self.u8()? {
            0 => Stop::Safepoint(SafepointKind::Entry),
            1 => Stop::Safepoint(SafepointKind::Loop),
            2 => Stop::Call,
            other => return Err(self.wrong(format!("{other} is no kind of stop"))),
        };
        let (locals, operands) = (self.list(Reader::value)?, self.list(Reader::value)?);
        Ok(StoredFrame { function, offset, stop, locals, operands })
    }

    fn ty(&mut self) -> Result<ValType> {
        const TYPES: [ValType; 8] = [
            ValType::I32,
            ValType::I64,
            ValType::F32,
            ValType::F64,
            ValType::V128,
            ValType::FuncRef,
            ValType::ExternRef,
            ValType::ExnRef,
        ];
        let code = self.u8()?;
        let found = TYPES.into_iter().find(|&ty| ty.code() == code);
        found.ok_or_else(|| self.wrong(format!("{code:#x} is no type")))
    }

    fn value(&mut self) -> Result<StoredValue> {
        Ok(match self.ty()? {
            ValType::I32 => StoredValue::I32(self.u32()?),
            ValType::F32 => StoredValue::F32(self.u32()?),
            ValType::I64 => StoredValue::I64(self.u64()?),
            ValType::F64 => StoredValue::F64(self.u64()?),
            ValType::V128 => StoredValue::V128(self.array().map(u128::from_le_bytes)?),
            ValType::FuncRef => {
                let index = self.u32()?;
                StoredValue::FuncRef((index != u32::MAX).then(|| FuncIndex::new(index)))
            }
            ValType::ExternRef => StoredValue::ExternRef(self.value_number()?),
            ValType::ExnRef => StoredValue::ExnRef(self.exception_number()?),
        })
    }

    /// The number of a value of the host, or null.
    fn value_number(&mut self) -> Result<Option<u32>> {
        match self.u32()? {
            u32::MAX => Ok(None),
            number if number < self.externs => Ok(Some(number)),
            number => Err(self.wrong(format!("there is no value {number} of the host"))),
        }
    }

    /// The number of an exception, or null: in payloads of one before, so that none is part of itself.
    fn exception_number(&mut self) -> Result<Option<u32>> {
        match self.u32()? {
            u32::MAX => Ok(None),
            number if number < self.exceptions => Ok(Some(number)),
            number => Err(self.wrong(format!("there is no exception {number} before"))),
        }
    }

    fn table(&mut self) -> Result<TableImage> {
        let (element, len) = (self.ty()?, self.u64()?);
        let mut free = 0;
        let runs = self.list(|it| {
            let start = it.u64()?;
            let references = it.list(|it| {
                let reference = match element {
                    ValType::FuncRef => Some(it.u32()?),
                    ValType::ExternRef => it.value_number()?,
                    ValType::ExnRef => it.exception_number()?,
                    ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64 | ValType::V128 => None,
                };
                reference.ok_or_else(|| it.wrong("a table's run has no reference there"))
            })?;
            let end = start.checked_add(references.len() as u64).filter(|&end| end <= len);
            match end {
                Some(end) if start >= free && !references.is_empty() => free = end,
                _ => return Err(it.wrong("a table's run overlaps, is empty or does not fit")),
            }
            Ok(TableRun { start, references })
        })?;
        Ok(TableImage { element, len, runs })
    }

    fn memory(&mut self) -> Result<MemoryImage> {
        let len_bytes = self.u64()?;
        let mut free = 0;
        let blocks = self.list(|it| {
            let (start, len, is_compressed) = (it.u64()?, it.u32()?, it.flag()?);
            let stored = it.counted()?;
            let end = start.checked_add(len.into()).filter(|&end| end <= len_bytes);
            let fits = (1..=Block::MOST_BYTES).contains(&(len as usize)) && start >= free;
            let sizes = if is_compressed { stored.len() < len as usize } else { stored.len() == len as usize };
            match end {
                Some(end) if fits && sizes => free = end,
                _ => return Err(it.wrong("a memory's block overlaps, or its size is wrong")),
            }
            Ok(Block { start, len_bytes: len, is_compressed, stored })
        })?;
        Ok(MemoryImage { len_bytes, blocks })
    }
}
