;; The values of a br_if are still there if the branch is not taken.
(module
  (func $in_place (param $x i32) (result i32)
    (block $b (result i32)
      (i32.load (local.get $x))
      (br_if $b (i32.eq (local.get $x) (i32.const 3)))
      (i32.const 1)
      (i32.add)))
  (func $moved (param $x i32) (result i32)
    (block $b (result i32)
      (i32.const 11)
      (i32.load (local.get $x))
      (br_if $b (i32.load (local.get $x)))
      (i32.add)))
  (func $local (param $x i32) (result i32)
    (block $b (result i32)
      (local.get $x)
      (br_if $b (local.get $x))
      (drop)
      (i32.const 2)))
  (func $pair (param $x i32) (param $y i64) (result i64)
    (block $b (result i32 i64)
      (f32.const 1)
      (i32.clz (local.get $x))
      (i64.clz (local.get $y))
      (br_if $b (i32.lt_u (local.get $x) (i32.const 100000)))
      (local.set $y)
      (local.set $x)
      (drop)
      (local.get $x)
      (local.get $y))
    (local.set $y)
    (drop)
    (local.get $y))
  (func $return_if (param $x i32) (result i32)
    (i32.load (local.get $x))
    (br_if 0 (local.get $x))
    (i32.eqz))
  (memory 1))

;; func 0 $in_place (i32) -> (i32)
;; temps 3
;;   0x31  t0 = i32.load [l0]
;;   0x39  branch_if i32.eq l0, 3 -> L1
;;   0x3d  t0 = i32.add t0, 1
;; L1: join (i32)
;;   0x3f  return i32 t0
;;
;; func 1 $moved (i32) -> (i32)
;; temps 3
;;   0x48  t1 = i32.load [l0]
;;   0x4d  acc = i32.load [l0]
;;   0x50  branch_if not acc -> L2
;;   0x50  t0 = i32.copy t1
;;   0x50  branch L1
;; L2: skip (i32, i32)
;;   0x52  t0 = i32.add t1, 11
;; L1: join (i32)
;;   0x54  return i32 t0
;;
;; func 2 $local (i32) -> (i32)
;; temps 2
;;   0x5d  branch_if not l0 -> L2
;;   0x5d  t0 = i32.copy l0
;;   0x5d  branch L1
;; L2: skip (i32)
;;   0x62  t0 = i32.const 2
;; L1: join (i32)
;;   0x63  return i32 t0
;;
;; func 3 $pair (i32, i64) -> (i64)
;; temps 5
;;   0x6f  t1 = i32.clz l0
;;   0x72  t2 = i64.clz l1
;;   0x79  acc = i32.lt_u l0, 100000
;;   0x7a  branch_if not acc -> L2
;;   0x7a  t0 = i32.copy t1
;;   0x7a  t1 = i64.copy t2
;;   0x7a  branch L1
;; L2: skip (f32, i32, i64)
;;   0x7c  l1 = i64.copy t2
;;   0x7e  l0 = i32.copy t1
;;   0x85  t0 = i32.copy l0
;;   0x85  t1 = i64.copy l1
;; L1: join (i32, i64)
;;   0x86  l1 = i64.copy t1
;;   0x8b  return i64 l1
;;
;; func 4 $return_if (i32) -> (i32)
;; temps 2
;;   0x90  t0 = i32.load [l0]
;;   0x95  branch_if not l0 -> L1
;;   0x95  return i32 t0
;; L1: skip (i32)
;;   0x97  acc = i32.eqz t0
;;   0x98  return i32 acc
