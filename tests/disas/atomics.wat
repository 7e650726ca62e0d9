;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; The effective address is checked for alignment first; then the access is one instruction, or a loop where the processor has none that
;; returns the old value.
(module
  (memory 1)
  (func $load (param i32) (result i32) (i32.atomic.load8_u offset=3 (local.get 0)))
  (func $store (param i32 i64) (i64.atomic.store offset=8 (local.get 0) (local.get 1)))
  (func $add (param i32 i32) (result i32) (i32.atomic.rmw.add offset=2 (local.get 0) (local.get 1)))
  (func $or (param i32 i64) (result i64) (i64.atomic.rmw32.or_u (local.get 0) (local.get 1)))
  (func $swap (param i32 i32 i32) (result i32) (i32.atomic.rmw16.cmpxchg_u (local.get 0) (local.get 1) (local.get 2)))
  (func $fence (atomic.fence))
  (func $notify (param i32) (result i32) (memory.atomic.notify (local.get 0) (i32.const 1))))
