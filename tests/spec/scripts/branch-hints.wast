;; Branch hints, right and wrong ones: they change where code is, never what it does.

(module
  (memory 1)
  (func $calls (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))

  ;; Unlikely branches to a label that nothing else reaches, and to one that the code before it reaches.
  (func (export "forward") (param i32) (result i32) (local i32)
    (block $error
      (block $join
        (@metadata.code.branch_hint "\00") (br_if $error (i32.eq (local.get 0) (i32.const 1)))
        (@metadata.code.branch_hint "\00") (br_if $join (i32.eq (local.get 0) (i32.const 2)))
        (local.set 1 (i32.const 10)))
      (@metadata.code.branch_hint "\00") (br_if $error (i32.eq (local.get 0) (i32.const 3)))
      (@metadata.code.branch_hint "\01") (br_if $error (i32.eq (local.get 0) (i32.const 4)))
      (return (i32.add (local.get 1) (i32.const 1))))
    (i32.add (local.get 1) (i32.const 2)))

  ;; With values to move.
  (func (export "values") (param i32) (result i32 i64)
    (block $out (result i32 i64)
      (i32.const 1) (i64.const 2)
      (@metadata.code.branch_hint "\00") (br_if $out (i32.eq (local.get 0) (i32.const 1)))
      (drop) (drop)
      (i32.const 3) (i64.const 4)
      (@metadata.code.branch_hint "\01") (br_if $out (i32.eq (local.get 0) (i32.const 2)))
      (drop) (drop)
      (call $calls (i32.const 4)) (i64.const 6)))

  ;; Arms, nested, with and without else.
  (func (export "arms") (param i32 i32) (result i32) (local i32)
    (@metadata.code.branch_hint "\00")
    (if (local.get 0)
      (then
        (@metadata.code.branch_hint "\01")
        (if (local.get 1) (then (local.set 2 (i32.const 1))) (else (local.set 2 (call $calls (i32.const 1))))))
      (else
        (@metadata.code.branch_hint "\01")
        (if (local.get 1) (then (local.set 2 (i32.const 3))))))
    (local.get 2))

  ;; A loop whose back edge is called unlikely, and one whose way out is called likely.
  (func (export "loops") (param i32) (result i32) (local i32)
    (loop $again
      (local.set 1 (i32.add (local.get 1) (local.get 0)))
      (local.set 0 (i32.sub (local.get 0) (i32.const 1)))
      (@metadata.code.branch_hint "\00") (br_if $again (local.get 0)))
    (block $out
      (loop $again
        (@metadata.code.branch_hint "\01") (br_if $out (i32.ge_u (local.get 1) (i32.const 1000)))
        (local.set 1 (i32.mul (local.get 1) (i32.const 2)))
        (br $again)))
    (local.get 1))

  ;; Returns and a table to the same label.
  (func (export "mixed") (param i32) (result i32)
    (block $a
      (block $b
        (@metadata.code.branch_hint "\00") (br_if $a (i32.eq (local.get 0) (i32.const 9)))
        (@metadata.code.branch_hint "\00") (br_if $b (i32.eq (local.get 0) (i32.const 8)))
        (br_table $a $b $a (local.get 0)))
      (return (i32.const 20)))
    (i32.const 10)))

(assert_return (invoke "forward" (i32.const 0)) (i32.const 11))
(assert_return (invoke "forward" (i32.const 1)) (i32.const 2))
(assert_return (invoke "forward" (i32.const 2)) (i32.const 1))
(assert_return (invoke "forward" (i32.const 3)) (i32.const 12))
(assert_return (invoke "forward" (i32.const 4)) (i32.const 12))
(assert_return (invoke "values" (i32.const 1)) (i32.const 1) (i64.const 2))
(assert_return (invoke "values" (i32.const 2)) (i32.const 3) (i64.const 4))
(assert_return (invoke "values" (i32.const 3)) (i32.const 5) (i64.const 6))
(assert_return (invoke "arms" (i32.const 0) (i32.const 0)) (i32.const 0))
(assert_return (invoke "arms" (i32.const 0) (i32.const 1)) (i32.const 3))
(assert_return (invoke "arms" (i32.const 1) (i32.const 0)) (i32.const 2))
(assert_return (invoke "arms" (i32.const 1) (i32.const 1)) (i32.const 1))
(assert_return (invoke "loops" (i32.const 5)) (i32.const 1920))
(assert_return (invoke "mixed" (i32.const 0)) (i32.const 10))
(assert_return (invoke "mixed" (i32.const 1)) (i32.const 20))
(assert_return (invoke "mixed" (i32.const 2)) (i32.const 10))
(assert_return (invoke "mixed" (i32.const 8)) (i32.const 20))
(assert_return (invoke "mixed" (i32.const 9)) (i32.const 10))
