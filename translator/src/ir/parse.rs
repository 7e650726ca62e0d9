//! The parser of the [text form](super::text).

mod inst;

use std::fmt;

use crate::sink::{FrameLayout, Label, LabelKind, Scope, Slot};
use crate::types::{FuncType, ValType};

use super::{Function, Item, Src};

/// The error for a text that is not register IR.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// The number of the line, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for ParseError {}

/// Reads a function's IR. Empty lines are skipped.
///
/// # Errors
///
/// If the text is not the text form of a function. The parser does not check whether the function obeys the IR's rules;
/// the [verifier](super::verify) does.
pub fn parse(text: &str) -> Result<Function, ParseError> {
    let mut function = Function::new();
    let mut frame = function.frame();
    for (at, line) in text.lines().enumerate() {
        let mut cursor = Cursor { rest: line.trim(), frame };
        if cursor.rest.is_empty() {
            continue;
        }
        parse_line(&mut function, &mut cursor)
            .and_then(|()| cursor.expect_end())
            .map_err(|message| ParseError { line: at + 1, message })?;
        if function.items.is_empty() {
            frame = function.frame();
        }
    }
    Ok(function)
}

type Parsed<T> = Result<T, String>;

fn parse_line(function: &mut Function, line: &mut Cursor<'_>) -> Parsed<()> {
    if line.rest.starts_with("0x") {
        let offset = u32::try_from(line.bits()?).map_err(|_| "the offset is too large")?;
        let inst = line.inst()?;
        function.items.push(Item::Inst { inst, offset });
        return Ok(());
    }
    if line.rest.starts_with('L') {
        let label = line.label()?;
        line.expect(":")?;
        let kind = match line.word() {
            "join" => LabelKind::Join,
            "loop" => LabelKind::Loop,
            "skip" => LabelKind::Skip,
            other => return Err(format!("`{other}` is not a kind of label")),
        };
        let operands = line.types()?;
        function.items.push(Item::Label { label, kind, operands });
        return Ok(());
    }
    match line.word() {
        "func" => {
            function.index = line.number()?;
            if line.eat("$") {
                function.name = Some(line.name()?.into());
            }
            let params = line.types()?;
            line.expect("->")?;
            function.locals = params.clone();
            function.ty = FuncType::new(params, line.types()?);
        }
        "locals" => {
            while !line.rest.is_empty() {
                let ty = line.val_type()?;
                let count: u32 = if line.eat("*") { line.number()? } else { 1 };
                function.locals.extend(std::iter::repeat_n(ty, count as usize));
            }
        }
        "temps" => function.max_temps = line.number()?,
        other => return Err(format!("`{other}` starts no line")),
    }
    Ok(())
}

/// The rest of a line, with the frame that slots are named in.
struct Cursor<'a> {
    rest: &'a str,
    frame: FrameLayout,
}

