//! Parses the text of a script into its steps. Modules are encoded here, so that running the script
//! again needs no parsing.

use std::fmt;

use wast::lexer::Lexer;
use wast::parser::{self, ParseBuffer};
use wast::token::Span;
use wast::{QuoteWat, Wast, WastArg, WastDirective, WastExecute, WastInvoke, WastRet, Wat};

use super::value::{Argument, Expected};

/// A parsed script.
#[derive(Debug)]
pub struct Script {
    pub(super) directives: Vec<Directive>,
}

/// A step of a script.
#[derive(Debug)]
pub(super) struct Directive {
    /// The line at which it begins, counted from 1.
    pub line: usize,
    pub kind: DirectiveKind,
}

/// A module's bytes, or the reason why its text cannot be encoded.
pub(super) type Source = Result<Vec<u8>, String>;

#[derive(Debug)]
pub(super) enum DirectiveKind {
    /// Instantiate, and make it the current instance.
    Module {
        name: Option<String>,
        source: Source,
    },
    /// Keep for later instantiation.
    Definition {
        name: Option<String>,
        source: Source,
    },
    /// Instantiate a definition.
    Instance {
        name: Option<String>,
        definition: Option<String>,
    },
    /// Make an instance's exports available to imports.
    Register {
        name: String,
        instance: Option<String>,
    },
    /// Call; the results do not matter.
    Invoke(Invoke),
    AssertReturn {
        action: Action,
        expected: Vec<Expected>,
    },
    AssertTrap {
        action: Action,
        message: String,
    },
    /// The action has to end in an exception.
    AssertException {
        action: Action,
    },
    AssertExhaustion {
        invoke: Invoke,
        message: String,
    },
    AssertUnlinkable {
        source: Source,
    },
    /// The module must be rejected, as malformed or as invalid; engines need not distinguish the
    /// two.
    AssertRejected {
        source: Source,
        message: String,
    },
    /// Start a thread, which has a store of its own and runs directives beside those that follow.
    Thread {
        name: String,
        /// An instance of the thread that starts it, whose shared memories the new thread can register by this name.
        shared: Option<String>,
        directives: Vec<Directive>,
    },
    /// Wait until a thread has ended.
    Wait {
        thread: String,
    },
    /// A directive for something that Riser does not have.
    Unsupported(&'static str),
}

/// The action of an assertion.
#[derive(Debug)]
pub(super) enum Action {
    Invoke(Invoke),
    Get { instance: Option<String>, global: String },
    Instantiate(Source),
}

/// A call of an instance's export.
#[derive(Debug)]
pub(super) struct Invoke {
    pub instance: Option<String>,
    pub function: String,
    pub arguments: Vec<Argument>,
}

/// The error for text that is no script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// The line, counted from 1.
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

impl Script {
    /// Parses the text of a script, or of a single module.
    ///
    /// # Errors
    ///
    /// If the text is not a sequence of directives. A module that cannot be encoded is
    /// no error here: scripts contain such modules on purpose.
    pub fn parse(text: &str) -> Result<Script, ParseError> {
        let error = |error: wast::Error| ParseError { line: line(error.span(), text), message: error.message() };
        let mut lexer = Lexer::new(text);
        lexer.allow_confusing_unicode(true);
        let buffer = ParseBuffer::new_with_lexer(lexer).map_err(error)?;
        let script = parser::parse::<Wast<'_>>(&buffer).map_err(error)?;
        let directives = script.directives.into_iter().map(|directive| step(directive, text)).collect();
        Ok(Script { directives })
    }
}

fn step(directive: WastDirective<'_>, text: &str) -> Directive {
    Directive { line: line(directive.span(), text), kind: convert(directive, text) }
}

fn line(span: Span, text: &str) -> usize {
    span.linecol_in(text).0 + 1
}

fn convert(directive: WastDirective<'_>, text: &str) -> DirectiveKind {
    match directive {
        WastDirective::Module(module) => DirectiveKind::Module { name: name(module.name()), source: quoted(module) },
        WastDirective::ModuleDefinition(module) => {
            DirectiveKind::Definition { name: name(module.name()), source: quoted(module) }
        }
        WastDirective::ModuleInstance { instance, module, .. } => {
            DirectiveKind::Instance { name: name(instance), definition: name(module) }
        }
        WastDirective::Register { name: as_name, module, .. } => {
            DirectiveKind::Register { name: as_name.to_owned(), instance: name(module) }
        }
        WastDirective::Invoke(call) => DirectiveKind::Invoke(invoke(call)),
        WastDirective::AssertReturn { exec, results, .. } => {
            DirectiveKind::AssertReturn { action: action(exec), expected: results.into_iter().map(expected).collect() }
        }
        WastDirective::AssertTrap { exec, message, .. } => {
            DirectiveKind::AssertTrap { action: action(exec), message: message.to_owned() }
        }
        WastDirective::AssertExhaustion { call, message, .. } => {
            DirectiveKind::AssertExhaustion { invoke: invoke(call), message: message.to_owned() }
        }
        WastDirective::AssertUnlinkable { module, .. } => DirectiveKind::AssertUnlinkable { source: encoded(module) },
        WastDirective::AssertMalformed { module, message, .. }
        | WastDirective::AssertInvalid { module, message, .. } => {
            DirectiveKind::AssertRejected { source: quoted(module), message: message.to_owned() }
        }
        WastDirective::AssertMalformedCustom { .. } | WastDirective::AssertInvalidCustom { .. } => {
            DirectiveKind::Unsupported("validation of custom sections")
        }
        WastDirective::AssertException { exec, .. } => DirectiveKind::AssertException { action: action(exec) },
        WastDirective::AssertSuspension { .. } => DirectiveKind::Unsupported("stack switching"),
        WastDirective::Thread(thread) => DirectiveKind::Thread {
            name: thread.name.name().to_owned(),
            shared: name(thread.shared_module),
            directives: thread.directives.into_iter().map(|directive| step(directive, text)).collect(),
        },
        WastDirective::Wait { thread, .. } => DirectiveKind::Wait { thread: thread.name().to_owned() },
    }
}

fn name(id: Option<wast::token::Id<'_>>) -> Option<String> {
    id.map(|id| id.name().to_owned())
}

fn quoted(mut module: QuoteWat<'_>) -> Source {
    module.encode().map_err(|error| error.message())
}

fn encoded(mut module: Wat<'_>) -> Source {
    module.encode().map_err(|error| error.message())
}

fn invoke(call: WastInvoke<'_>) -> Invoke {
    Invoke {
        instance: name(call.module),
        function: call.name.to_owned(),
        arguments: call
            .args
            .into_iter()
            .map(|argument| match argument {
                WastArg::Core(argument) => argument.into(),
                _ => Argument::Unsupported("component value"),
            })
            .collect(),
    }
}

fn action(exec: WastExecute<'_>) -> Action {
    match exec {
        WastExecute::Invoke(call) => Action::Invoke(invoke(call)),
        WastExecute::Wat(module) => Action::Instantiate(encoded(module)),
        WastExecute::Get { module, global, .. } => Action::Get { instance: name(module), global: global.to_owned() },
    }
}

fn expected(result: WastRet<'_>) -> Expected {
    match result {
        WastRet::Core(result) => result.into(),
        _ => Expected::Unsupported("component value"),
    }
}
