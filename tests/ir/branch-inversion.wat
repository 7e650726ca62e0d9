;; A loop continues by one branch, and a conditional branch around an unconditional one becomes one branch.
(module
  (func $loop_end (param $n i32) (result i32) (local $i i32)
    (block $exit
      (loop $next
        (br_if $exit (i32.eq (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n)))
        (br $next)))
    (local.get $i))
  ;; The branch that is absorbed may leave any number of blocks, and an `if` may hold it.
  (func $in_if (param $x i32) (param $y f32) (result i32)
    (block $a
      (block $b
        (if (f32.lt (local.get $y) (f32.const 1)) (then (br $a)))
        (if (i32.eqz (local.get $x)) (then (br $b)))
        (return (i32.const 1)))
      (return (i32.const 2)))
    (i32.const 3))
  ;; An `if` whose first arm is empty.
  (func $empty_arm (param $x i32)
    (if (i64.eqz (i64.extend_i32_u (local.get $x))) (then) (else (local.set $x (i32.const 7))))
    (drop (local.get $x)))
  ;; Values that the second branch carries, and an assignment, stand between the two.
  (func $values (param $x i32) (result i32)
    (block $a (result i32)
      (block $b
        (br_if $b (local.get $x))
        (br $a (i32.const 5)))
      (block $c
        (br_if $c (local.get $x))
        (local.set $x (i32.const 6))
        (br $a (local.get $x)))
      (i32.const 8)))
  ;; The first branch goes further than just behind the second.
  (func $further (param $x i32)
    (block $a
      (block $b
        (block $c
          (br_if $a (local.get $x))
          (br $b))
        (unreachable))
      (unreachable)))
  ;; The exit is not just behind the loop: the branches change places. A branch to an outer loop is no exit.
  (func $far_exit (param $n i32) (result i32)
    (block $exit
      (loop $outer
        (block $middle
          (loop $inner
            (local.set $n (i32.sub (local.get $n) (i32.const 1)))
            (br_if $middle (i32.eqz (local.get $n)))
            (br_if $outer (i32.eq (local.get $n) (i32.const 5)))
            (br $inner)))))
    (block $exit
      (block $middle
        (loop $inner
          (local.set $n (i32.add (local.get $n) (i32.const 1)))
          (br_if $middle (i32.eqz (local.get $n)))
          (br_if $exit (i32.eq (local.get $n) (i32.const 5)))
          (br $inner)))
      (return (i32.const 0)))
    (i32.const 1)))

;; func 0 $loop_end (i32) -> (i32)
;; locals i32
;; temps 2
;; L2: loop ()
;;   0x33  l1 = i32.add l1, 1
;;   0x39  branch_if i32.ne l1, l0 -> L2
;; L1: join ()
;;   0x41  return i32 l1
;;
;; func 1 $in_if (i32, f32) -> (i32)
;; temps 2
;;   0x4f  acc = f32.lt l1, 1.0
;;   0x50  branch_if acc -> L1
;; L3: join ()
;;   0x58  branch_if not l0 -> L2
;; L5: join ()
;;   0x5f  return i32 1
;; L2: join ()
;;   0x63  return i32 2
;; L1: join ()
;;   0x67  return i32 3
;;
;; func 2 $empty_arm (i32) -> ()
;; temps 1
;;   0x6c  acc = i64.extend_i32_u l0
;;   0x6e  branch_if i64.eq acc, 0 -> L2
;; L1: join ()
;;   0x73  l0 = i32.const 7
;; L2: join ()
;;   0x79  return
;;
;; func 3 $values (i32) -> (i32)
;; temps 1
;;   0x82  branch_if l0 -> L2
;;   0x86  t0 = i32.const 5
;;   0x86  branch L1
;; L2: join ()
;;   0x8d  branch_if l0 -> L3
;;   0x91  l0 = i32.const 6
;;   0x95  t0 = i32.copy l0
;;   0x95  branch L1
;; L3: join ()
;;   0x9a  t0 = i32.const 8
;; L1: join (i32)
;;   0x9b  return i32 t0
;;
;; func 4 $further (i32) -> ()
;; temps 1
;;   0xa6  branch_if l0 -> L1
;; L2: join ()
;;   0xad  trap "unreachable"
;; L1: join ()
;;   0xaf  return
;;
;; func 5 $far_exit (i32) -> (i32)
;; temps 2
;; L2: loop ()
;; L4: loop ()
;;   0xbe  l0 = i32.sub l0, 1
;;   0xc4  branch_if not l0 -> L3
;;   0xcb  branch_if i32.eq l0, 5 -> L2
;;   0xcd  branch L4
;; L3: join ()
;; L7: loop ()
;;   0xdd  l0 = i32.add l0, 1
;;   0xe3  branch_if not l0 -> L6
;;   0xea  branch_if i32.ne l0, 5 -> L7
;;   0xec  branch L5
;; L6: join ()
;;   0xf2  return i32 0
;; L5: join ()
;;   0xf6  return i32 1
