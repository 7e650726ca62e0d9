;; LLVM set up no frame on the way to the first access, so the backtrace of its trap had no frame of the function.
(module
  (type (;0;) (func (param f64 i64 i64 f64) (result i32 i64)))
  (memory (;0;) 1 3)
  (export "" (func 0))
  (export "1" (memory 0))
  (elem (;0;) funcref (ref.null func))
  (elem (;1;) declare externref)
  (func (;0;) (type 0) (param f64 i64 i64 f64) (result i32 i64)
    i32.const -33554433
    i64.load32_s offset=42 align=2
    f64.convert_i64_s
    local.get 2
    local.set 2
    i32.trunc_sat_f64_s
    loop ;; label = @1
      i64.const 5476377149127674624
      br 0 (;@1;)
      unreachable
      unreachable
    end
    unreachable
  )
)
