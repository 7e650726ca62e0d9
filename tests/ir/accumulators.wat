;; A temporary that the next instruction consumes stays in an accumulator; an
;; operation with a swapped form takes it on the left.
(module
  (func $chain (param $a i32) (param $b i32) (result i32)
    (i32.xor
      (local.get $b)
      (i32.add (i32.const 3) (i32.mul (local.get $a) (local.get $b)))))
  (func $right (param $a i64) (param $b i64) (result i64)
    (i64.sub (local.get $a) (i64.mul (local.get $b) (local.get $b))))
  (func $constant_left (param $a i32) (result i32)
    (i32.shl (i32.const 1) (i32.and (local.get $a) (i32.const 31))))
  (func $two_temporaries (param $a f64) (result f64)
    (f64.div (f64.sqrt (local.get $a)) (f64.neg (local.get $a))))
  (func $compare_swaps (param $a f32) (result i32)
    (f32.lt (local.get $a) (f32.abs (local.get $a))))
  (func $large (param $a i64) (result i64)
    (i64.add (local.get $a) (i64.const 0x100000000)))
  (func $select (param $a i32) (param $b f32) (result f32)
    (select (f32.const 1) (local.get $b) (i32.gt_s (local.get $a) (i32.const 0))))
  (func $through_globals (result i32)
    (global.set $g (i32.add (global.get $g) (i32.const 1)))
    (i32.popcnt (global.get $g)))
  (func $null (param $r externref) (result i32)
    (i32.eqz (ref.is_null (local.get $r))))
  (global $g (mut i32) (i32.const 0)))

;; func 0 $chain (i32, i32) -> (i32)
;; temps 4
;;   0x5b  acc = i32.mul l0, l1
;;   0x5c  acc = i32.add acc, 3
;;   0x5d  acc = i32.xor acc, l1
;;   0x5e  return i32 acc
;;
;; func 1 $right (i64, i64) -> (i64)
;; temps 3
;;   0x67  acc = i64.mul l1, l1
;;   0x68  acc = i64.sub l0, acc
;;   0x69  return i64 acc
;;
;; func 2 $constant_left (i32) -> (i32)
;; temps 3
;;   0x72  acc = i32.and l0, 31
;;   0x73  acc = i32.shl 1, acc
;;   0x74  return i32 acc
;;
;; func 3 $two_temporaries (f64) -> (f64)
;; temps 2
;;   0x79  t0 = f64.sqrt l0
;;   0x7c  acc = f64.neg l0
;;   0x7d  acc = f64.div t0, acc
;;   0x7e  return f64 acc
;;
;; func 4 $compare_swaps (f32) -> (i32)
;; temps 2
;;   0x85  acc = f32.abs l0
;;   0x86  acc = f32.gt acc, l0
;;   0x87  return i32 acc
;;
;; func 5 $large (i64) -> (i64)
;; temps 2
;;   0x92  acc = i64.const 4294967296
;;   0x92  acc = i64.add acc, l0
;;   0x93  return i64 acc
;;
;; func 6 $select (i32, f32) -> (f32)
;; temps 4
;;   0xa2  t0 = f32.const 1.0
;;   0xa1  acc = i32.gt_s l0, 0
;;   0xa2  t0 = f32.select acc, t0, l1
;;   0xa3  return f32 t0
;;
;; func 7 $through_globals () -> (i32)
;; temps 2
;;   0xa6  acc = i32.global.get 0
;;   0xaa  acc = i32.add acc, 1
;;   0xab  i32.global.set 0, acc
;;   0xad  acc = i32.global.get 0
;;   0xaf  acc = i32.popcnt acc
;;   0xb0  return i32 acc
;;
;; func 8 $null (externref) -> (i32)
;; temps 1
;;   0xb5  acc = ref.is_null l0
;;   0xb6  acc = i32.eqz acc
;;   0xb7  return i32 acc
