//! Processor features that code may use, by LLVM's names.
//!
//! LLVM can detect the features of this machine's processor, but code that was compiled ahead of time is checked without
//! LLVM, which takes longer to load than such code to start. So LLVM is told the features, and not asked. Of the features
//! that affect code, it gets only those that the standard library can detect, too.

use crate::Processor;

/// Features by LLVM's names, each with whether this machine's processor has it.
macro_rules! features {
    ($($name:literal is $detected:tt,)*) => {
        fn found() -> impl Iterator<Item = (&'static str, bool)> {
            [$(($name, std::arch::is_x86_feature_detected!($detected)),)*].into_iter()
        }
    };
}

features! {
    "adx" is "adx",
    "aes" is "aes",
    "avx" is "avx",
    "avx2" is "avx2",
    "avx512bf16" is "avx512bf16",
    "avx512bitalg" is "avx512bitalg",
    "avx512bw" is "avx512bw",
    "avx512cd" is "avx512cd",
    "avx512dq" is "avx512dq",
    "avx512f" is "avx512f",
    "avx512ifma" is "avx512ifma",
    "avx512vbmi" is "avx512vbmi",
    "avx512vbmi2" is "avx512vbmi2",
    "avx512vl" is "avx512vl",
    "avx512vnni" is "avx512vnni",
    "avx512vpopcntdq" is "avx512vpopcntdq",
    "bmi" is "bmi1",
    "bmi2" is "bmi2",
    "cx16" is "cmpxchg16b",
    "f16c" is "f16c",
    "fma" is "fma",
    "gfni" is "gfni",
    "lzcnt" is "lzcnt",
    "movbe" is "movbe",
    "pclmul" is "pclmulqdq",
    "popcnt" is "popcnt",
    "sha" is "sha",
    "sse3" is "sse3",
    "sse4.1" is "sse4.1",
    "sse4.2" is "sse4.2",
    "sse4a" is "sse4a",
    "ssse3" is "ssse3",
    "vaes" is "vaes",
    "vpclmulqdq" is "vpclmulqdq",
}

/// Features that every supported processor has, beyond those of all x86-64 processors.
const BASELINE: &[&str] = &["sse3", "sse4.1", "ssse3"];

/// Features that also affect code, and that processor names may imply, but that are not detected here. They are never used.
const NEVER: &[&str] = &["avx512fp16", "avxifma", "avxvnni", "avxvnniint16", "avxvnniint8", "fma4", "tbm", "xop"];

/// The features that code for a processor may use.
pub(crate) fn needed(processor: Processor) -> Vec<String> {
    let has = |&(name, has): &(&str, bool)| match processor {
        Processor::Native => has,
        Processor::Baseline => BASELINE.contains(&name),
    };
    found().filter(has).map(|(name, _)| name.to_owned()).collect()
}

/// Whether code for a processor may use a feature.
pub(crate) fn has(processor: Processor, name: &str) -> bool {
    match processor {
        Processor::Native => found().any(|(found, has)| found == name && has),
        Processor::Baseline => BASELINE.contains(&name),
    }
}

/// Features in LLVM's syntax, with `+` or `-` in front.
pub(crate) fn description(processor: Processor) -> String {
    let needed = needed(processor);
    let sign = |name: &str| if needed.iter().any(|other| other == name) { '+' } else { '-' };
    let all = found().map(|(name, _)| name).chain(NEVER.iter().copied());
    all.map(|name| format!("{}{name}", sign(name))).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn llvm_finds_the_same_and_more() {
        crate::library::load().expect("LLVM is installed");
        let features = inkwell::targets::TargetMachine::get_host_cpu_features().to_string();
        let has = |name: &String| features.split(',').any(|feature| feature.strip_prefix('+') == Some(name));
        let needed = needed(Processor::Native);
        assert!(needed.iter().any(|name| name == "sse4.1"));
        assert_eq!(needed.iter().filter(|name| !has(name)).collect::<Vec<_>>(), Vec::<&String>::new());
    }
}
