;; More than four values move in one piece, from their homes, to which they are brought once.
(module
  (type $six (func (result i32 i64 f32 i32 i32 i32)))
  (type $seven (func (param i32) (result i32 i64 f32 i32 i32 i32)))
  (func $in_place (param $x i32) (result i32)
    (block $b (type $six)
      (i32.const 1) (i64.const 2) (f32.const 3) (local.get $x) (i32.const 5) (i32.clz (local.get $x))
      (br_if $b (i32.eq (local.get $x) (i32.const 3)))
      (br_if $b (i32.eq (local.get $x) (i32.const 4))))
    (drop) (drop) (drop) (drop) (drop))
  (func $moved (param $x i32) (result i32)
    (block $b (type $six)
      (i32.const 0)
      (i32.const 1) (i64.const 2) (f32.const 3) (local.get $x) (i32.const 5) (i32.clz (local.get $x))
      (br_if $b (i32.eq (local.get $x) (i32.const 3)))
      (br_if $b (i32.eq (local.get $x) (i32.const 4)))
      (br $b))
    (drop) (drop) (drop) (drop) (drop))
  (func $some_pending (param $x i32) (result i32)
    (block $b (type $six)
      (i32.const 0)
      (block $c (type $six)
        (i32.const 1) (i64.const 2) (f32.const 3) (i32.const 4) (i32.const 5)
        (block)
        (i32.const 6)
        (br $b))
      (br $b))
    (drop) (drop) (drop) (drop) (drop))
  (func $table (param $x i32) (result i32)
    (block $b (type $six)
      (i32.const 0)
      (block $c (type $six)
        (i32.const 1) (i64.const 2) (f32.const 3) (i32.const 4) (i32.const 5) (local.get $x)
        (br_table $c $b (local.get $x)))
      (br_if $b (local.get $x))
      (local.set $x)
      (drop) (drop) (drop) (drop) (drop) (drop)
      (i32.const 1) (i64.const 2) (f32.const 3) (i32.const 4) (i32.const 5) (i32.const 6))
    (drop) (drop) (drop) (drop) (drop))
  (func $return_if (param $x i32) (result i32 i64 f32 i32 i32 i32)
    (i32.const 1) (i64.const 2) (f32.const 3) (i32.const 4) (local.get $x) (local.get $x)
    (br_if 0 (local.get $x)))
  (func $loop (param $x i32) (result i32 i64 f32 i32 i32 i32)
    (i32.const 9)
    (call $return_if (local.get $x))
    (loop $l (param i32 i64 f32 i32 i32 i32) (result i32 i64 f32 i32 i32 i32)
      (br_if $l (i32.eqz (local.get $x))))
    (return)))

;; func 0 $in_place (i32) -> (i32)
;; temps 8
;;   0x52  t5 = i32.clz l0
;;   0x58  t0 = i32.const 1
;;   0x58  t1 = i64.const 2
;;   0x58  t2 = f32.const 3.0
;;   0x58  t3 = i32.copy l0
;;   0x58  t4 = i32.const 5
;;   0x58  branch_if i32.eq l0, 3 -> L1
;;   0x5f  branch_if i32.eq l0, 4 -> L1
;; L1: join (i32, i64, f32, i32, i32, i32)
;;   0x67  return i32 t0
;;
;; func 1 $moved (i32) -> (i32)
;; temps 9
;;   0x7d  t6 = i32.clz l0
;;   0x83  t0 = i32.const 0
;;   0x83  t1 = i32.const 1
;;   0x83  t2 = i64.const 2
;;   0x83  t3 = f32.const 3.0
;;   0x83  t4 = i32.copy l0
;;   0x83  t5 = i32.const 5
;;   0x83  branch_if i32.ne l0, 3 -> L2
;;   0x83  copy_slots dst=t0 src=t1 count=6
;;   0x83  branch L1
;; L2: skip (i32, i32, i64, f32, i32, i32, i32)
;;   0x8a  branch_if i32.ne l0, 4 -> L3
;;   0x8a  copy_slots dst=t0 src=t1 count=6
;;   0x8a  branch L1
;; L3: skip (i32, i32, i64, f32, i32, i32, i32)
;;   0x8c  copy_slots dst=t0 src=t1 count=6
;;   0x8c  branch L1
;; L1: join (i32, i64, f32, i32, i32, i32)
;;   0x94  return i32 t0
;;
;; func 2 $some_pending (i32) -> (i32)
;; temps 7
;;   0x9b  t0 = i32.const 0
;;   0xaa  t1 = i32.const 1
;;   0xaa  t2 = i64.const 2
;;   0xaa  t3 = f32.const 3.0
;;   0xaa  t4 = i32.const 4
;;   0xaa  t5 = i32.const 5
;;   0xaf  copy_slots dst=t0 src=t1 count=5
;;   0xaf  t5 = i32.const 6
;;   0xaf  branch L1
;; L1: join (i32, i64, f32, i32, i32, i32)
;;   0xba  return i32 t0
;;
;; func 3 $table (i32) -> (i32)
;; temps 8
;;   0xc1  t0 = i32.const 0
;;   0xd4  t1 = i32.const 1
;;   0xd4  t2 = i64.const 2
;;   0xd4  t3 = f32.const 3.0
;;   0xd4  t4 = i32.const 4
;;   0xd4  t5 = i32.const 5
;;   0xd4  t6 = i32.copy l0
;;   0xd4  branch_table l0 -> L2 L3
;; L3: skip (i32, i32, i64, f32, i32, i32, i32)
;;   0xd4  copy_slots dst=t0 src=t1 count=6
;;   0xd4  branch L1
;; L2: join (i32, i32, i64, f32, i32, i32, i32)
;;   0xdb  branch_if not l0 -> L4
;;   0xdb  copy_slots dst=t0 src=t1 count=6
;;   0xdb  branch L1
;; L4: skip (i32, i32, i64, f32, i32, i32, i32)
;;   0xdd  l0 = i32.copy t6
;;   0xf4  t0 = i32.const 1
;;   0xf4  t1 = i64.const 2
;;   0xf4  t2 = f32.const 3.0
;;   0xf4  t3 = i32.const 4
;;   0xf4  t4 = i32.const 5
;;   0xf4  t5 = i32.const 6
;; L1: join (i32, i64, f32, i32, i32, i32)
;;   0xfa  return i32 t0
;;
;; func 4 $return_if (i32) -> (i32, i64, f32, i32, i32, i32)
;; temps 7
;;   0x10e  t0 = i32.const 1
;;   0x10e  t1 = i64.const 2
;;   0x10e  t2 = f32.const 3.0
;;   0x10e  t3 = i32.const 4
;;   0x10e  t4 = i32.copy l0
;;   0x10e  t5 = i32.copy l0
;;   0x10e  branch_if not l0 -> L1
;;   0x10e  copy_slots dst=l0 src=t0 count=6
;;   0x10e  return
;; L1: skip (i32, i64, f32, i32, i32, i32)
;;   0x110  copy_slots dst=l0 src=t0 count=6
;;   0x110  return
;;
;; func 5 $loop (i32) -> (i32, i64, f32, i32, i32, i32)
;; temps 8
;;   0x117  t1 = i32.copy l0
;;   0x117  call 4 base=t1 link=t7
;;   0x119  t0 = i32.const 9
;; L1: loop (i32, i32, i64, f32, i32, i32, i32)
;;   0x11e  branch_if not l0 -> L1
;;   0x121  copy_slots dst=l0 src=t1 count=6
;;   0x121  return
