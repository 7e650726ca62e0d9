use riser_tiers_core::{LandingCalls, Landings};
use riser_translator::{DefinedFuncIndex, TrapCode};

use super::settings::tests::settings;
use super::*;

fn known() -> CodeTables {
    CodeTables {
        positions: Box::new([(0, 30), (8, 40)]),
        traps: Box::new([(9, TrapCode::Unreachable)]),
        landings: Landings { frame_bytes: 16, calls: Box::new([LandingCalls { from: 3, to: 4, landing: 12 }]) },
        copy: 8,
    }
}

fn file() -> Vec<u8> {
    let function = Relocatable {
        bytes: vec![0x90; 20],
        code_bytes: 16,
        start: 1,
        relocations: vec![
            Relocation { at: 2, target: Target::Function(DefinedFuncIndex::new(2)) },
            Relocation { at: 6, target: Target::Function(DefinedFuncIndex::new(1)) },
            Relocation { at: 10, target: Target::Entries(4) },
        ],
        tables: known(),
        may_access_memory: true,
    };
    let other = Relocatable { relocations: Vec::new(), may_access_memory: false, ..function.clone() };
    let functions = vec![Ok(function), Err("tail calls".to_owned()), Ok(other)];
    write(&settings(), functions, b"the module", |index| format!("f{index}")).expect("can be written")
}

#[test]
fn what_is_written_is_read() {
    let file = file();
    assert!(is_file(&file));
    let read = AheadFile::read(&file).expect("is whole");
    assert_eq!((read.wasm, &read.settings), (&b"the module"[..], &settings()));
    let AheadCode { text, functions, relocations, tables } = read.code(3).expect("is as written");
    assert_eq!(text.len(), 84);
    // The displacement leads from offset 6 to offset 65.
    assert_eq!(text[2..6], 59i32.to_le_bytes());
    let Ok(first) = functions[0] else { panic!() };
    assert_eq!((first.at, first.code_bytes, first.start, first.may_access_memory), (0, 16, 1, true));
    let Ok(last) = functions[2] else { panic!() };
    assert_eq!((last.at, last.code_bytes, last.start, last.may_access_memory), (64, 16, 1, false));
    assert_eq!(functions[1], Err("tail calls".into()));
    assert_eq!(CodeTables::read(&tables[last.tables.0 as usize..last.tables.1 as usize]), known());
    let left = [(6, Target::Function(DefinedFuncIndex::new(1))), (10, Target::Entries(4))]
        .map(|(at, target)| Relocation { at, target });
    assert_eq!(relocations, left);
    assert!(read.code(2).is_err());
    assert!(read.code(4).is_err());
}

#[test]
fn no_truncated_and_no_changed_file_is_read() {
    let file = file();
    for len in 0..file.len() {
        assert!(AheadFile::read(&file[..len]).is_err(), "{len}");
    }
    for at in 0..file.len() {
        for bit in 0..8 {
            let mut changed = file.clone();
            changed[at] ^= 1 << bit;
            assert!(AheadFile::read(&changed).is_err(), "{at}, {bit}");
        }
    }
}

/// As above, without the hash: the outcome is an error, or offsets that lie within what they are offsets in.
#[test]
fn no_number_is_trusted() {
    let file = file();
    let object = &file[..file.len() - HASH_BYTES];
    assert_eq!(read_unhashed(object), Ok(()));
    let (mut refused, mut read) = (0, 0);
    let mut check = |object: &[u8]| match read_unhashed(object) {
        Ok(()) => read += 1,
        Err(_) => refused += 1,
    };
    (0..object.len()).for_each(|len| check(&object[..len]));
    for at in 0..object.len() {
        for value in [0, 1, 0x7f, 0x80, 0xff, object[at].wrapping_add(1), object[at].wrapping_sub(1)] {
            let mut changed = object.to_vec();
            changed[at] = value;
            check(&changed);
        }
    }
    assert!(read > 100 && refused > 1000, "{read} read, {refused} refused");
}
