;; Legacy exceptions: try, catch, catch_all, delegate, rethrow.

(module $thrower
  (tag $e (export "e"))
  (tag $i (export "i") (param i32))
  (func (export "throw_e") (throw $e))
  (func (export "throw_i") (param i32) (throw $i (local.get 0))))
(register "thrower" $thrower)

(module
  (tag $e (import "thrower" "e"))
  (tag $i (import "thrower" "i") (param i32))
  (tag $own (param i32 i64))
  (tag $wide (param v128 f32 f64))
  (func $throw_e (import "thrower" "throw_e"))
  (func $throw_i (import "thrower" "throw_i") (param i32))

  (func $throw_if (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (throw $e)))
    (if (i32.eq (local.get 0) (i32.const 1)) (then (throw $i (i32.const 7))))
    (if (i32.eq (local.get 0) (i32.const 2)) (then (throw $own (i32.const 8) (i64.const 9))))
    (i32.add (local.get 0) (i32.const 1000)))

  (func (export "plain") (result i32)
    try (result i32)  (i32.const 1)  catch_all (i32.const 2) end)

  (func (export "unreached_handlers") (param i32) (result i32)
    try (result i32)
       (i32.mul (local.get 0) (i32.const 3))
       catch $i (i32.const 5) (drop) try    catch_all (rethrow 1) end
       catch_all (loop (br 0)) (i32.const 2) end)

  (func (export "which") (param i32) (result i32)
    try (result i32)
       (call $throw_if (local.get 0))
       catch $e (i32.const 11)
       catch $i
       catch $own (drop) (i32.add (i32.const 100))
       catch_all (i32.const -1) end)

  (func (export "operands_below") (param i32) (result i64)
    (i64.const 5)
    (local.get 0)
    try (param i32) (result i64)
       (drop) (i64.extend_i32_u (call $throw_if (local.get 0)))
       catch $own (i64.extend_i32_u (drop (i64.const 0)) (i32.const 40)) (i64.add) (i64.add (i64.const 1000)) (br 0) 
       catch_all (i64.const 3) end
    (i64.mul))

  (func (export "locals") (param i32) (result i32)
    (local i32 i32)
    (local.set 1 (i32.const 1))
    (local.get 1)
    try
       (local.set 1 (i32.const 20))
        (local.get 1)
        (local.set 2 (i32.add (local.get 1) (i32.const 3)))
        (local.set 1 (i32.const 400))
        (drop (call $throw_if (local.get 0)))
        (local.set 1 (i32.const 5000))
        (drop)
       catch_all  end
    (i32.add (i32.add (local.get 1) (local.get 2))))

  (func (export "many_results") (param i32) (result i32 i64 i32 i64 i32 i32)
    try (result i32 i64 i32 i64 i32 i32)
       (i32.const 1) (i64.const 2) (i32.const 3) (i64.const 4) (i32.const 5) (call $throw_if (local.get 0))
       catch $own (i64.const 20) (i32.const 30) (i64.const 40) (i32.const 50) (i32.const 60)
        (local.set 0) (drop) (drop) (drop) (drop) (i32.const 70) (i64.const 80) (i32.const 90) (local.get 0)
       catch_all (i32.const 6) (i64.const 5) (i32.const 4) (i64.const 3) (i32.const 2) (local.get 0) end)

  (func (export "vectors") (result f64)
    (local v128)
    try (result f64)
       (throw $wide (v128.const i32x4 1 2 3 4) (f32.const 1.5) (f64.const 2.5))
       catch $wide
        drop drop
        (local.set 0)
        (f64.convert_i32_u (i32x4.extract_lane 3 (local.get 0))) end
    )

  (func (export "nested") (param i32) (result i32)
    try (result i32)
       try (result i32)
           (call $throw_if (local.get 0))
           catch $i (i32.add (i32.const 1)) end
       catch $e (i32.const 22)
       catch $own (drop) end)

  (func (export "throw_in_handler") (param i32) (result i32)
    try (result i32)
       try (result i32)
           (call $throw_if (local.get 0))
           catch $e (throw $i (i32.const 30))
           catch $i (throw $i (i32.add (i32.const 1))) end
       catch $i
       catch_all (i32.const -5) end)

  (func (export "rethrow") (param i32) (result i32)
    try (result i32)
       try (result i32)
           (call $throw_if (local.get 0))
           catch $e (rethrow 0)
           catch_all (drop (i32.const 4)) (rethrow 0) end
       catch $e (i32.const 1)
       catch $i (i32.mul (i32.const 2))
       catch_all (i32.const 3) end)

  (func (export "rethrow_outer") (param i32) (result i32)
    try (result i32)
       try (result i32)
           (call $throw_if (local.get 0))
           catch $i
            try (param i32) (result i32)
               (drop) (call $throw_e) (i32.const 0)
               catch $e (block (rethrow 2)) (unreachable) end end
       catch $i (i32.add (i32.const 200)) end)

  (func (export "rethrow_twice") (result i32)
    (local i32)
    try (result i32)
       try
           (call $throw_i (i32.const 5))
           catch $i
            (local.set 0)
            try  (rethrow 1)  catch $i (local.set 0 (i32.add (local.get 0))) end
            try  (rethrow 1)  catch $i (local.set 0 (i32.add (local.get 0))) end
            (rethrow 0) end
        (i32.const 0)
       catch $i (i32.add (local.get 0)) end)

  (func (export "delegate_to_try") (param i32) (result i32)
    try $outer (result i32)
       try (result i32)
           try (result i32)
               (call $throw_if (local.get 0))
               delegate $outer
           catch_all (i32.const -1) end
       catch $e (i32.const 12)
       catch $i (i32.add (i32.const 13)) end)

  (func $delegate_to_caller (export "delegate_to_caller") (param i32) (result i32)
    try (result i32)
       try (result i32)
           (call $throw_if (local.get 0))
           delegate 1
       catch_all (i32.const -1) end)

  (func (export "caught_by_caller") (param i32) (result i32)
    try (result i32)
       (call $delegate_to_caller (local.get 0))
       catch $e (i32.const 31)
       catch $i end)

  (func (export "delegate_to_block") (param i32) (result i32)
    try (result i32)
       (block $b (result i32)
          try (result i32)
             try (result i32)
                 (call $throw_if (local.get 0))
                 delegate $b
             catch_all (i32.const -2) end)
       catch $e (i32.const 41)
       catch_all (i32.const 42) end)

  (func (export "delegate_from_handler") (param i32) (result i32)
    try (result i32)
       try $inner (result i32)
           (call $throw_e) (i32.const 0)
           catch $e
            try (result i32)
               (call $throw_if (local.get 0))
               delegate $inner
           catch_all (i32.const -3) end
       catch $e (i32.const 51)
       catch_all (i32.const 52) end)

  (func (export "delegate_after_throw_in_handler") (result i32)
    try (result i32)
       try
           try  (throw $e)  delegate 0
           catch $e (throw $i (i32.const 9)) end
        (i32.const 0)
       catch $i end)

  (func (export "branch_out") (param i32) (result i32)
    (block $b (result i32)
      try (result i32)
         (br_if $b (i32.const 61) (local.get 0)) (drop) (call $throw_e) (i32.const 0)
         catch_all (br $b (i32.const 62)) end
      (i32.add (i32.const 1000))))

  (func (export "branch_to_try") (param i32) (result i32)
    try $t (result i32)
       (drop (block $b (result i32) (br_table $b $t (i32.const 3) (local.get 0))))
        (call $throw_i (i32.const 70)) (i32.const 0)
       catch $i (br $t (i32.add (i32.const 1))) end)

  (func (export "loop") (param i32) (result i32)
    (local i32)
    (loop $l
      try
         (call $throw_i (local.get 0))
         catch $i
          (local.set 1 (i32.add (local.get 1)))
          (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
          (br_if $l (local.get 0)) end)
    (local.get 1))

  (func (export "traps_pass") (param i32) (result i32)
    try (result i32)  (i32.div_u (i32.const 1) (local.get 0))  catch_all (i32.const -1) end)

  (func (export "tail_call_leaves") (result i32)
    try (result i32)  (return_call $delegate_to_caller (i32.const 0))  catch_all (i32.const -1) end)

  (func (export "dead") (result i32)
    (block
      (br 0)
      try  (throw $e)  catch $i (drop)  catch_all (rethrow 0) end
      try  try    delegate 0  catch_all  end)
    try (result i32)
       (unreachable) try    catch $e end (i32.const 1)
       catch_all (i32.const 2) end))

