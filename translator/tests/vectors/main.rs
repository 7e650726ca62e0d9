//! Vector operations: the table against the operators there are, every operation
//! against a definition in wide integers, and the values that the specification singles out.

use std::collections::BTreeMap;

use riser_translator::ValType;
use riser_translator::ops::{
    BinaryOp, ExtractOp, LoadLaneOp, ReplaceOp, StoreLaneOp, UnaryOp, VectorLoadOp, VectorOp, VectorValue,
};
use riser_translator::semantics::*;

mod singled_out;

/// A row of the table: operator, mnemonic, semantics, number of values taken apart from addresses.
type Row = (&'static str, &'static str, &'static str, usize);

macro_rules! rows {
    ($($shape:ident $($part:ident)? { $($op:ident $mnemonic:literal $opcode:literal $function:ident($($operand:ident),*) -> $result:ident;)* })*) => {
        /// The rows of the vector table, by section.
        fn sections() -> BTreeMap<&'static str, Vec<Row>> {
            BTreeMap::from([
                $((stringify!($shape $($part)?), vec![
                    $((stringify!($op), $mnemonic, stringify!($function), [$(stringify!($operand)),*].len()),)*
                ]),)*
            ])
        }
    };
}

riser_translator::for_each_vector_operation!(rows);

macro_rules! operators {
    (
        $(@$proposal:ident $op:ident $({ $($field:ident: $type:ty),* })? => $visit:ident
            (arity $takes:literal -> $gives:literal))*
    ) => {
        /// The vector operators of wasmparser: name, proposal, number of values taken.
        const OPERATORS: &[(&str, &str, usize)] = &[$((stringify!($op), stringify!($proposal), $takes)),*];
    };
}

wasmparser::for_each_visit_simd_operator!(operators);

#[test]
fn every_operator_is_a_row_once() {
    let sections = sections();
    let mut rows: Vec<&str> = sections.values().flatten().map(|&(op, ..)| op).collect();
    let mut operators: Vec<&str> = OPERATORS.iter().map(|&(op, ..)| op).collect();
    operators.retain(|op| !["V128Const", "I8x16Shuffle"].contains(op));
    rows.sort_unstable();
    operators.sort_unstable();
    assert_eq!(rows, operators);
    assert_eq!((rows.len(), sections["vector Relaxed"].len()), (236 - 2 + 20, 20));
}

#[test]
fn rows_take_as_many_values_as_their_operators() {
    for (section, rows) in sections() {
        for (op, mnemonic, function, operands) in rows {
            let &(_, proposal, takes) = OPERATORS.iter().find(|&&(name, ..)| name == op).expect("an operator");
            // A load takes an address in place of what is in memory, a store takes one as well.
            let addresses = usize::from(["vector_store", "store_lane"].contains(&section));
            assert_eq!(operands + addresses, takes, "{op}");
            assert_eq!(proposal == "relaxed_simd", section == "vector Relaxed", "{op}");
            assert_eq!(mnemonic.replace('.', "_"), function);
        }
    }
}

#[test]
fn mnemonics_lead_back_to_their_operations() {
    for &op in VectorOp::ALL {
        assert_eq!(VectorOp::from_mnemonic(op.mnemonic()), Some(op));
    }
    for &op in ExtractOp::ALL {
        assert_eq!(ExtractOp::from_mnemonic(op.mnemonic()), Some(op));
    }
    for &op in ReplaceOp::ALL {
        assert_eq!(ReplaceOp::from_mnemonic(op.mnemonic()), Some(op));
    }
    for &op in VectorLoadOp::ALL {
        assert_eq!(VectorLoadOp::from_mnemonic(op.mnemonic()), Some(op));
    }
    for &op in LoadLaneOp::ALL {
        assert_eq!(LoadLaneOp::from_mnemonic(op.mnemonic()), Some(op));
    }
    for &op in StoreLaneOp::ALL {
        assert_eq!(StoreLaneOp::from_mnemonic(op.mnemonic()), Some(op));
    }
    assert_eq!(VectorOp::from_mnemonic("i8x16.shuffle"), None);
    assert_eq!(VectorOp::F32x4PMin.to_string(), "f32x4.pmin");
}

