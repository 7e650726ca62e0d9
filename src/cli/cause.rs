//! What a file that is no module probably is, and where a module with unknown imports probably comes from.

/// A kind of file.
struct Kind {
    is: fn(&[u8]) -> bool,
    what: &'static str,
}

/// The kinds of files that are given in place of modules, each with what to do. They are told apart by their first bytes.
const KINDS: &[Kind] = &[
    Kind { is: <[u8]>::is_empty, what: "the file is empty" },
    Kind {
        is: |bytes| bytes.starts_with(b"\0asm") && bytes.get(6..8) == Some(&[1, 0]),
        what: "it is a WebAssembly component: Riser runs core modules with WASI preview 1; components and WASI 0.2 are out \
               of its scope. Compile the program for `wasm32-wasip1`",
    },
    Kind {
        is: crate::Snapshot::detect,
        what: "it is a snapshot: `riser resume` goes on with it, and `riser snapshot show` prints what is in it",
    },
    Kind {
        is: |bytes| bytes.starts_with(b"\0aot"),
        what: "it is a file of WAMR's `wamrc`, machine code for iwasm: give Riser the .wasm file that it was made of",
    },
    Kind {
        is: |bytes| bytes.starts_with(b"\x7fELF") && bytes.get(7) == Some(&200),
        what: "it is a file of `wasmtime compile`, machine code for Wasmtime: give Riser the .wasm file that it was made of",
    },
    Kind {
        is: |bytes| bytes.starts_with(b"\x7fELF"),
        what: "it is a native program or library (ELF), no WebAssembly: compile the program for `wasm32-wasip1`",
    },
    Kind {
        is: |bytes| {
            const MACH: [[u8; 4]; 3] = [[0xcf, 0xfa, 0xed, 0xfe], [0xfe, 0xed, 0xfa, 0xcf], [0xca, 0xfe, 0xba, 0xbe]];
            MACH.iter().any(|magic| bytes.starts_with(magic))
        },
        what: "it is a native program or library (Mach-O), no WebAssembly: compile the program for `wasm32-wasip1`",
    },
    Kind {
        is: |bytes| bytes.starts_with(b"MZ"),
        what: "it is a native program or library (PE), no WebAssembly: compile the program for `wasm32-wasip1`",
    },
    Kind {
        is: |bytes| bytes.starts_with(b"!<arch>\n"),
        what: "it is a static library: link it to a module first, with `wasm-ld` or the compiler",
    },
    Kind { is: |bytes| bytes.starts_with(b"PK\x03\x04"), what: "it is a zip archive: unpack it first" },
    Kind {
        is: |bytes| bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]),
        what: "it is packed by zstd: unpack it first; of packed files, Riser reads those of gzip",
    },
    Kind {
        is: |bytes| bytes.starts_with(b"\xfd7zXZ"),
        what: "it is packed by xz: unpack it first; of packed files, Riser reads those of gzip",
    },
    Kind { is: |bytes| bytes.starts_with(&[0x1f, 0x8b]), what: "it is packed by gzip twice: unpack it once" },
    Kind {
        is: |bytes| ["<!doctype", "<html", "<?xml"].iter().any(|tag| begins_with_word(bytes, tag)),
        what: "it is a page of HTML, perhaps an error that a download saved in place of the file",
    },
    Kind {
        is: |bytes| bytes.starts_with(b"version https://git-lfs."),
        what: "it is a pointer of Git LFS, not the file itself: `git lfs pull` gets that",
    },
    Kind {
        is: is_other_text,
        what: "it is text, but not that of a module: WebAssembly's text format begins with `(module`",
    },
];

/// Whether a file begins with text that begins no module.
fn is_other_text(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(32)];
    let is_text = start.iter().all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace());
    is_text && !matches!(start.trim_ascii_start().first(), None | Some(b'(' | b';'))
}

/// Whether text begins with an ASCII word, after space, in either case.
fn begins_with_word(bytes: &[u8], word: &str) -> bool {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
}

/// What the bytes are, and what to do, if they are known to be no module.
pub fn of_bytes(bytes: &[u8]) -> Option<&'static str> {
    KINDS.iter().find(|kind| (kind.is)(bytes)).map(|kind| kind.what)
}

/// A toolchain whose modules need a host of their own.
struct Toolchain {
    /// Whether an import, by its module and name, is one of the toolchain's.
    is: fn(&str, &str) -> bool,
    what: &'static str,
}

