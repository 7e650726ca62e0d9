;; Returns: several values move in parallel into the first slots of the frame.
(module
  (func $swap (param $a i32) (param $b i32) (result i32 i32)
    (local.get $b) (local.get $a))
  (func $rotate (param $a i32) (param $b i64) (param $c f32) (result f32 i32 i64)
    (local.get $c) (local.get $a) (local.get $b))
  (func $same (param $a i32) (param $b i32) (result i32 i32)
    (local.get $a) (local.get $b))
  (func $computed (param $a i32) (param $b i32) (result i32 i32)
    (i32.add (local.get $a) (local.get $b))
    (i32.sub (local.get $a) (local.get $b)))
  (func $more_than_params (param $a i32) (result i32 i64 i32)
    (i32.const 1) (i64.const 2) (local.get $a))
  (func $early (param $a i32) (param $b i32) (result i32 i32)
    (local.get $b)
    (local.get $a)
    (br_if 0 (i32.gt_u (local.get $a) (local.get $b)))
    (return))
  (func $constant (result f64) (f64.const nan:0x4000000000001))
  (func $fused (param $a i32) (result i32)
    (i32.mul (local.get $a) (local.get $a)))
  (func $nothing))

;; func 0 $swap (i32, i32) -> (i32, i32)
;; temps 2
;;   0x43  t1 = i32.copy l0
;;   0x43  l0 = i32.copy l1
;;   0x43  l1 = i32.copy t1
;;   0x43  return
;;
;; func 1 $rotate (i32, i64, f32) -> (f32, i32, i64)
;; temps 3
;;   0x4c  t1 = i32.copy l0
;;   0x4c  t2 = i64.copy l1
;;   0x4c  l0 = f32.copy l2
;;   0x4c  l1 = i32.copy t1
;;   0x4c  l2 = i64.copy t2
;;   0x4c  return
;;
;; func 2 $same (i32, i32) -> (i32, i32)
;; temps 2
;;   0x53  return
;;
;; func 3 $computed (i32, i32) -> (i32, i32)
;; temps 3
;;   0x5a  t0 = i32.add l0, l1
;;   0x5f  t1 = i32.sub l0, l1
;;   0x60  l0 = i32.copy t0
;;   0x60  l1 = i32.copy t1
;;   0x60  return
;;
;; func 4 $more_than_params (i32) -> (i32, i64, i32)
;; temps 3
;;   0x69  t2 = i32.copy l0
;;   0x69  l0 = i32.const 1
;;   0x69  r1 = i64.const 2
;;   0x69  r2 = i32.copy t2
;;   0x69  return
;;
;; func 5 $early (i32, i32) -> (i32, i32)
;; temps 4
;;   0x75  branch_if i32.le_u l0, l1 -> L1
;;   0x75  t1 = i32.copy l0
;;   0x75  l0 = i32.copy l1
;;   0x75  l1 = i32.copy t1
;;   0x75  return
;; L1: skip (i32, i32)
;;   0x77  t1 = i32.copy l0
;;   0x77  l0 = i32.copy l1
;;   0x77  l1 = i32.copy t1
;;   0x77  return
;;
;; func 6 $constant () -> (f64)
;; temps 1
;;   0x84  return f64 nan:0x7ff4000000000001
;;
;; func 7 $fused (i32) -> (i32)
;; temps 2
;;   0x8b  acc = i32.mul l0, l0
;;   0x8c  return i32 acc
;;
;; func 8 $nothing () -> ()
;; temps 0
;;   0x8f  return