#[test]
fn operations_know_their_types() {
    use ValType::{F32, F64, I32, I64, V128};
    assert_eq!(VectorOp::ALL.len(), sections()["vector Fixed"].len() + 20);
    for &op in VectorOp::ALL {
        let (shape, name) = op.mnemonic().split_once('.').expect("a shape");
        let scalar = match shape {
            "i64x2" => I64,
            "f32x4" => F32,
            "f64x2" => F64,
            _ => I32,
        };
        match name {
            "splat" => assert_eq!((op.operand_types(), op.result_type()), (&[scalar][..], V128)),
            "shl" | "shr_s" | "shr_u" => assert_eq!((op.operand_types(), op.result_type()), (&[V128, I32][..], V128)),
            "any_true" | "all_true" | "bitmask" => {
                assert_eq!((op.operand_types(), op.result_type()), (&[V128][..], I32));
            }
            _ => {
                assert!(op.operand_types().iter().all(|&ty| ty == V128), "{op}");
                assert_eq!(op.result_type(), V128, "{op}");
            }
        }
        assert_eq!(op.is_relaxed(), name.starts_with("relaxed_"));
    }
    assert_eq!(VectorOp::V128Bitselect.operand_types().len(), 3);
    assert_eq!(ExtractOp::I8x16ExtractLaneU.result_type(), I32);
    assert_eq!(ExtractOp::F64x2ExtractLane.result_type(), F64);
    assert_eq!(ReplaceOp::I64x2ReplaceLane.value_type(), I64);
    assert_eq!(ReplaceOp::F32x4ReplaceLane.value_type(), F32);
    let lanes: Vec<u8> = ReplaceOp::ALL.iter().map(|op| op.lanes()).collect();
    assert_eq!(lanes, [16, 8, 4, 2, 4, 2]);
    let loads: Vec<u32> = VectorLoadOp::ALL.iter().map(|op| op.access_bytes()).collect();
    assert_eq!(loads, [16, 8, 8, 8, 8, 8, 8, 1, 2, 4, 8, 4, 8]);
    for (load, store) in LoadLaneOp::ALL.iter().zip(StoreLaneOp::ALL) {
        assert_eq!((load.access_bytes(), load.lanes()), (store.access_bytes(), store.lanes()));
        assert_eq!(load.access_bytes() * u32::from(load.lanes()), 16);
    }
}

/// The lanes of a vector, `width` bits each, read as unsigned.
fn unsigned(vector: u128, width: u32) -> Vec<i128> {
    (0..128 / width).map(|lane| (vector >> (lane * width) & ((1 << width) - 1)) as i128).collect()
}

/// The lanes of a vector, `width` bits each, read as signed.
fn signed(vector: u128, width: u32) -> Vec<i128> {
    let sign = 1 << (width - 1);
    unsigned(vector, width).into_iter().map(|lane| (lane ^ sign) - sign).collect()
}

/// The vector of these lanes, modulo `width` bits each; lanes that are missing are zero.
fn vector(lanes: impl IntoIterator<Item = i128>, width: u32) -> u128 {
    let mask = (1 << width) - 1;
    (0..).zip(lanes).fold(0, |bits, (lane, value)| bits | (value as u128 & mask) << (lane * width))
}

/// The vector of `f` of the lanes at the same place.
fn lanewise(a: &[i128], b: &[i128], width: u32, f: impl Fn(i128, i128) -> i128) -> u128 {
    vector(a.iter().zip(b).map(|(&a, &b)| f(a, b)), width)
}

/// `value` in the range of signed integers, `width` bits wide.
fn clamp_signed(value: i128, width: u32) -> i128 {
    value.clamp(-(1 << (width - 1)), (1 << (width - 1)) - 1)
}

/// `value` in the range of unsigned integers, `width` bits wide.
fn clamp_unsigned(value: i128, width: u32) -> i128 {
    value.clamp(0, (1 << width) - 1)
}

/// How an operation reads the lanes of its operands: by their sign.
type Read = fn(u128, u32) -> Vec<i128>;

/// How an operation saturates.
type Clamp = fn(i128, u32) -> i128;

/// The width of a shape's lanes.
fn width(shape: &str) -> u32 {
    match shape {
        "v128" => 1,
        "i8x16" => 8,
        "i16x8" => 16,
        "i32x4" | "f32x4" => 32,
        _ => 64,
    }
}

