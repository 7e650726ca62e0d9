;; LLVM moved an extension of the first load through the mask, and the load lost its position: its trap was reported one operator early.
(module
  (type (;0;) (func))
  (type (;1;) (func (param i32 i32 i32 i64 f64 f32) (result i32 i32 i32 i64 f64 f32 i64 f64 f32 i32)))
  (memory (;0;) 1)
  (export "memory" (memory 0))
  (export "f0" (func 1))
  (export "f1" (func 2))
  (func $leaf (;0;) (type 0))
  (func (;1;) (type 1) (param i32 i32 i32 i64 f64 f32) (result i32 i32 i32 i64 f64 f32 i64 f64 f32 i32)
    (local i64 f64 f32 i32)
    local.get 0
    i32.const 16376
    i32.and
    local.set 0
    local.get 1
    i32.const 255
    i32.and
    local.set 1
    i32.const 511
    local.get 1
    i32.const 20
    i32.sub
    local.get 1
    i32.add
    i32.load
    i32.and
    local.set 0
    local.get 0
    local.set 2
    local.get 6
    i32.wrap_i64
    local.set 2
    f64.const -0x1.p-1074 (;=-0.000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000005;)
    local.get 0
    f64.load
    local.get 0
    select
    local.set 4
    local.get 0
    local.set 2
    local.get 0
    local.set 2
    local.get 0
    local.set 2
    local.get 0
    local.set 2
    local.get 0
    local.set 2
    local.get 0
    local.set 2
    local.get 0
    local.set 2
    local.get 0
    local.set 2
    local.get 0
    local.set 2
    local.get 0
    local.set 2
    local.get 0
    local.set 2
    local.get 0
    local.set 2
    local.get 0
    local.set 2
    local.get 0
    local.set 2
    local.get 0
    local.set 2
    local.get 0
    local.set 2
    local.get 0
    local.set 2
    local.get 0
    local.set 2
    local.get 0
    local.set 2
    local.get 0
    local.get 1
    local.get 2
    local.get 3
    local.get 4
    local.get 5
    local.get 6
    local.get 7
    local.get 8
    local.get 9
  )
  (func (;2;) (type 1) (param i32 i32 i32 i64 f64 f32) (result i32 i32 i32 i64 f64 f32 i64 f64 f32 i32)
    (local i64 f64 f32 i32)
    local.get 0
    i32.const 16376
    i32.and
    local.set 0
    local.get 1
    i32.const 255
    i32.and
    local.set 1
    local.get 0
    local.set 2
    local.get 0
    local.get 1
    local.get 2
    local.get 3
    local.get 4
    local.get 5
    local.get 6
    local.get 7
    local.get 8
    local.get 9
  )
)
