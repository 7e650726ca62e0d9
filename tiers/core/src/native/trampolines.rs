//! Trampolines: code that all functions of a type share. They are entry trampolines and bridges, and exist as long as something uses them.
//!
//! Users of a [`Trampoline`] hold it; a tier finds it in its [`Trampolines`] as long as somebody does. Memory is taken in regions, as many
//! as needed, and a region is freed with its last trampoline. Its addresses are not reused before that: a processor may still have the old
//! code cached.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::{CodeMemory, NativeFunction, Origin, code_map};
use crate::{Bailout, CodeTables, NativeCode, TrampolineUsage};

/// Least and largest size of a region in bytes; between them, a region is as large as all existing trampolines together. So there are few
/// regions, and at most twice the memory is taken that was in use at a time.
const REGION_BYTES: (usize, usize) = (64 << 10, 4 << 20);

/// A tier's trampolines, by a key `K` that says what each is for.
pub struct Trampolines<K: Eq + Hash>(Arc<Mutex<Made<K>>>);

struct Made<K: Eq + Hash> {
    by_key: HashMap<K, Weak<Trampoline<K>>>,
    /// Total size of the trampolines that are in use.
    bytes: usize,
    /// The region for the next trampoline, if it still exists and has room.
    region: Weak<CodeMemory>,
}

/// A trampoline's machine code before it is placed.
#[derive(Debug, Default)]
pub struct TrampolineCode {
    /// The code.
    pub code: Vec<u8>,
    /// What is known of it.
    pub tables: CodeTables,
}

/// A piece of code between functions. It stays in place as long as somebody holds it.
pub struct Trampoline<K: Eq + Hash> {
    start: usize,
    len: usize,
    key: K,
    table: Weak<Mutex<Made<K>>>,
    _region: Arc<CodeMemory>,
}

impl<K: Eq + Hash> Default for Trampolines<K> {
    fn default() -> Trampolines<K> {
        Trampolines(Arc::new(Mutex::new(Made { by_key: HashMap::new(), bytes: 0, region: Weak::new() })))
    }
}

fn lock<K: Eq + Hash>(table: &Mutex<Made<K>>) -> MutexGuard<'_, Made<K>> {
    table.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<K: Eq + Hash + Clone> Trampolines<K> {
    /// The trampoline for `key`; `make` makes it if nobody holds one.
    ///
    /// # Errors
    ///
    /// Those of `make`, and [`Bailout::NoMemory`].
    pub fn get(
        &self,
        key: K,
        make: impl FnOnce() -> Result<TrampolineCode, Bailout>,
    ) -> Result<Arc<Trampoline<K>>, Bailout> {
        let mut made = lock(&self.0);
        if let Some(existing) = made.by_key.get(&key).and_then(Weak::upgrade) {
            return Ok(existing);
        }
        let TrampolineCode { code, tables } = make()?;
        let (region, at) = made.place(code.len())?;
        let (start, len) = (region.address(at), code.len());
        let origin = Origin::Trampoline;
        // SAFETY: just allocated. Whoever runs the code says that it is what it should be, and so what is known of it.
        unsafe {
            region.write(at, &code);
            code_map::insert(NativeFunction { start, len, origin, tables, may_access_memory: false }, &code);
        }
        made.bytes += len;
        let table = Arc::downgrade(&self.0);
        let trampoline = Arc::new(Trampoline { start, len, key: key.clone(), table, _region: region });
        made.by_key.insert(key, Arc::downgrade(&trampoline));
        Ok(trampoline)
    }
}

impl<K: Eq + Hash> Trampolines<K> {
    /// The number and size of the existing trampolines.
    pub fn usage(&self) -> TrampolineUsage {
        let made = lock(&self.0);
        TrampolineUsage { count: made.by_key.len(), bytes: made.bytes }
    }
}

impl<K: Eq + Hash> Made<K> {
    /// Allocates `len` bytes: returns a region, and the offset in it.
    fn place(&mut self, len: usize) -> Result<(Arc<CodeMemory>, usize), Bailout> {
        if let Some(region) = self.region.upgrade()
            && let Some(at) = region.allocate(len)
        {
            return Ok((region, at));
        }
        let (least, most) = REGION_BYTES;
        // Allocations are rounded up.
        let bytes = self.bytes.clamp(least, most).max(len + 64);
        let region = CodeMemory::new(bytes).map_err(|error| Bailout::NoMemory(error.to_string()))?;
        let at = region.allocate(len).ok_or_else(|| Bailout::NoMemory(format!("{len} bytes for a trampoline")))?;
        let region = Arc::new(region);
        self.region = Arc::downgrade(&region);
        Ok((region, at))
    }
}