/// The result of an operation without floats, by the definitions of the specification.
fn integers(mnemonic: &str, [a, b, c]: [u128; 3]) -> Option<u128> {
    let (shape, name) = mnemonic.split_once('.')?;
    if mnemonic.contains("f32") || mnemonic.contains("f64") {
        return None;
    }
    let width = width(shape);
    let (base, lanes, clamp): (_, Read, Clamp) = match (name.strip_suffix("_u"), name.strip_suffix("_s")) {
        (Some(base), _) => (base, unsigned, clamp_unsigned),
        (_, Some(base)) => (base, signed, clamp_signed),
        _ => (name, signed, clamp_signed),
    };
    // An operation that widens or narrows names the shape it takes at its end.
    if let Some((base, source)) =
        base.rsplit_once('_').filter(|(_, source)| ["i8x16", "i16x8", "i32x4"].contains(source))
    {
        let source = self::width(source);
        let low = |vector| lanes(vector, source)[..(64 / source) as usize].to_vec();
        let high = |vector| lanes(vector, source)[(64 / source) as usize..].to_vec();
        let pairs = |lanes: Vec<i128>| lanes.chunks(2).map(|pair| pair[0] + pair[1]).collect::<Vec<_>>();
        let products = |a: Vec<i128>, b: Vec<i128>| a.iter().zip(b).map(|(a, b)| a * b).collect::<Vec<_>>();
        return Some(match base {
            "narrow" => {
                let both = signed(a, source).into_iter().chain(signed(b, source));
                vector(both.map(|lane| clamp(lane, width)), width)
            }
            "extend_low" => vector(low(a), width),
            "extend_high" => vector(high(a), width),
            "extmul_low" => vector(products(low(a), low(b)), width),
            "extmul_high" => vector(products(high(a), high(b)), width),
            "extadd_pairwise" => vector(pairs(lanes(a, source)), width),
            "dot" => vector(pairs(products(lanes(a, source), lanes(b, source))), width),
            _ => return None,
        });
    }
    let (x, y) = (lanes(a, width), lanes(b, width));
    let binary = |f: fn(i128, i128) -> i128| lanewise(&x, &y, width, f);
    let compare = |f: fn(&i128, &i128) -> bool| lanewise(&x, &y, width, |x, y| -i128::from(f(&x, &y)));
    let unary = |f: &dyn Fn(i128) -> i128| vector(x.iter().map(|&x| f(x)), width);
    let count = 1 << (b as u32 % width);
    Some(match base {
        "splat" => vector(vec![a as i128; (128 / width) as usize], width),
        "add" => binary(|x, y| x + y),
        "sub" => binary(|x, y| x - y),
        "mul" => binary(|x, y| x * y),
        "add_sat" => lanewise(&x, &y, width, |x, y| clamp(x + y, width)),
        "sub_sat" => lanewise(&x, &y, width, |x, y| clamp(x - y, width)),
        "min" => binary(|x, y| x.min(y)),
        "max" => binary(|x, y| x.max(y)),
        "avgr" => binary(|x, y| (x + y + 1) / 2),
        "q15mulr_sat" | "relaxed_q15mulr" => {
            lanewise(&x, &y, width, |x, y| clamp((x * y + (1 << 14)).div_euclid(1 << 15), width))
        }
        "abs" => unary(&|x| x.abs()),
        "neg" => unary(&|x| -x),
        "popcnt" => unary(&|x| (0..8).map(|bit| x >> bit & 1).sum()),
        "shl" => unary(&|x| x * count),
        "shr" => unary(&|x| x.div_euclid(count)),
        "eq" => compare(|x, y| x == y),
        "ne" => compare(|x, y| x != y),
        "lt" => compare(|x, y| x < y),
        "gt" => compare(|x, y| x > y),
        "le" => compare(|x, y| x <= y),
        "ge" => compare(|x, y| x >= y),
        "any_true" => x.iter().any(|&x| x != 0).into(),
        "all_true" => x.iter().all(|&x| x != 0).into(),
        "bitmask" => vector(x.iter().map(|&x| (x < 0).into()), 1),
        "swizzle" | "relaxed_swizzle" => {
            let indices = unsigned(b, 8);
            vector(indices.iter().map(|&index| x.get(index as usize).copied().unwrap_or(0)), 8)
        }
        // Lanes of one bit are 0 and -1.
        "not" => !a,
        "and" => binary(|x, y| x * y),
        "andnot" => binary(|x, y| x * (1 + y)),
        "or" => binary(|x, y| x.min(y)),
        "xor" => binary(|x, y| x + y),
        "bitselect" | "relaxed_laneselect" => {
            let bits = unsigned(a, 1).into_iter().zip(unsigned(b, 1)).zip(unsigned(c, 1));
            vector(bits.map(|((a, b), mask)| if mask == 1 { a } else { b }), 1)
        }
        "relaxed_dot_i8x16_i7x16" => {
            let products: Vec<i128> = signed(a, 8).iter().zip(signed(b, 8)).map(|(a, b)| a * b).collect();
            vector(products.chunks(2).map(|two| clamp_signed(two[0] + two[1], 16)), 16)
        }
        "relaxed_dot_i8x16_i7x16_add" => {
            let products: Vec<i128> = signed(a, 8).iter().zip(signed(b, 8)).map(|(a, b)| a * b).collect();
            let sums = products
                .chunks(4)
                .map(|four| clamp_signed(four[0] + four[1], 16) + clamp_signed(four[2] + four[3], 16));
            vector(sums.zip(signed(c, 32)).map(|(sum, c)| sum + c), 32)
        }
        _ => return None,
    })
}

