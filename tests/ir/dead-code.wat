;; Code that control cannot reach is validated and leaves no trace; a label is
;; bound only if something branches to it.
(module
  (func $after_branch (param $x i32) (result i32)
    (block $b (result i32)
      (br $b (local.get $x))
      (block (loop (br_if 0 (i32.const 1))))
      (if (i32.const 0) (then) (else))
      i32.add
      drop
      (i32.const 2)))
  (func $after_trap (result i32)
    unreachable
    (select (i32.const 1) (i32.const 2)))
  (func $dead_end (param $x i32) (result i32)
    (block
      (block (br 1))
      (drop (i32.const 1)))
    (loop (return (local.get $x)))
    (i32.const 3))
  (func $revived_by_else (param $x i32) (result i32)
    (if (result i32) (local.get $x)
      (then (unreachable))
      (else (i32.const 4))))
  (func $both_arms_leave (param $x i32) (result i32)
    (if (local.get $x)
      (then (return (i32.const 5)))
      (else (return (i32.const 6))))
    (i32.const 7))
  (func $no_label_needed (param $x i32) (result i32)
    (block (result i32)
      (block (result i32)
        (i32.add (local.get $x) (i32.const 1))))))

;; func 0 $after_branch (i32) -> (i32)
;; temps 1
;;   0x26  t0 = i32.copy l0
;;   0x26  branch L1
;; L1: join (i32)
;;   0x3d  return i32 t0
;;
;; func 1 $after_trap () -> (i32)
;; temps 0
;;   0x40  trap "unreachable"
;;
;; func 2 $dead_end (i32) -> (i32)
;; temps 1
;;   0x4d  branch L1
;; L1: join ()
;; L3: loop ()
;;   0x58  return i32 l0
;;
;; func 3 $revived_by_else (i32) -> (i32)
;; temps 1
;;   0x61  branch_if not l0 -> L1
;;   0x63  trap "unreachable"
;; L1: join ()
;;   0x68  return i32 4
;;
;; func 4 $both_arms_leave (i32) -> (i32)
;; temps 1
;;   0x6d  branch_if not l0 -> L1
;;   0x71  return i32 5
;; L1: join ()
;;   0x75  return i32 6
;;
;; func 5 $no_label_needed (i32) -> (i32)
;; temps 2
;;   0x84  acc = i32.add l0, 1
;;   0x87  return i32 acc