impl<K: Eq + Hash> Trampoline<K> {
    /// The address of its first instruction.
    pub fn code(&self) -> NativeCode {
        NativeCode(std::ptr::with_exposed_provenance(self.start))
    }
}

impl<K: Eq + Hash> Drop for Trampoline<K> {
    fn drop(&mut self) {
        code_map::remove(self.start..self.start + self.len);
        let Some(table) = self.table.upgrade() else { return };
        let mut made = lock(&table);
        made.bytes -= self.len;
        // Somebody may have made another one after the last holder of this one let go of it.
        if made.by_key.get(&self.key).is_some_and(|it| it.strong_count() == 0) {
            made.by_key.remove(&self.key);
            if made.by_key.capacity() / 8 > made.by_key.len() {
                made.by_key.shrink_to_fit();
            }
        }
    }
}

impl<K: Eq + Hash> fmt::Debug for Trampolines<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Trampolines").field(&self.usage()).finish()
    }
}

impl<K: Eq + Hash> fmt::Debug for Trampoline<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Trampoline({:#x}, {} bytes)", self.start, self.len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `mov eax, number; ret`
    fn answer(number: u32) -> TrampolineCode {
        let code = [&[0xb8][..], &number.to_le_bytes(), &[0xc3]].concat();
        TrampolineCode { code, ..TrampolineCode::default() }
    }

    fn call(trampoline: &Trampoline<u32>) -> u32 {
        // SAFETY: the code is that of such a function.
        unsafe { std::mem::transmute::<*const u8, extern "C" fn() -> u32>(trampoline.code().0)() }
    }

    #[test]
    fn trampolines_are_shared_and_go_with_the_last_user() {
        let all = Trampolines::default();
        let [a, again] = [7, 8].map(|number| all.get(1, || Ok(answer(number))).unwrap());
        assert!(Arc::ptr_eq(&a, &again));
        assert_eq!([&a, &again].map(|it| call(it)), [7, 7]);
        let b = all.get(2, || Ok(answer(9))).unwrap();
        assert_eq!(all.usage(), TrampolineUsage { count: 2, bytes: 12 });
        drop(a);
        assert_eq!(all.usage().count, 2);
        drop(again);
        assert_eq!(all.usage(), TrampolineUsage { count: 1, bytes: 6 });
        assert_eq!(call(&all.get(1, || Ok(answer(8))).unwrap()), 8);
        assert_eq!(call(&b), 9);
        drop(b);
        assert_eq!(all.usage(), TrampolineUsage::default());
        // A trampoline that outlives its table still works.
        let last = all.get(3, || Ok(answer(3))).unwrap();
        drop(all);
        assert_eq!(call(&last), 3);
    }

    #[test]
    fn regions_grow_and_go() {
        let all = Trampolines::default();
        let long = |number| TrampolineCode { code: vec![0x90; 10_000 + number as usize], ..TrampolineCode::default() };
        let many: Vec<_> = (0..2000).map(|number| all.get(number, || Ok(long(number))).unwrap()).collect();
        let regions = |many: &[Arc<Trampoline<u32>>]| {
            let mut regions: Vec<_> = many.iter().map(|it| it._region.address(0)).collect();
            regions.dedup();
            regions.len()
        };
        assert!(regions(&many) < 20, "{} regions", regions(&many));
        let reserved: usize =
            many.chunk_by(|a, b| a._region.address(0) == b._region.address(0)).map(|it| it[0]._region.capacity()).sum();
        assert!(reserved < 2 * all.usage().bytes + REGION_BYTES.0, "{reserved} bytes");
        let region = Arc::downgrade(&many[0]._region);
        drop(many);
        assert!(region.upgrade().is_none());
        assert_eq!(all.usage(), TrampolineUsage::default());
    }

    #[test]
    fn what_cannot_be_made_is_not_kept() {
        let all = Trampolines::<u32>::default();
        assert!(all.get(1, || Err(Bailout::Unsupported("no".to_owned()))).is_err());
        assert_eq!(all.usage(), TrampolineUsage::default());
        assert_eq!(call(&all.get(1, || Ok(answer(4))).unwrap()), 4);
    }
}