/// Bits without a pattern.
fn scattered(count: u64) -> impl Iterator<Item = u128> {
    (1..=count).map(|n| {
        let half =
            |n: u64| u128::from((n.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ n << 17).wrapping_mul(0xd134_2543_de82_ef95));
        half(2 * n) << 64 | half(2 * n + 1)
    })
}

/// Vectors of the integers that operations single out, in every place.
fn samples() -> Vec<u128> {
    let mut samples = vec![0, u128::MAX, 1, 0x0f0e_0d0c_0b0a_0908_0706_0504_0302_0100];
    for width in [8, 16, 32, 64] {
        let least = 1 << (width - 1);
        for lane in [1, 2, least, least - 1, least + 1, -1, -2] {
            samples.push(vector(vec![lane; (128 / width) as usize], width));
        }
        samples.push(vector((0..).map(|n| [least, 1, least - 1, -1, 0][n % 5]).take((128 / width) as usize), width));
    }
    samples.extend(scattered(12));
    samples
}

#[test]
fn integer_operations_are_those_of_the_specification() {
    let samples = samples();
    let mut floats = 0;
    for &op in VectorOp::ALL {
        if integers(op.mnemonic(), [0; 3]).is_none() {
            assert!(op.mnemonic().contains("f32") || op.mnemonic().contains("f64"), "no definition of {op}");
            floats += 1;
            continue;
        }
        for &a in &samples {
            for (place, &b) in samples.iter().enumerate() {
                let operands = [a, b, samples[(7 * place + 3) % samples.len()]];
                let expected = integers(op.mnemonic(), operands).expect("defined");
                assert_eq!(op.eval(operands), expected, "{op} of {operands:#034x?}");
            }
        }
    }
    assert_eq!(floats, 2 * 22 + 10 + 12);
}

/// What a lane has to be.
#[derive(Debug)]
enum Lane {
    /// These bits.
    Bits(i128),
    /// A NaN with the quiet bit set.
    QuietNan,
}

impl Lane {
    /// `value`, rounded to a float of `width` bits.
    fn number(value: f64, width: u32) -> Lane {
        match width {
            _ if value.is_nan() => Lane::QuietNan,
            32 => Lane::Bits((value as f32).to_bits().into()),
            _ => Lane::Bits(value.to_bits().into()),
        }
    }

    /// Whether a lane with these bits will do.
    fn accepts(&self, bits: i128, width: u32) -> bool {
        match self {
            Lane::Bits(expected) => bits == *expected,
            Lane::QuietNan if width == 32 => bits & 0x7fc0_0000 == 0x7fc0_0000,
            Lane::QuietNan => bits & 0x7ff8_0000_0000_0000 == 0x7ff8_0000_0000_0000,
        }
    }
}

/// The number in a lane.
fn number(bits: i128, width: u32) -> f64 {
    if width == 32 { f32::from_bits(bits as u32).into() } else { f64::from_bits(bits as u64) }
}

