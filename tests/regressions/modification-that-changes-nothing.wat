;; LLVM makes a fence and a load of an atomic operation that it knows to change nothing, such as an addition of zero. The
;; comparison consumed the load, and the trap was reported there.
(module
  (memory (export "memory") 1 1)
  (func (export "f0") (param i32) (result f32)
    (f32.const 0)
    (br_if 0
      (select
        (i32.const 0)
        (i32.const 0)
        (i64.eqz (i64.atomic.rmw.or offset=65528 (i32.and (local.get 0) (i32.const 16376)) (i64.const 0))))))
  ;; The same with other operations, with a zero that optimisation finds, and without a user.
  (func (export "f1") (param i32) (result i32)
    (local.set 0 (i32.and (local.get 0) (i32.const 16376)))
    (i32.eqz (i32.atomic.rmw.and offset=65528 (local.get 0) (i32.const -1))))
  (func (export "f2") (param i32) (result i32)
    (local.set 0 (i32.and (local.get 0) (i32.const 16376)))
    (i32.sub (i32.const 7) (i32.atomic.rmw8.xor_u offset=65528 (local.get 0) (i32.const 256))))
  (func (export "f3") (param i32 i32) (result i32)
    (local $none i32)
    (local.set 0 (i32.and (local.get 0) (i32.const 16376)))
    (local.set $none (i32.and (local.get 1) (i32.xor (local.get 1) (i32.const -1))))
    (i32.eqz (i32.atomic.rmw.add offset=65528 (local.get 0) (local.get $none))))
  (func (export "f4") (param i32)
    (local.set 0 (i32.and (local.get 0) (i32.const 16376)))
    (drop (i32.atomic.rmw16.sub_u offset=65528 (local.get 0) (i32.const 0)))))
