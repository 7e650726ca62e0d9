//! A guest's WASI state to bytes and back. `docs/src/snapshot-format.md` is the specification.
//!
//! Reading takes no more memory than a few times the bytes: no count is believed before there are bytes for it.

use std::collections::HashSet;

use super::{SavedClocks, SavedDescriptor, SavedDirectory, SavedRandom, SavedTarget, WasiSnapshot, WasiSnapshotError};
use crate::file::Entry;
use crate::flags::{FdFlags, Rights};
use crate::layout::FileType;
use crate::memory::LONGEST_PATH;
use crate::memory_fs::{Tree, TreeBody, TreeNode};

type Result<T> = std::result::Result<T, WasiSnapshotError>;

/// Stands for no number.
const NONE: u32 = u32::MAX;

impl WasiSnapshot {
    /// The bytes. Equal states have equal bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer(Vec::new());
        out.list(&self.args, |out, arg| out.text(arg));
        out.list(&self.env, |out, (name, value)| {
            out.text(name);
            out.text(value);
        });
        match self.clocks {
            SavedClocks::Real { monotonic } => {
                out.u8(0);
                out.u64(monotonic);
            }
            SavedClocks::Deterministic { now, step } => {
                out.u8(1);
                out.u64(now);
                out.u64(step);
            }
        }
        match self.random {
            SavedRandom::System => out.u8(0),
            SavedRandom::Seeded(state) => {
                out.u8(1);
                out.u64(state);
            }
            SavedRandom::Own => out.u8(2),
        }
        out.list(&self.directories, |out, directory| {
            out.text(&directory.name);
            out.u32(directory.tree.unwrap_or(NONE));
        });
        out.list(&self.descriptors, Writer::descriptor);
        out.list(&self.trees, Writer::tree);
        out.0
    }

    /// Reads the state.
    ///
    /// # Errors
    ///
    /// [`WasiSnapshotError::Malformed`] if the bytes are not those of one.
    pub fn from_bytes(bytes: &[u8]) -> Result<WasiSnapshot> {
        let mut input = Reader { bytes, at: 0 };
        let snapshot = input.snapshot()?;
        if input.at < bytes.len() {
            return Err(input.wrong("bytes are left over"));
        }
        Ok(snapshot)
    }
}

/// Bytes that grow.
struct Writer(Vec<u8>);

impl Writer {
    fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    fn u16(&mut self, value: u16) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    fn u32(&mut self, value: u32) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    fn u64(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.u32(text.len() as u32);
        self.0.extend_from_slice(text.as_bytes());
    }

    fn list<T>(&mut self, items: &[T], mut item: impl FnMut(&mut Writer, &T)) {
        self.u32(items.len() as u32);
        items.iter().for_each(|it| item(self, it));
    }

    fn descriptor(&mut self, descriptor: &SavedDescriptor) {
        self.u32(descriptor.number);
        self.u16(descriptor.flags.bits());
        self.u64(descriptor.rights_base.bits());
        self.u64(descriptor.rights_inheriting.bits());
        match &descriptor.target {
            SavedTarget::Stdin => self.u8(0),
            SavedTarget::Stdout => self.u8(1),
            SavedTarget::Stderr => self.u8(2),
            SavedTarget::Directory(number) => {
                self.u8(3);
                self.u32(*number);
            }
            SavedTarget::Opened { directory, path, file_type, offset, size } => {
                self.u8(4);
                self.u32(*directory);
                self.text(path);
                self.u8(*file_type as u8);
                self.u64(*offset);
                self.u64(*size);
            }
        }
        self.u8(descriptor.listing.is_some().into());
        if let Some(listing) = &descriptor.listing {
            self.list(listing, |out, entry| {
                out.text(&entry.name);
                out.u64(entry.inode);
                out.u8(entry.ty as u8);
            });
        }
    }