/// The result of an operation on floats, by the definitions of the specification. 32-bit floats
/// are computed as 64-bit ones and rounded, which is exact for each of these operations.
fn floats(mnemonic: &str, [a, b, c]: [u128; 3]) -> Option<(u32, Vec<Lane>)> {
    let (shape, name) = mnemonic.split_once('.')?;
    let width = width(shape);
    let count = (128 / width) as usize;
    let plain = name.strip_prefix("relaxed_").unwrap_or(name);
    let convert = |source: &str, f: &dyn Fn(i128, f64) -> Lane| {
        let from = self::width(source);
        let lanes = unsigned(a, from).into_iter().map(|bits| f(bits, number(bits, from)));
        (width, lanes.chain([Lane::Bits(0), Lane::Bits(0)]).take(count).collect())
    };
    let truncate = |source, low: f64, high: f64| {
        convert(source, &|_, value| {
            Lane::Bits(if value.is_nan() { 0 } else { value.clamp(low, high) as i128 & 0xffff_ffff })
        })
    };
    let (least, most) = (i32::MIN.into(), i32::MAX.into());
    match plain.trim_start_matches("trunc_sat_").trim_start_matches("trunc_") {
        "f32x4_s" => return Some(truncate("f32x4", least, most)),
        "f32x4_u" => return Some(truncate("f32x4", 0.0, u32::MAX.into())),
        "f64x2_s_zero" => return Some(truncate("f64x2", least, most)),
        "f64x2_u_zero" => return Some(truncate("f64x2", 0.0, u32::MAX.into())),
        "convert_i32x4_s" | "convert_low_i32x4_s" => {
            return Some(convert("i32x4", &|bits, _| Lane::number(f64::from(bits as i32), width)));
        }
        "convert_i32x4_u" | "convert_low_i32x4_u" => {
            return Some(convert("i32x4", &|bits, _| Lane::number(f64::from(bits as u32), width)));
        }
        "demote_f64x2_zero" => return Some(convert("f64x2", &|_, value| Lane::number(value, 32))),
        "promote_low_f32x4" => return Some(convert("f32x4", &|_, value| Lane::number(value, 64))),
        "splat" => return Some((width, (0..count).map(|_| Lane::Bits(unsigned(a, width)[0])).collect())),
        _ => {}
    }
    let (x, y, z) = (unsigned(a, width), unsigned(b, width), unsigned(c, width));
    let sign = 1_i128 << (width - 1);
    let lane = |lane: usize| {
        let (x, y) = (x[lane], y[lane]);
        let (a, b, c) = (number(x, width), number(y, width), number(z[lane], width));
        let rounded = |value: f64| if width == 32 { f64::from(value as f32) } else { value };
        let truth = |holds: bool| Lane::Bits(if holds { 2 * sign - 1 } else { 0 });
        let either_nan = a.is_nan() || b.is_nan();
        let value = match plain {
            "abs" => return Some(Lane::Bits(x & !sign)),
            "neg" => return Some(Lane::Bits(x ^ sign)),
            "pmin" => return Some(Lane::Bits(if b < a { y } else { x })),
            "pmax" => return Some(Lane::Bits(if a < b { y } else { x })),
            "eq" => return Some(truth(a == b)),
            "ne" => return Some(truth(a != b)),
            "lt" => return Some(truth(a < b)),
            "gt" => return Some(truth(a > b)),
            "le" => return Some(truth(a <= b)),
            "ge" => return Some(truth(a >= b)),
            "min" | "max" if either_nan => f64::NAN,
            "min" => *[a, b].iter().min_by(|a, b| a.total_cmp(b))?,
            "max" => *[a, b].iter().max_by(|a, b| a.total_cmp(b))?,
            "add" => a + b,
            "sub" => a - b,
            "mul" => a * b,
            "div" => a / b,
            "sqrt" => a.sqrt(),
            "ceil" => a.ceil(),
            "floor" => a.floor(),
            "trunc" => a.trunc(),
            "nearest" => a.round_ties_even(),
            "madd" => rounded(a * b) + c,
            "nmadd" => rounded(-a * b) + c,
            _ => return None,
        };
        Some(Lane::number(value, width))
    };
    Some((width, (0..count).map(lane).collect::<Option<_>>()?))
}