(assert_return (invoke "plain") (i32.const 1))
(assert_return (invoke "unreached_handlers" (i32.const 5)) (i32.const 15))
(assert_return (invoke "which" (i32.const 0)) (i32.const 11))
(assert_return (invoke "which" (i32.const 1)) (i32.const 7))
(assert_return (invoke "which" (i32.const 2)) (i32.const 108))
(assert_return (invoke "which" (i32.const 3)) (i32.const 1003))
(assert_return (invoke "operands_below" (i32.const 1)) (i64.const 15))
(assert_return (invoke "operands_below" (i32.const 2)) (i64.const 5245))
(assert_return (invoke "operands_below" (i32.const 3)) (i64.const 5015))
(assert_return (invoke "locals" (i32.const 1)) (i32.const 424))
(assert_return (invoke "locals" (i32.const 9)) (i32.const 5024))
(assert_return (invoke "many_results" (i32.const 3))
  (i32.const 1) (i64.const 2) (i32.const 3) (i64.const 4) (i32.const 5) (i32.const 1003))
(assert_return (invoke "many_results" (i32.const 0))
  (i32.const 6) (i64.const 5) (i32.const 4) (i64.const 3) (i32.const 2) (i32.const 0))
(assert_return (invoke "many_results" (i32.const 2))
  (i32.const 8) (i64.const 9) (i32.const 70) (i64.const 80) (i32.const 90) (i32.const 60))