impl<'a> Cursor<'a> {
    /// Takes `token` if it comes next.
    fn eat(&mut self, token: &str) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, token: &str) -> Parsed<()> {
        if self.eat(token) { Ok(()) } else { Err(format!("`{token}` expected at `{}`", self.rest)) }
    }

    fn expect_end(&self) -> Parsed<()> {
        if self.rest.is_empty() { Ok(()) } else { Err(format!("`{}` is left over", self.rest)) }
    }

    /// Takes the longest run of characters that satisfy `is_part`.
    fn run(&mut self, is_part: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (run, rest) = self.rest.split_at(end);
        self.rest = rest.trim_start();
        run
    }

    /// Takes a mnemonic or keyword; empty if there is none.
    fn word(&mut self) -> &'a str {
        self.run(|c| c.is_ascii_alphanumeric() || c == '.' || c == '_')
    }

    fn number<T: std::str::FromStr>(&mut self) -> Parsed<T> {
        let digits = self.run(|c| c.is_ascii_digit() || c == '-');
        digits.parse().map_err(|_| format!("`{digits}` is not a number in range"))
    }

    /// Takes a hexadecimal number.
    fn bits(&mut self) -> Parsed<u64> {
        let word = self.word();
        word.strip_prefix("0x")
            .and_then(|digits| u64::from_str_radix(digits, 16).ok())
            .ok_or_else(|| format!("`{word}` is not a hexadecimal number"))
    }

    /// Takes `key=number`.
    fn field<T: std::str::FromStr>(&mut self, key: &str) -> Parsed<T> {
        self.expect(key)?;
        self.expect("=")?;
        self.number()
    }

    /// Takes `key=slot`.
    fn slot_field(&mut self, key: &str) -> Parsed<Slot> {
        self.expect(key)?;
        self.expect("=")?;
        self.slot()
    }

    fn val_type(&mut self) -> Parsed<ValType> {
        let name = self.word();
        val_type(name).ok_or_else(|| format!("`{name}` is not a type"))
    }

    /// Takes types between parentheses.
    fn types(&mut self) -> Parsed<Vec<ValType>> {
        let mut types = Vec::new();
        self.expect("(")?;
        while !self.eat(")") {
            types.push(self.val_type()?);
            self.eat(",");
        }
        Ok(types)
    }

    /// Takes a function's name, whose `$` has been taken.
    fn name(&mut self) -> Parsed<String> {
        let Some(quoted) = self.rest.strip_prefix('"') else {
            return Ok(self.run(super::text::is_plain).to_owned());
        };
        let Some((mut escaped, rest)) = quoted.split_once('"') else {
            return Err("the name has no end".to_owned());
        };
        self.rest = rest.trim_start();
        let mut name = String::new();
        while let Some((before, after)) = escaped.split_once("\\u{") {
            let Some((code, after)) = after.split_once('}') else {
                return Err("an escape has no end".to_owned());
            };
            let code = u32::from_str_radix(code, 16).ok().and_then(char::from_u32);
            name.push_str(before);
            name.push(code.ok_or("an escape is not a character")?);
            escaped = after;
        }
        name.push_str(escaped);
        Ok(name)
    }

    fn label(&mut self) -> Parsed<Label> {
        self.expect("L")?;
        Ok(Label(self.number()?))
    }

    fn scope(&mut self) -> Parsed<Scope> {
        self.expect("S")?;
        Ok(Scope(self.number()?))
    }

    fn slot(&mut self) -> Parsed<Slot> {
        let name = self.word();
        let digits = name.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let slot = digits.parse().ok().and_then(|index: u32| {
            // No frame comes near this size, so the limit makes no difference.
            let index = index.min(1 << 24);
            Some(match &name[..name.len() - digits.len()] {
                "l" => self.frame.local(index),
                "t" => self.frame.temp(index),
                "r" => Slot(index),
                "link" => Slot(self.frame.link().0 + index),
                _ => return None,
            })
        });
        slot.ok_or_else(|| format!("`{name}` is not a slot"))
    }

    /// Takes an operand of the type.
    fn src(&mut self, ty: ValType) -> Parsed<Src> {
        if self.rest.starts_with(['l', 't', 'r']) {
            return Ok(Src::Slot(self.slot()?));
        }
        if self.rest.starts_with("acc") {
            self.word();
            return Ok(Src::Acc);
        }
        Ok(Src::Imm(self.immediate(ty)?))
    }

    /// Takes a constant of the type.
    fn immediate(&mut self, ty: ValType) -> Parsed<u64> {
        if self.eat("nan:") {
            return self.bits();
        }
        let text = self.run(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
        let bits = match ty {
            ValType::I32 => text.parse::<i32>().ok().map(|value| u64::from(value as u32)),
            ValType::I64 => text.parse::<i64>().ok().map(|value| value as u64),
            ValType::F32 => text.parse::<f32>().ok().map(|value| u64::from(value.to_bits())),
            ValType::F64 => text.parse::<f64>().ok().map(f64::to_bits),
            ValType::V128 | ValType::FuncRef | ValType::ExternRef | ValType::ExnRef => text.parse().ok(),
        };
        bits.ok_or_else(|| format!("`{text}` is not a constant of type {ty}"))
    }
}

/// Returns the type with the given name.
fn val_type(name: &str) -> Option<ValType> {
    use ValType::{ExnRef, ExternRef, F32, F64, FuncRef, I32, I64, V128};
    [I32, I64, F32, F64, V128, FuncRef, ExternRef, ExnRef].into_iter().find(|ty| ty.name() == name)
}
