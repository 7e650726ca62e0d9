;; LLVM made a load of a modification that changes nothing, and an operand of the comparison of that: the trap was reported there.
(module
  (memory 0 0)
  (export "f" (func 0))
  (func (param i32) (result i32)
    local.get 0
    i32.const 16376
    i32.and
    local.set 0
    local.get 0
    i32.const -1
    i32.atomic.rmw.and offset=16376
    i32.eqz)
)