    fn tree(&mut self, tree: &Tree) {
        self.u64(tree.last_inode);
        self.list(&tree.nodes, |out, node| {
            for number in [node.inode, node.accessed, node.modified, node.changed] {
                out.u64(number);
            }
            match &node.body {
                TreeBody::File(bytes) => {
                    out.u8(0);
                    out.u64(bytes.len() as u64);
                    out.0.extend_from_slice(bytes);
                }
                TreeBody::Directory(entries) => {
                    out.u8(1);
                    out.list(entries, |out, (name, node)| {
                        out.text(name);
                        out.u32(*node);
                    });
                }
                TreeBody::Link(target) => {
                    out.u8(2);
                    out.text(target);
                }
            }
        });
    }
}

/// Bytes that are read in order.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    #[cold]
    fn wrong(&self, why: impl Into<String>) -> WasiSnapshotError {
        WasiSnapshotError::Malformed { at: self.at, why: why.into() }
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

    fn u16(&mut self) -> Result<u16> {
        self.array().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Result<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// Text without zeros, as C's strings have none.
    fn text(&mut self) -> Result<String> {
        let len = self.u32()? as usize;
        let text = std::str::from_utf8(self.take(len)?).ok().filter(|text| !text.contains('\0'));
        text.map(str::to_owned).ok_or_else(|| self.wrong("a text is not UTF-8, or has a zero in it"))
    }

    /// A path, or a name in one.
    fn path(&mut self) -> Result<String> {
        let path = self.text()?;
        if path.is_empty() || path.len() > LONGEST_PATH as usize {
            return Err(self.wrong("a path is empty or too long"));
        }
        Ok(path)
    }

    /// A list, each of whose items takes bytes.
    fn list<T>(&mut self, mut item: impl FnMut(&mut Reader<'a>) -> Result<T>) -> Result<Vec<T>> {
        (0..self.u32()?).map(|_| item(self)).collect()
    }

    fn snapshot(&mut self) -> Result<WasiSnapshot> {
        let args = self.list(Reader::text)?;
        let env = self.list(|it| Ok((it.text()?, it.text()?)))?;
        let clocks = match self.u8()? {
            0 => SavedClocks::Real { monotonic: self.u64()? },
            1 => SavedClocks::Deterministic { now: self.u64()?, step: self.u64()? },
            other => return Err(self.wrong(format!("{other} is no kind of clocks"))),
        };
        let random = match self.u8()? {
            0 => SavedRandom::System,
            1 => SavedRandom::Seeded(self.u64()?),
            2 => SavedRandom::Own,
            other => return Err(self.wrong(format!("{other} is no kind of random bytes"))),
        };
        let directories = self.list(|it| {
            let (name, tree) = (it.text()?, it.u32()?);
            Ok(SavedDirectory { name, tree: (tree != NONE).then_some(tree) })
        })?;
        let descriptors = self.descriptors(directories.len())?;
        let trees = self.list(Reader::tree)?;
        if directories.iter().filter_map(|it| it.tree).any(|tree| tree as usize >= trees.len()) {
            return Err(self.wrong("a directory is in a file system that there is not"));
        }
        Ok(WasiSnapshot { args, env, clocks, random, directories, descriptors, trees })
    }

    fn descriptors(&mut self, directories: usize) -> Result<Vec<SavedDescriptor>> {
        let mut next = 0;
        let mut given = HashSet::new();
        self.list(|it| {
            let descriptor = it.descriptor()?;
            if descriptor.number < next {
                return Err(it.wrong("descriptors are not in the order of their numbers"));
            }
            next = descriptor.number.checked_add(1).ok_or_else(|| it.wrong("a descriptor's number is too large"))?;
            let place = match descriptor.target {
                SavedTarget::Directory(number) | SavedTarget::Opened { directory: number, .. }
                    if number as usize >= directories =>
                {
                    return Err(it.wrong("a descriptor is of a directory that there is not"));
                }
                SavedTarget::Opened { .. } => return Ok(descriptor),
                SavedTarget::Stdin => 0,
                SavedTarget::Stdout => 1,
                SavedTarget::Stderr => 2,
                SavedTarget::Directory(number) => 3 + u64::from(number),
            };
            if !given.insert(place) {
                return Err(it.wrong("something has two descriptors"));
            }
            Ok(descriptor)
        })
    }

    fn descriptor(&mut self) -> Result<SavedDescriptor> {
        let number = self.u32()?;
        let (flags, base, inheriting) = (self.u16()?, self.u64()?, self.u64()?);
        let (Some(flags), Some(rights_base), Some(rights_inheriting)) =
            (FdFlags::from_bits(flags), Rights::from_bits(base), Rights::from_bits(inheriting))
        else {
            return Err(self.wrong("a descriptor has flags or rights that there are not"));
        };
        let target = match self.u8()? {
            0 => SavedTarget::Stdin,
            1 => SavedTarget::Stdout,
            2 => SavedTarget::Stderr,
            3 => SavedTarget::Directory(self.u32()?),
            4 => {
                let (directory, path) = (self.u32()?, self.path()?);
                if path != "." && path.split('/').any(|name| matches!(name, "" | ".")) {
                    return Err(self.wrong("a path is not in its shortest form"));
                }
                let file_type = self.file_type()?;
                if !file_type.can_be_opened_again() {
                    return Err(self.wrong("something is open that cannot be opened again"));
                }
                SavedTarget::Opened { directory, path, file_type, offset: self.u64()?, size: self.u64()? }
            }
            other => return Err(self.wrong(format!("{other} is no kind of descriptor"))),
        };
        let listing = match self.u8()? {
            0 => None,
            1 => Some(self.list(|it| Ok(Entry { name: it.path()?, inode: it.u64()?, ty: it.file_type()? }))?),
            other => return Err(self.wrong(format!("{other} is neither yes nor no"))),
        };
        Ok(SavedDescriptor { number, flags, rights_base, rights_inheriting, target, listing })
    }

    fn file_type(&mut self) -> Result<FileType> {
        let code = self.u8()?;
        FileType::from_code(code).ok_or_else(|| self.wrong(format!("{code} is no type of file")))
    }

    fn tree(&mut self) -> Result<Tree> {
        let last_inode = self.u64()?;
        let nodes = self.list(|it| {
            let (inode, accessed, modified, changed) = (it.u64()?, it.u64()?, it.u64()?, it.u64()?);
            let body = match it.u8()? {
                0 => {
                    let len = usize::try_from(it.u64()?).map_err(|_| it.wrong("it ends early"))?;
                    TreeBody::File(it.take(len)?.to_vec())
                }
                1 => TreeBody::Directory(it.list(|it| Ok((it.path()?, it.u32()?)))?),
                2 => TreeBody::Link(it.path()?),
                other => return Err(it.wrong(format!("{other} is no kind of node"))),
            };
            Ok(TreeNode { inode, accessed, modified, changed, body })
        })?;
        let tree = Tree { last_inode, nodes };
        tree.check().map_err(|why| self.wrong(why))?;
        Ok(tree)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> WasiSnapshot {
        let entry = |name: &str| Entry { name: name.to_owned(), inode: 7, ty: FileType::Directory };
        let node = |inode, body| TreeNode { inode, accessed: 1, modified: 2, changed: 3, body };
        let opened = SavedTarget::Opened {
            directory: 1,
            path: "a/b".to_owned(),
            file_type: FileType::RegularFile,
            offset: 5,
            size: 9,
        };
        let descriptor = |number, target, listing| SavedDescriptor {
            number,
            flags: FdFlags::APPEND,
            rights_base: Rights::FD_READ,
            rights_inheriting: Rights::empty(),
            target,
            listing,
        };
        WasiSnapshot {
            args: vec!["program".to_owned(), String::new()],
            env: vec![("A".to_owned(), "B=C".to_owned())],
            clocks: SavedClocks::Deterministic { now: 1, step: 2 },
            random: SavedRandom::Seeded(3),
            directories: vec![
                SavedDirectory { name: "/".to_owned(), tree: None },
                SavedDirectory { name: "/tmp".to_owned(), tree: Some(0) },
            ],
            descriptors: vec![
                descriptor(1, SavedTarget::Stdout, None),
                descriptor(3, SavedTarget::Directory(0), Some(vec![entry("."), entry("x")])),
                descriptor(9, opened, None),
            ],
            trees: vec![Tree {
                last_inode: 4,
                nodes: vec![
                    node(1, TreeBody::Directory(vec![("a".to_owned(), 1), ("l".to_owned(), 2)])),
                    node(2, TreeBody::Directory(vec![("b".to_owned(), 3)])),
                    node(3, TreeBody::Link("a/b".to_owned())),
                    node(4, TreeBody::File(b"some text".to_vec())),
                ],
            }],
        }
    }

    #[test]
    fn bytes_come_back_and_shorter_ones_do_not() {
        let bytes = sample().to_bytes();
        assert_eq!(WasiSnapshot::from_bytes(&bytes), Ok(sample()));
        for len in 0..bytes.len() {
            assert!(WasiSnapshot::from_bytes(&bytes[..len]).is_err(), "{len}");
        }
        assert!(WasiSnapshot::from_bytes(&[&bytes[..], &[0]].concat()).is_err());
    }

    #[track_caller]
    fn refused(change: impl FnOnce(&mut WasiSnapshot), why: &str) {
        let mut changed = sample();
        change(&mut changed);
        let error = WasiSnapshot::from_bytes(&changed.to_bytes()).expect_err(why).to_string();
        assert!(error.contains(why), "{error}");
    }

    fn entries(list: &[(&str, u32)]) -> TreeBody {
        TreeBody::Directory(list.iter().map(|(name, node)| ((*name).to_owned(), *node)).collect())
    }

    #[test]
    fn what_does_not_fit_together_is_refused() {
        refused(|it| it.descriptors[1].number = 1, "in the order of their numbers");
        refused(|it| it.descriptors[2].number = u32::MAX, "number is too large");
        refused(|it| it.descriptors[1].target = SavedTarget::Stdout, "two descriptors");
        refused(|it| it.descriptors[1].target = SavedTarget::Directory(2), "a directory that there is not");
        refused(|it| it.directories[1].tree = Some(1), "a file system that there is not");
        for path in ["/etc", "a//b", "./a", "a/."] {
            let opened = |it: &mut WasiSnapshot| {
                if let SavedTarget::Opened { path: old, .. } = &mut it.descriptors[2].target {
                    path.clone_into(old);
                }
            };
            refused(opened, "shortest form");
        }
    }

    #[test]
    fn what_is_no_file_system_is_refused() {
        let body = |node: usize, body: TreeBody, why| refused(|it| it.trees[0].nodes[node].body = body, why);
        refused(|it| it.trees[0].nodes.clear(), "no root");
        refused(|it| it.trees[0].last_inode = u64::MAX, "inode");
        refused(|it| it.trees[0].nodes[3].inode = 5, "inode");
        body(0, TreeBody::File(Vec::new()), "no root");
        body(1, entries(&[("b", 0)]), "cannot lead");
        body(1, entries(&[("b", 1)]), "cannot lead");
        body(1, entries(&[("b", 4)]), "cannot lead");
        body(0, entries(&[("a", 1), ("b", 1), ("l", 2)]), "cannot lead");
        body(0, entries(&[("l", 2)]), "cannot lead");
        body(0, entries(&[("l", 2), ("a", 1)]), "name");
        body(1, entries(&[("..", 3)]), "name");
        body(1, entries(&[("b/c", 3)]), "name");
        body(2, TreeBody::Link("/etc".to_owned()), "link");
    }
}
