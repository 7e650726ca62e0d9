//! A guest's WASI state of which bytes are changed: it is refused, or a guest gets it that can use it as any other, and nothing panics.

use std::sync::LazyLock;

use riser::wasi::{DirPerms, FUNCTIONS, FilePerms, GuestMemory, MemoryFs, WasiCtx, WasiCtxBuilder, WasiSnapshot};

use crate::value::mix;

/// What a file system in memory holds at most.
const MOST_BYTES: usize = 64 << 10;

/// The state of a guest with open files, a directory in the middle of being listed, and a closed stream.
static STATE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let fs = MemoryFs::new(MOST_BYTES);
    for (path, bytes) in [("a", "some text"), ("b/c", "more"), ("b/d", "")] {
        fs.write(path, bytes).expect("there is room");
    }
    let mut builder = WasiCtxBuilder::new();
    builder.arg("program").env("NAME", "value").random_seed(5).deterministic_clocks(1, 2);
    let mut ctx = with_directories(builder, &fs);
    let mut memory = vec![0; 1 << 16];
    memory[..4].copy_from_slice(b"ab/c");
    memory[16] = 200;
    let calls: [(&str, &[u64]); 6] = [
        ("path_open", &[3, 1, 0, 1, 0, 66, 0, 1, 8]),
        ("path_open", &[3, 1, 1, 3, 0, 2, 0, 0, 8]),
        ("path_open", &[3, 1, 1, 1, 2, 0, 0, 0, 8]),
        ("fd_seek", &[5, 3, 0, 24]),
        ("fd_readdir", &[7, 300, 30, 0, 24]),
        ("fd_close", &[0]),
    ];
    for (name, args) in calls {
        call(&mut ctx, &mut memory, name, args);
    }
    ctx.snapshot().expect("all of it is in memory").to_bytes()
});

fn with_directories(mut builder: WasiCtxBuilder, fs: &MemoryFs) -> WasiCtx {
    builder.preopened_memory_fs(fs, "/", DirPerms::all(), FilePerms::all());
    builder.preopened_memory_fs(fs, "/read", DirPerms::READ, FilePerms::READ);
    builder.max_descriptors(64).build()
}

fn call(ctx: &mut WasiCtx, memory: &mut [u8], name: &str, args: &[u64]) {
    let function = FUNCTIONS.iter().find(|function| function.name == name).expect("it is in the list");
    // Only `proc_exit` leaves the guest, and nobody calls it.
    drop((function.call)(ctx, GuestMemory::Unshared(memory), args));
}

/// Changes bytes of the state, and uses what is accepted.
///
/// # Errors
///
/// If what was restored cannot be stored again, or is not the same then.
pub fn altered(seed: u64) -> Result<(), String> {
    for round in 0..8 {
        let mut altered = STATE.clone();
        for change in 0..=round / 2 {
            let number = mix(seed, 64 + round * 8 + change);
            let at = (number >> 8) as usize % altered.len();
            altered[at] = number as u8;
        }
        let Ok(state) = WasiSnapshot::from_bytes(&altered) else { continue };
        if state.to_bytes() != altered {
            return Err("a WASI state changes on its way through bytes".to_owned());
        }
        let fs = MemoryFs::new(MOST_BYTES);
        let mut ctx = with_directories(state.builder(), &fs);
        if state.restore(&ctx).is_err() {
            continue;
        }
        let again = ctx.snapshot().map_err(|error| format!("a restored WASI state cannot be stored: {error}"))?;
        let all = |state: &WasiSnapshot| -> Vec<_> {
            let all = state.descriptors().iter();
            all.map(|it| (it.number, it.flags, it.rights_base, it.rights_inheriting)).collect()
        };
        if all(&again) != all(&state) {
            return Err(format!("a restored WASI state differs: {again:?}, not {state:?}"));
        }
        let mut memory = vec![0; 1 << 16];
        for fd in 0..10 {
            for (name, args) in [
                ("fd_filestat_get", &[fd, 64][..]),
                ("fd_read", &[fd, 16, 1, 8]),
                ("fd_write", &[fd, 16, 1, 8]),
                ("fd_readdir", &[fd, 300, 30, 1, 24]),
                ("fd_close", &[fd]),
            ] {
                call(&mut ctx, &mut memory, name, args);
            }
        }
    }
    Ok(())
}