/// Vectors of the floats that operations single out, 32 and 64 bits wide, and of some in between.
fn float_samples() -> Vec<u128> {
    let numbers = [
        0.0,
        0.5,
        1.0,
        1.5,
        2.5,
        0.49999997,
        0.1,
        3.7,
        1e10,
        8_388_607.5,
        8_388_609.0,
        4_503_599_627_370_495.5,
        2_147_483_647.0,
        2_147_483_648.0,
        2_147_483_649.0,
        4_294_967_295.0,
        4_294_967_296.0,
        1e-40,
        1e-310,
        1e300,
        f32::MAX.into(),
        f64::MAX,
        f64::INFINITY,
    ];
    let numbers: Vec<f64> = numbers.into_iter().flat_map(|value| [value, -value]).collect();
    let nans32 = [0x7fc0_0000, 0xffc0_0000, 0x7fa0_0001, 0xffff_ffff_u32];
    let nans64 = [0x7ff8_0000_0000_0000, 0xfff8_0000_0000_0000, 0x7ff4_0000_0000_0001, u64::MAX];
    let lanes32: Vec<i128> =
        numbers.iter().map(|&value| (value as f32).to_bits()).chain(nans32).map(i128::from).collect();
    let lanes64: Vec<i128> = numbers.iter().map(|value| value.to_bits()).chain(nans64).map(i128::from).collect();
    let mut samples = Vec::new();
    for (lanes, width) in [(lanes32, 32), (lanes64, 64)] {
        let count = (128 / width) as usize;
        samples.extend(
            (0..lanes.len()).map(|n| vector(lanes.iter().cycle().skip(n).step_by(3).take(count).copied(), width)),
        );
    }
    samples.extend(scattered(20));
    samples
}

#[test]
fn float_operations_are_those_of_the_specification() {
    let samples = float_samples();
    for &op in VectorOp::ALL {
        if integers(op.mnemonic(), [0; 3]).is_some() {
            continue;
        }
        for &a in &samples {
            for (place, &b) in samples.iter().enumerate() {
                let operands = [a, b, samples[(7 * place + 3) % samples.len()]];
                let (width, expected) =
                    floats(op.mnemonic(), operands).unwrap_or_else(|| panic!("no definition of {op}"));
                let result = unsigned(op.eval(operands), width);
                let accepted = expected.iter().zip(&result).all(|(lane, &bits)| lane.accepts(bits, width));
                assert!(accepted, "{op} of {operands:#034x?}: {result:#x?}, not {expected:x?}");
            }
        }
    }
}

#[test]
fn lanes_agree_with_the_scalar_operations_of_their_name() {
    let samples: Vec<u128> = float_samples().into_iter().chain(samples()).collect();
    let mut compared = 0;
    for &op in VectorOp::ALL {
        let (shape, name) = op.mnemonic().split_once('.').expect("a shape");
        let (scalar, width) = match shape {
            "i32x4" => ("i32", 32),
            "i64x2" => ("i64", 64),
            "f32x4" => ("f32", 32),
            "f64x2" => ("f64", 64),
            _ => continue,
        };
        // A shift's count is not a vector.
        if name.starts_with("sh") {
            continue;
        }
        let scalar = format!("{scalar}.{name}");
        let binary = BinaryOp::from_mnemonic(&scalar);
        let unary = UnaryOp::from_mnemonic(&scalar).filter(|_| op.operand_types() == [ValType::V128]);
        if binary.is_none() && unary.is_none() {
            continue;
        }
        let eval = |a: i128, b: i128| match (binary, unary) {
            (Some(scalar), _) => scalar.eval(a as u64, b as u64),
            (_, Some(scalar)) => scalar.eval(a as u64),
            _ => unreachable!("neither"),
        };
        compared += 1;
        let compares = ["eq", "ne", "lt", "gt", "le", "ge"].contains(&name.split('_').next().expect("a name"));
        for &a in &samples {
            for &b in &samples {
                let result = unsigned(op.eval([a, b, 0]), width);
                for ((a, b), bits) in unsigned(a, width).into_iter().zip(unsigned(b, width)).zip(result) {
                    let result = i128::from(eval(a, b).expect("vector operations do not trap"));
                    let expected = match name {
                        // Where a comparison is 1, its lane has all bits set.
                        _ if compares => Lane::Bits(result * ((1 << width) - 1)),
                        "abs" | "neg" => Lane::Bits(result),
                        _ if shape.starts_with('f') && number(result, width).is_nan() => Lane::QuietNan,
                        _ => Lane::Bits(result),
                    };
                    assert!(expected.accepts(bits, width), "{op} of {a:#x}, {b:#x}: {bits:#x}, not {expected:x?}");
                }
            }
        }
    }
    assert_eq!(compared, 2 * 19 + 13 + 9);
}

