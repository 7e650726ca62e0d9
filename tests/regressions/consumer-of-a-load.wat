;; The Fast JIT reported the trap of the load at the function's start: Cranelift replaces `511 & x` by `x & 511`, which
;; has no position, and makes one instruction of it and the load.
(module
  (memory (export "memory") 1)
  (func (export "f0") (param i32) (result i32)
    (local.set 0 (i32.and (local.get 0) (i32.const 16376)))
    (i32.and (i32.const 511) (i32.load (i32.sub (local.get 0) (i32.const 56)))))
  ;; The same with a constant subtracted, and in memory.
  (func (export "f1") (param i32) (result i32)
    (i32.sub (i32.load offset=65528 (i32.and (local.get 0) (i32.const 15))) (i32.const 56)))
  (func (export "f2") (param i32)
    (local.set 0 (i32.and (local.get 0) (i32.const 15)))
    (i32.store offset=65528 (local.get 0)
      (i32.add (i32.const 3) (i32.load offset=65528 (local.get 0))))))
