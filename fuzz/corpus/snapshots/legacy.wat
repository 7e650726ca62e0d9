;; Handlers of legacy exceptions, in each other, which loop, call, and throw again what they have caught.
(module
  (tag $number (param i32))
  (tag $pair (param i64 f32))
  (global $seen (export "seen") (mut i32) (i32.const 0))
  (func $note (param i32) (result i32)
    (global.set $seen (i32.add (global.get $seen) (local.get 0)))
    (local.get 0))
  (func $throw (param $which i32)
    (if (i32.and (call $note (local.get $which)) (i32.const 1))
      (then (throw $pair (i64.const -3) (f32.const 2.5))))
    (throw $number (local.get $which)))
  (func $handle (export "handle") (param $which i32) (result i32) (local $rounds i32)
    f64.const 1.5
    try (result i32)
      local.get $which
      call $throw
      i32.const 1
    catch $number
      local.get $which
      call $note
      i32.add
      try
        local.get $which
        i32.const 1
        i32.add
        call $throw
      catch_all
        loop $again
          (local.set $rounds (call $note (i32.add (local.get $rounds) (i32.const 1))))
          (br_if $again (i32.lt_u (local.get $rounds) (i32.and (local.get $which) (i32.const 3))))
        end
        (i32.and (local.get $which) (i32.const 4))
        if
          rethrow 2
        end
      end
    catch $pair
      i32.trunc_f32_s
      call $note
      drop
      drop
      rethrow 0
    end
    local.set $rounds
    drop
    local.get $rounds)
  (func (export "catch") (param $which i32) (result i32)
    try (result i32)
      local.get $which
      call $handle
    catch_all
      local.get $which
      call $note
    end)
  (func (export "delegate") (param $which i32) (result i32)
    try $outer (result i32)
      try (result i32)
        local.get $which
        call $handle
      delegate $outer
    catch $pair
      drop
      i32.wrap_i64
    end))