#[test]
fn single_lanes_are_read_and_written() {
    for vector in samples() {
        for &op in ExtractOp::ALL {
            let width = 128 / u32::from(op.lanes());
            let bits = if op.result_type() == ValType::I32 { 32 } else { width };
            for lane in 0..op.lanes() {
                let lanes = if op.mnemonic().ends_with("_u") { unsigned(vector, width) } else { signed(vector, width) };
                let expected = self::vector([lanes[usize::from(lane)]], bits);
                assert_eq!(op.eval(lane, vector), expected, "{op} {lane} of {vector:#034x}");
            }
        }
        for value in scattered(3) {
            for &op in ReplaceOp::ALL {
                let width = 128 / u32::from(op.lanes());
                for lane in 0..op.lanes() {
                    let mut lanes = unsigned(vector, width);
                    lanes[usize::from(lane)] = value as i128;
                    assert_eq!(op.eval(lane, vector, value), self::vector(lanes, width), "{op} {lane}");
                }
            }
            for (&load, &store) in LoadLaneOp::ALL.iter().zip(StoreLaneOp::ALL) {
                let width = 8 * load.access_bytes();
                for lane in 0..load.lanes() {
                    let mut lanes = unsigned(vector, width);
                    assert_eq!(store.eval(lane, vector), lanes[usize::from(lane)] as u128, "{store} {lane}");
                    lanes[usize::from(lane)] = value as i128;
                    assert_eq!(load.eval(lane, value, vector), self::vector(lanes, width), "{load} {lane}");
                }
            }
        }
    }
}

#[test]
fn loads_extend_splat_and_fill_with_zero() {
    for stored in samples() {
        for &op in VectorLoadOp::ALL {
            let bits = 8 * op.access_bytes();
            let name = op.mnemonic().strip_prefix("v128.load").expect("a load");
            let expected = if name.is_empty() {
                stored
            } else if name.ends_with("_splat") {
                vector(vec![stored as i128; (128 / bits) as usize], bits)
            } else if name.ends_with("_zero") {
                vector([stored as i128], bits)
            } else {
                let width = 64 / name.split(['x', '_']).nth(1).expect("a count").parse::<u32>().expect("a count");
                let lanes = if name.ends_with("_u") { unsigned(stored, width) } else { signed(stored, width) };
                vector(lanes.into_iter().take((64 / width) as usize), 2 * width)
            };
            assert_eq!(op.eval(stored), expected, "{op} of {stored:#034x}");
        }
    }
}

#[test]
fn shuffles_name_lanes_of_both_vectors() {
    let samples = samples();
    for (&a, &b) in samples.iter().zip(samples.iter().rev()) {
        for lanes in scattered(8).map(|bits| bits.to_le_bytes().map(|lane| lane % 32)) {
            let both: Vec<i128> = unsigned(a, 8).into_iter().chain(unsigned(b, 8)).collect();
            let expected = vector(lanes.iter().map(|&lane| both[usize::from(lane)]), 8);
            assert_eq!(i8x16_shuffle(lanes, u8x16::from_bits(a), u8x16::from_bits(b)).to_bits(), expected);
        }
    }
}

#[test]
fn lane_zero_is_the_lowest() {
    assert_eq!(VectorValue::to_bits([1_u8, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80]), 0x80 << 120 | 0x0201);
    assert_eq!(i16x8::from_bits(0xffff), [-1, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(f64x2::from_bits(0x3ff0 << 48), [1.0, 0.0]);
    assert_eq!(
        <u32x4 as VectorValue>::from_bytes([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]),
        [1, 256, 65536, 1 << 24]
    );
    // Numbers are zero-extended, and ignore what is above them.
    assert_eq!((VectorValue::to_bits(-1_i32), VectorValue::to_bits(-1_i64)), (0xffff_ffff, u128::from(u64::MAX)));
    assert_eq!((<i32 as VectorValue>::from_bits(1 << 32), <f32 as VectorValue>::from_bits(u128::MAX << 32)), (0, 0.0));
    for bits in samples() {
        assert_eq!(VectorValue::to_bits(f32x4::from_bits(bits)), bits);
        assert_eq!(VectorValue::to_bits(f64x2::from_bits(bits)), bits);
        assert_eq!(<i16x8 as VectorValue>::from_bytes(bits.to_le_bytes()), i16x8::from_bits(bits));
        assert_eq!(VectorValue::to_bytes(i64x2::from_bits(bits)), bits.to_le_bytes());
    }
}
