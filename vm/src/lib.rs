//! Runtime objects and the register interpreter.
