;; As extended-load.wat, with a load of 16 bits that is extended twice.
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
    local.get 2
    i32.const 14
    i32.sub
    local.set 2
    i32.const 16384
    local.set 2
    local.get 0
    local.set 2
    local.get 0
    local.set 2
    i32.const 129
    local.set 2
    local.get 0
    i32.load16_u
    local.set 9
    local.get 1
    local.get 1
    i32.add
    i32.const 40
    i32.add
    i32.const 128
    i64.extend_i32_u
    i64.store32
    local.get 0
    local.get 0
    i32.add
    i32.const 0
    i32.add
    i32.load8_s offset=1000
    i32.const 0
    i32.add
    if ;; label = @1
      local.get 0
      local.get 0
      i32.add
      i32.const 220
      i32.add
      i64.const 3
      local.get 3
      i64.add
      i64.store
      local.get 9
      local.set 9
      f64.const 0x1.8p+2 (;=6;)
      local.get 4
      f64.div
      local.set 7
      block ;; label = @2
        local.get 9
        br_if 0 (;@2;)
        i32.const 32768
        i32.const 0
        i32.lt_u
        local.set 2
        local.get 0
        local.set 2
        local.get 0
        local.set 2
        local.get 0
        local.set 2
      end
    else
      local.get 3
      local.get 3
      i64.rotl
      local.get 3
      i64.div_s
      i32.wrap_i64
      local.set 2
      local.get 3
      local.get 3
      i64.le_s
      local.set 2
      local.get 3
      local.set 6
    end
    i32.const 511
    local.get 9
    i32.and
    local.set 0
    local.get 9
    local.set 9
    local.get 0
    f32.load offset=8
    local.set 8
    local.get 0
    local.set 2
    f64.const 0x1.fcp+6 (;=127;)
    local.set 4
    local.get 8
    local.get 5
    f32.const 0x0p+0 (;=0;)
    f32.sub
    f32.add
    local.get 0
    f32.load offset=8
    f32.sub
    local.set 8
    local.get 5
    local.get 8
    f32.mul
    local.get 5
    f32.add
    local.set 5
    local.get 3
    i64.const 10
    i64.add
    local.set 3
    block ;; label = @1
      local.get 6
      local.get 3
      i64.ge_s
      br_if 0 (;@1;)
    end
    local.get 4
    f64.const -0x1.02p+7 (;=-129;)
    local.get 0
    local.get 1
    i32.const 3
    i32.shl
    i32.add
    f64.load
    f64.div
    f64.add
    local.set 4
    i32.const 200
    i64.load offset=8
    local.set 3
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
    i32.const 164
    i32.add
    local.get 2
    local.get 6
    i32.wrap_i64
    i32.shl
    i32.store offset=16
    local.get 8
    f32.const 0x0p+0 (;=0;)
    f32.div
    local.get 5
    f32.add
    local.get 5
    f32.sub
    local.set 8
    i32.const 511
    i32.const 0
    i32.and
    local.set 1
    local.get 6
    i64.const 8
    i64.sub
    local.set 6
    block ;; label = @1
      local.get 6
      local.get 3
      i64.lt_s
      br_if 0 (;@1;)
    end
    local.get 0
    local.get 3
    local.get 6
    i64.add
    local.get 3
    local.get 6
    i64.sub
    i64.ne
    i32.store16 offset=16
    i32.const 511
    local.get 1
    i32.const 136
    i32.sub
    local.get 1
    i32.add
    i32.load16_u offset=1000
    i32.and
    local.set 0
    local.get 4
    local.get 4
    f64.add
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
