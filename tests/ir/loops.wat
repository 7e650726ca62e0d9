;; Loops with parameters, branches back with and without moves.
(module
  (func $count (param $n i32) (result i32) (local $i i32)
    (loop $again
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_s (local.get $i) (local.get $n))))
    (local.get $i))
  (func $factorial (param $n i64) (result i64)
    i64.const 1
    local.get $n
    (loop $again (param i64 i64) (result i64)
      local.set $n
      local.get $n
      i64.mul
      local.get $n
      i64.const 1
      i64.sub
      local.tee $n
      local.get $n
      i64.eqz
      i32.eqz
      br_if $again
      drop))
  (func $rotate (param $a i32) (param $b i32) (result i32)
    local.get $a
    local.get $b
    (loop $again (param i32 i32) (result i32)
      local.set $b
      local.set $a
      local.get $b
      local.get $a
      (br_if $again (i32.and (local.get $a) (i32.const 1)))
      i32.sub))
  (func $never_left
    (loop $again (br $again))))

;; func 0 $count (i32) -> (i32)
;; locals i32
;; temps 2
;; L1: loop ()
;;   0x38  l1 = i32.add l1, 1
;;   0x40  branch_if i32.lt_s l1, l0 -> L1
;;   0x45  return i32 l1
;;
;; func 1 $factorial (i64) -> (i64)
;; temps 3
;;   0x4c  t0 = i64.const 1
;;   0x4c  t1 = i64.copy l0
;; L1: loop (i64, i64)
;;   0x4e  l0 = i64.copy t1
;;   0x52  t0 = i64.mul t0, l0
;;   0x57  l0 = i64.sub l0, 1
;;   0x5e  branch_if i64.eq l0, 0 -> L2
;;   0x5e  t1 = i64.copy l0
;;   0x5e  branch L1
;; L2: skip (i64, i64)
;;   0x62  return i64 t0
;;
;; func 2 $rotate (i32, i32) -> (i32)
;; temps 4
;;   0x69  t0 = i32.copy l0
;;   0x69  t1 = i32.copy l1
;; L1: loop (i32, i32)
;;   0x6b  l1 = i32.copy t1
;;   0x6d  l0 = i32.copy t0
;;   0x77  acc = i32.and l0, 1
;;   0x78  branch_if not acc -> L2
;;   0x78  t0 = i32.copy l1
;;   0x78  t1 = i32.copy l0
;;   0x78  branch L1
;; L2: skip (i32, i32)
;;   0x7a  acc = i32.sub l1, l0
;;   0x7c  return i32 acc
;;
;; func 3 $never_left () -> ()
;; temps 0
;; L1: loop ()
;;   0x81  branch L1
