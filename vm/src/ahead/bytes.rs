//! Encodes and decodes the numbers and strings of a section.

/// Appends a number.
pub(super) fn write_number(out: &mut Vec<u8>, number: u64) {
    out.extend(number.to_le_bytes());
}

/// Appends a string.
pub(super) fn write_string(out: &mut Vec<u8>, string: &str) {
    write_number(out, string.len() as u64);
    out.extend(string.as_bytes());
}

/// Reads numbers and strings in the order in which they were appended. Reading past the end is an error.
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader(bytes)
    }

    fn take(&mut self, count: u64) -> Result<&'a [u8], String> {
        let count = usize::try_from(count).ok().filter(|&count| count <= self.0.len());
        let (taken, rest) = self.0.split_at(count.ok_or("a section is too short")?);
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn number(&mut self) -> Result<u64, String> {
        let bytes = self.take(8)?;
        Ok(u64::from_le_bytes(bytes.try_into().expect("eight bytes")))
    }

    pub(super) fn half(&mut self) -> Result<u32, String> {
        let bytes = self.take(4)?;
        Ok(u32::from_le_bytes(bytes.try_into().expect("four bytes")))
    }

    pub(super) fn flag(&mut self) -> Result<bool, String> {
        match self.number()? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(format!("{other} is neither yes nor no")),
        }
    }

    pub(super) fn string(&mut self) -> Result<&'a str, String> {
        let count = self.number()?;
        std::str::from_utf8(self.take(count)?).map_err(|error| error.to_string())
    }

    /// Reads a count of strings and then the strings.
    pub(super) fn strings(&mut self) -> Result<Vec<String>, String> {
        let count = self.number()?;
        // A string takes at least the eight bytes of its length.
        if count > self.0.len() as u64 / 8 {
            return Err("a section is too short".to_owned());
        }
        (0..count).map(|_| self.string().map(str::to_owned)).collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Checks that all bytes have been read.
    pub(super) fn end(&self) -> Result<(), String> {
        if self.is_empty() { Ok(()) } else { Err("a section is too long".to_owned()) }
    }
}
