;; Provider elision: consumers read locals and constants in place; results that
;; go to a local are computed there.
(module
  (func $lerp (param $a i32) (param $b i32) (param $t i32) (result i32)
    (i32.add
      (i32.mul (local.get $a) (i32.sub (i32.const 256) (local.get $t)))
      (i32.mul (local.get $b) (local.get $t))))
  (func $set (param $x i64) (local $y i64)
    (local.set $y (i64.add (local.get $x) (i64.const 1)))
    (local.set $x (local.get $y))
    (local.set $y (i64.const 0x123456789))
    (local.set $x (local.get $x)))
  (func $tee (param $x f64) (result f64) (local $y f64)
    (f64.mul
      (local.tee $y (f64.add (local.get $x) (f64.const 0.5)))
      (local.get $y)))
  (func $tee_constant (param $x i32) (result i32)
    (i32.add (local.tee $x (i32.const 7)) (local.get $x)))
  (func $dropped (param $x i32)
    (drop (local.get $x))
    (drop (i32.const 1))
    (drop (i32.clz (local.get $x)))))

;; func 0 $lerp (i32, i32, i32) -> (i32)
;; temps 3
;;   0x38  acc = i32.sub 256, l2
;;   0x39  t0 = i32.mul acc, l0
;;   0x3e  acc = i32.mul l1, l2
;;   0x3f  acc = i32.add acc, t0
;;   0x40  return i32 acc
;;
;; func 1 $set (i64) -> ()
;; locals i64
;; temps 2
;;   0x49  l1 = i64.add l0, 1
;;   0x4e  l0 = i64.copy l1
;;   0x56  l1 = i64.const 4886718345
;;   0x5c  return
;;
;; func 2 $tee (f64) -> (f64)
;; locals f64
;; temps 2
;;   0x6c  l1 = f64.add l0, 0.5
;;   0x71  acc = f64.mul l1, l1
;;   0x72  return f64 acc
;;
;; func 3 $tee_constant (i32) -> (i32)
;; temps 2
;;   0x77  l0 = i32.const 7
;;   0x7b  acc = i32.add l0, 7
;;   0x7c  return i32 acc
;;
;; func 4 $dropped (i32) -> ()
;; temps 1
;;   0x87  t0 = i32.clz l0
;;   0x89  return
