//! Tests of the embedding API in every mode: what a host relies on, whatever runs the guest.

#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
mod ahead;
#[cfg(all(feature = "async", feature = "fast-jit", feature = "wasi", target_arch = "x86_64", target_os = "linux"))]
mod api_table;
mod backtraces;
mod engines;
mod exceptions;
mod families;
mod features;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod fork;
mod fuel;
#[cfg(feature = "async")]
mod futures;
mod given_back;
mod handlers;
mod hooks;
mod host_functions;
mod interruption;
#[cfg(all(feature = "fast-jit", target_arch = "x86_64", target_os = "linux"))]
mod ladder;
mod large_functions;
mod limits;
#[cfg(all(feature = "llvm", target_arch = "x86_64", target_os = "linux"))]
mod llvm;
#[cfg(all(feature = "llvm", target_arch = "x86_64", target_os = "linux"))]
mod llvm_costs;
mod many_values;
mod mixed_modes;
#[cfg(feature = "classic")]
mod monitors;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod native_stack;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod page_sizes;
mod preserved;
mod process;
mod profiling;
mod recursion;
mod relaxed;
#[cfg(feature = "resumable")]
mod resumable;
mod safepoints;
mod sandbox;
mod settings;
mod snapshots;
mod sources;
mod threads;
mod torture;
mod values;
mod wasmi_examples;
#[cfg(all(feature = "async", feature = "fast-jit", feature = "wasi", target_arch = "x86_64", target_os = "linux"))]
mod wasmtime_examples;