(assert_return (invoke "vectors") (f64.const 4))
(assert_return (invoke "nested" (i32.const 0)) (i32.const 22))
(assert_return (invoke "nested" (i32.const 1)) (i32.const 8))
(assert_return (invoke "nested" (i32.const 2)) (i32.const 8))
(assert_return (invoke "nested" (i32.const 4)) (i32.const 1004))
(assert_return (invoke "throw_in_handler" (i32.const 0)) (i32.const 30))
(assert_return (invoke "throw_in_handler" (i32.const 1)) (i32.const 8))
(assert_return (invoke "throw_in_handler" (i32.const 2)) (i32.const -5))
(assert_return (invoke "rethrow" (i32.const 0)) (i32.const 1))
(assert_return (invoke "rethrow" (i32.const 1)) (i32.const 14))
(assert_return (invoke "rethrow" (i32.const 2)) (i32.const 3))
(assert_return (invoke "rethrow" (i32.const 3)) (i32.const 1003))
(assert_exception (invoke "rethrow_outer" (i32.const 0)))
(assert_return (invoke "rethrow_outer" (i32.const 1)) (i32.const 207))
(assert_return (invoke "rethrow_twice") (i32.const 20))
(assert_return (invoke "delegate_to_try" (i32.const 0)) (i32.const 12))
(assert_return (invoke "delegate_to_try" (i32.const 1)) (i32.const 20))
(assert_exception (invoke "delegate_to_try" (i32.const 2)))
(assert_return (invoke "delegate_to_try" (i32.const 3)) (i32.const 1003))
(assert_exception (invoke "delegate_to_caller" (i32.const 0)))
(assert_return (invoke "delegate_to_caller" (i32.const 5)) (i32.const 1005))
(assert_return (invoke "caught_by_caller" (i32.const 0)) (i32.const 31))
(assert_return (invoke "caught_by_caller" (i32.const 1)) (i32.const 7))
(assert_return (invoke "delegate_to_block" (i32.const 0)) (i32.const 41))
(assert_return (invoke "delegate_to_block" (i32.const 2)) (i32.const 42))
(assert_return (invoke "delegate_from_handler" (i32.const 0)) (i32.const 51))
(assert_return (invoke "delegate_from_handler" (i32.const 1)) (i32.const 52))
(assert_return (invoke "delegate_from_handler" (i32.const 3)) (i32.const 1003))
(assert_return (invoke "delegate_after_throw_in_handler") (i32.const 9))
(assert_return (invoke "branch_out" (i32.const 1)) (i32.const 61))
(assert_return (invoke "branch_out" (i32.const 0)) (i32.const 62))
(assert_return (invoke "branch_to_try" (i32.const 1)) (i32.const 3))
(assert_return (invoke "branch_to_try" (i32.const 0)) (i32.const 71))
(assert_return (invoke "loop" (i32.const 10)) (i32.const 55))
(assert_trap (invoke "traps_pass" (i32.const 0)) "integer divide by zero")
(assert_return (invoke "traps_pass" (i32.const 1)) (i32.const 1))
(assert_exception (invoke "tail_call_leaves"))
(assert_trap (invoke "dead") "unreachable")

(assert_invalid (module (func try    catch_all   catch_all  end)) "")
(assert_invalid (module (tag (param i32)) (func try    catch 0 end)) "type mismatch")
(assert_invalid (module (func (block try    catch_all (rethrow 1) end))) "invalid rethrow label")
(assert_invalid (module (func try    delegate 5)) "unknown label")
