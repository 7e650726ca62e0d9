;; Vectors take two slots, and are named by the first. Their operands and results are in slots.
(module
  (memory 1)
  (memory $other 1)
  (global $g (mut v128) (v128.const i64x2 1 2))

  ;; Locals lie behind each other by their slots: l0, l2, l3.
  (func $locals (param v128 i32) (result v128) (local v128)
    (local.set 2 (i8x16.splat (local.get 1)))
    (i32x4.add (local.get 0) (local.get 2)))

  ;; A copy folds into what computes the vector.
  (func $folded (param v128 v128)
    (local.set 0 (v128.and (local.get 0) (local.get 1))))

  ;; The read of a local that comes before its write is preserved, both slots.
  (func $preserved (param v128) (result v128 v128)
    (local.get 0)
    (local.set 0 (v128.const i32x4 1 2 3 4))
    (local.get 0))

  (func $lanes (param v128 i64) (result i32)
    (i64x2.replace_lane 1 (local.get 0) (local.get 1))
    (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 31 (local.get 0))
    (i16x8.extract_lane_s 7))

  (func $memory (param i32 v128) (result v128)
    (v128.store offset=16 (local.get 0) (v128.load (i32.const 8)))
    (v128.store8_lane $other 3 (local.get 0) (local.get 1))
    (v128.load32_lane offset=4 1 (local.get 0) (v128.load8x8_u $other (local.get 0))))

  (func $globals
    (global.set $g (i8x16.shl (global.get $g) (i32.const 3))))

  ;; Of a vector and a number, and of three vectors.
  (func $select (param v128 v128 i32) (result v128)
    (v128.bitselect
      (select (result v128) (local.get 0) (local.get 1) (i32.eqz (local.get 2)))
      (local.get 1)
      (local.get 0)))

  (func $branch (param v128 i32) (result v128)
    (block $out (result v128)
      (br_if $out (local.get 0) (local.get 1))
      (v128.not)))

  (func $call (param v128) (result v128)
    (call $select (local.get 0) (f32x4.neg (local.get 0)) (v128.any_true (local.get 0)))))

;; func 0 $locals (v128, i32) -> (v128)
;; locals v128
;; temps 4
;;   0x6c  l3 = i8x16.splat l2
;;   0x74  l0 = i32x4.add l0, l3
;;   0x77  return
;;
;; func 1 $folded (v128, v128) -> ()
;; temps 4
;;   0x7e  l0 = v128.and l0, l2
;;   0x82  return
;;
;; func 2 $preserved (v128) -> (v128, v128)
;; temps 4
;;   0x99  t0 = v128.copy l0
;;   0x87  l0 = v128.const 0x200000001 0x400000003
;;   0x9d  t2 = v128.copy l0
;;   0x9d  l0 = v128.copy t0
;;   0x9d  r2 = v128.copy t2
;;   0x9d  return
;;
;; func 3 $lanes (v128, i64) -> (i32)
;; temps 4
;;   0xa4  t0 = i64x2.replace_lane 1, l0, l2
;;   0xa9  t0 = i8x16.shuffle t0, l0 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 31
;;   0xbb  t0 = i16x8.extract_lane_s 7, t0
;;   0xbe  return i32 t0
;;
;; func 4 $memory (i32, v128) -> (v128)
;; temps 3
;;   0xc5  t1 = i32.const 8
;;   0xc5  t1 = v128.load [t1]
;;   0xc9  v128.store [l0] offset=16, t1
;;   0xd1  v128.store8_lane 3, [l0] memory=1, l1
;;   0xdb  t1 = v128.load8x8_u [l0] memory=1
;;   0xe0  l0 = v128.load32_lane 1, [l0] offset=4, t1
;;   0xe5  return
;;
;; func 5 $globals () -> ()
;; temps 3
;;   0xec  t2 = i32.const 3
;;   0xe8  t0 = v128.global.get 0
;;   0xec  t0 = i8x16.shl t0, t2
;;   0xee  v128.global.set 0, t0
;;   0xf0  return
;;
;; func 6 $select (v128, v128, i32) -> (v128)
;; temps 6
;;   0xf9  acc = i32.eqz l4
;;   0xfa  t0 = v128.select acc, l0, l2
;;   0x101  l0 = v128.bitselect t0, l2, l0
;;   0x103  return
;;
;; func 7 $branch (v128, i32) -> (v128)
;; temps 3
;;   0x10c  branch_if not l2 -> L2
;;   0x10c  t0 = v128.copy l0
;;   0x10c  branch L1
;; L2: skip (v128)
;;   0x10e  t0 = v128.not l0
;; L1: join (v128)
;;   0x111  l0 = v128.copy t0
;;   0x111  return
;;
;; func 8 $call (v128) -> (v128)
;; temps 6
;;   0x118  t2 = f32x4.neg l0
;;   0x11f  t0 = v128.copy l0
;;   0x11d  t4 = v128.any_true l0
;;   0x11f  call 6 base=t0 link=t5
;;   0x121  l0 = v128.copy t0
;;   0x121  return