/// The toolchains, the surest first: what Emscripten makes small has names of one letter.
const TOOLCHAINS: &[Toolchain] = &[
    Toolchain {
        is: |module, _| matches!(module, "wbg" | "__wbindgen_placeholder__" | "__wbindgen_externref_xform__"),
        what: "it was made for JavaScript by wasm-bindgen, and runs there only: compile the program for `wasm32-wasip1` without \
               wasm-bindgen",
    },
    Toolchain {
        is: |module, name| {
            matches!(module, "go" | "gojs") && (name.starts_with("runtime.") || name.starts_with("syscall/"))
        },
        what: "Go made it for JavaScript: compile the program with `GOOS=wasip1 GOARCH=wasm`",
    },
    Toolchain {
        is: |module, name| {
            let own = ["emscripten_", "_emscripten_", "invoke_", "__syscall_", "_embind_", "_emval_", "__cxa_"];
            module == "env" && (own.iter().any(|start| name.starts_with(start)) || name == "_abort_js")
        },
        what: "Emscripten made it for JavaScript: link it with `-sSTANDALONE_WASM`, or compile the program with wasi-sdk",
    },
    Toolchain {
        is: |module, name| module == "a" && name.len() <= 2,
        what: "it was probably made for JavaScript by Emscripten, which has shortened the names: link it with \
               `-sSTANDALONE_WASM`, or compile the program with wasi-sdk",
    },
    Toolchain {
        is: |module, name| {
            module == "env" && matches!(name, "__linear_memory" | "__indirect_function_table" | "__stack_pointer")
        },
        what: "it is an object file or a shared library: link it to a module first, with `wasm-ld` or the compiler",
    },
    Toolchain {
        is: |module, name| module == "env" && name == "abort",
        what: "it was probably made by AssemblyScript: compile it with `--use abort=` or give it an `env.abort` by \
               `--preload env=FILE`",
    },
    Toolchain {
        is: |module, _| module.starts_with("wasi:") || module.starts_with("cm32p2"),
        what: "it is the inner module of a component: Riser runs core modules with WASI preview 1; components and WASI 0.2 are \
               out of its scope. Compile the program for `wasm32-wasip1`",
    },
    Toolchain {
        is: |module, _| matches!(module, "spectest" | "wasi_nn" | "wasi_ephemeral_nn" | "wasi_ephemeral_crypto"),
        what: "it needs an extension that Riser does not have; of WASI, it has preview 1",
    },
];

/// Where a module probably comes from, and what to do, by its imports: pairs of module and name.
pub fn of_imports<'a>(imports: impl Iterator<Item = (&'a str, &'a str)> + Clone) -> Option<&'static str> {
    let made = |toolchain: &&Toolchain| imports.clone().any(|(module, name)| (toolchain.is)(module, name));
    TOOLCHAINS.iter().find(made).map(|toolchain| toolchain.what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_and_text_are_none_of_these() {
        for bytes in [&b"\0asm\x01\0\0\0"[..], b"(module)", b";; comment", b"\0asm", b"\xff\xfe", b" (", b"  \n"] {
            assert_eq!(of_bytes(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn each_kind_is_itself() {
        let examples: [&[u8]; 16] = [
            b"",
            b"\0asm\x0d\0\x01\0",
            b"\0wasmsnp",
            b"\0aot\x04\0\0\0",
            b"\x7fELF\x02\x01\x01\xc8",
            b"\x7fELF\x02\x01\x01\0",
            b"\xcf\xfa\xed\xfe",
            b"MZ\x90",
            b"!<arch>\n",
            b"PK\x03\x04",
            b"\x28\xb5\x2f\xfd",
            b"\xfd7zXZ\0",
            b"\x1f\x8b\x08",
            b"\n <!DOCTYPE html>",
            b"version https://git-lfs.github.com/spec/v1",
            b"Not found\n",
        ];
        assert_eq!(examples.len(), KINDS.len());
        for (bytes, kind) in examples.iter().zip(KINDS) {
            assert_eq!(of_bytes(bytes), Some(kind.what), "{bytes:?}");
        }
    }

    #[test]
    fn toolchains_are_known_by_their_imports() {
        for (module, name, what) in [
            ("wbg", "__wbindgen_throw", "wasm-bindgen"),
            ("gojs", "runtime.wasmExit", "GOOS=wasip1"),
            ("go", "syscall/js.valueGet", "GOOS=wasip1"),
            ("env", "emscripten_resize_heap", "STANDALONE_WASM"),
            ("env", "invoke_vii", "STANDALONE_WASM"),
            ("a", "b", "shortened"),
            ("env", "__linear_memory", "object file"),
            ("env", "abort", "AssemblyScript"),
            ("wasi:cli/stdout@0.2.0", "get-stdout", "out of its scope"),
        ] {
            let wasi = ("wasi_snapshot_preview1", "fd_write");
            let found = of_imports([wasi, (module, name)].into_iter()).unwrap_or_default();
            assert!(found.contains(what), "{module}.{name}: {found}");
        }
        assert_eq!(of_imports([("env", "log"), ("wasi_snapshot_preview1", "fd_write")].into_iter()), None);
    }
}
