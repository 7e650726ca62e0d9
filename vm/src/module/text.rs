//! Modules in the text format: what they cost to read.
//!
//! The crate `wat` reads them. Two things in it take time in proportion to the square of the text's length, which are estimated here before
//! it begins.

use anyhow::{Result, ensure};

/// Returns the parser for a module that may be text and is to know which of its lines code comes from.
///
/// The crate `wat` looks for the end of the line at every instruction, so that a line takes time in proportion to the square of its length.
/// Programs write modules of megabytes on one line, where lines say nothing anyway. Such a module gets none.
#[doc(hidden)]
pub fn parser_with_lines(bytes: &[u8]) -> wat::Parser {
    /// The most bytes to look through, which takes a fraction of a second.
    const MOST: usize = 4 << 30;
    let looked_through = |line: &[u8]| {
        // There is a space or a parenthesis in front of an instruction.
        let instructions = line.iter().filter(|byte| b" \t(".contains(byte)).count();
        line.len().saturating_mul(instructions)
    };
    let mut parser = wat::Parser::new();
    if is_text(bytes) && bytes.split(|&byte| byte == b'\n').map(looked_through).fold(0, usize::saturating_add) <= MOST {
        parser.generate_dwarf(wat::GenerateDwarf::Lines);
    }
    parser
}

fn is_text(bytes: &[u8]) -> bool {
    !bytes.starts_with(b"\0asm")
}

/// Checks that a module that may be text takes time in proportion to its length.
///
/// For each branch to a label by its name, the crate `wat` looks through the blocks around the branch.
///
/// # Errors
///
/// If it would have to look through too many.
#[doc(hidden)]
pub fn check_text(bytes: &[u8]) -> Result<()> {
    /// The most blocks for any text, which takes a fraction of a second.
    const MOST: u64 = 1 << 28;
    /// The most further ones for each byte. A branch takes five bytes or more, and few are as deep within blocks as that.
    const PER_BYTE: u64 = 256;
    if !is_text(bytes) {
        return Ok(());
    }
    let looked_through = looked_through(bytes);
    ensure!(
        looked_through <= MOST + PER_BYTE * bytes.len() as u64,
        "its branches are within {looked_through} blocks altogether, which are too many to look for labels by their names: give the \
         labels as numbers, or convert the module to the binary format"
    );
    Ok(())
}

/// The number of blocks around labels that branches give by their names, all together. Of what is no module, any number.
fn looked_through(text: &[u8]) -> u64 {
    let mut looked_through = 0_u64;
    // The blocks that are open, and for each open parenthesis, those that were open at it.
    let (mut open, mut outer) = (0_u64, Vec::new());
    let mut is_branch = false;
    let mut rest = text;
    while let Some(&first) = rest.first() {
        let len = match first {
            b'"' => string_len(rest),
            b';' if rest.starts_with(b";;") => rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len()),
            b'(' if rest.starts_with(b"(;") => comment_len(rest),
            b'(' => {
                outer.push(open);
                is_branch = false;
                1
            }
            b')' => {
                open = outer.pop().unwrap_or(0);
                is_branch = false;
                1
            }
            _ if is_word(first) => {
                let len = rest.iter().position(|&byte| !is_word(byte)).unwrap_or(rest.len());
                match &rest[..len] {
                    [b'$', ..] if is_branch => looked_through = looked_through.saturating_add(open),
                    // Other labels of a table, and a tag in front of a label.
                    [b'$' | b'0'..=b'9', ..] => {}
                    word => {
                        is_branch =
                            [&b"br"[..], b"catch", b"delegate", b"rethrow"].iter().any(|it| word.starts_with(it));
                        match word {
                            b"block" | b"loop" | b"if" | b"try" | b"try_table" => open += 1,
                            b"end" => open = open.saturating_sub(1).max(outer.last().copied().unwrap_or(0)),
                            _ => {}
                        }
                    }
                }
                len
            }
            _ => 1,
        };
        rest = &rest[len..];
    }
    looked_through
}

/// Whether a byte can be in a keyword, a number or a name.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_graphic() && !matches!(byte, b'"' | b'(' | b')' | b';' | b',' | b'[' | b']' | b'{' | b'}')
}

/// The length of the string that text begins with.
fn string_len(text: &[u8]) -> usize {
    let mut at = 1;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    text.len()
}

/// The length of the comment that text begins with; comments may be in comments.
fn comment_len(text: &[u8]) -> usize {
    let (mut at, mut depth) = (0, 0_u32);
    while at < text.len() {
        match &text[at..] {
            [b'(', b';', ..] => (at, depth) = (at + 2, depth + 1),
            [b';', b')', ..] => (at, depth) = (at + 2, depth - 1),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_around_branches_are_counted() {
        for (text, expected) in [
            ("(func br $a)", 0),
            ("(func block $a loop $b br $a br_if $b end br $a end)", 5),
            ("(func (block $a (loop $b (br_if $a (local.get $x)) (br $b)) (br_table $a $a 0 $a (i32.const 1))))", 7),
            ("(func block $a (block (br $a)) (if (then (br $a))) br $a end br $a)", 5),
            ("(func (block $h (try_table (catch $t $h) (catch_all $h))))", 6),
            (
                r#"(func block $a (; block (; br $a ;) ;) ;; br $a
                br $a end (@note block "br $a \" " block))"#,
                1,
            ),
            ("(func end end block $a br $a", 1),
            ("br $a)))) end (; ((; \" \\", 0),
        ] {
            assert_eq!(looked_through(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn names_of_labels_far_out_are_refused_if_they_are_many() {
        let module = |blocks: usize, branch: &str, branches: usize| {
            let (begin, branches) = ("block $l ".repeat(blocks), branch.repeat(branches));
            format!("(module (func {begin} {branches} {}))", "end ".repeat(blocks))
        };
        check_text(module(1000, "br $l ", 100_000).as_bytes()).expect("it takes a moment");
        check_text(module(30_000, "br 0 ", 30_000).as_bytes()).expect("these are no names");
        let error = check_text(module(30_000, "br $l ", 30_000).as_bytes()).expect_err("it takes seconds");
        assert!(error.to_string().contains("900000000 blocks"), "{error}");
        check_text(b"\0asm\x01\0\0\0").expect("it is no text");
    }
}
