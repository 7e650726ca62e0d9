;; dump-jit --only code --bounds explicit --spectre off
;; dump-jit --tier llvm --only code --bounds explicit --spectre off
;; The bounds are checked after the alignment.
(module
  (memory 1)
  (func $sub (param i32 i64) (result i64) (i64.atomic.rmw.sub (local.get 0) (local.get 1))))
