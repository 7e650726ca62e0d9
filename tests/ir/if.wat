;; `if`: what is pending goes home before the branch; without an else, the
;; parameters are the results.
(module
  (func $without_else (param $x i32) (result i32)
    (if (i32.lt_s (local.get $x) (i32.const 0))
      (then (local.set $x (i32.sub (i32.const 0) (local.get $x)))))
    (local.get $x))
  (func $params_are_results (param $x i32) (result i32)
    (i32.const 8)
    (if (param i32) (result i32) (local.get $x)
      (then (local.get $x) (i32.add))))
  (func $both (param $x i32) (result i32)
    (local.get $x)
    (if (result i32) (i32.eqz (local.get $x))
      (then (i32.const 1))
      (else (local.get $x)))
    (i32.xor))
  (func $branch_out (param $x i32)
    (if $i (local.get $x)
      (then
        (br_if $i (i64.eqz (i64.extend_i32_u (local.get $x))))
        (local.set $x (i32.const 3))))))

;; func 0 $without_else (i32) -> (i32)
;; temps 2
;;   0x25  branch_if i32.ge_s l0, 0 -> L1
;;   0x2b  l0 = i32.sub 0, l0
;; L1: join ()
;;   0x31  return i32 l0
;;
;; func 1 $params_are_results (i32) -> (i32)
;; temps 2
;;   0x38  t0 = i32.const 8
;;   0x38  branch_if not l0 -> L1
;;   0x3c  t0 = i32.add t0, l0
;; L1: join (i32)
;;   0x3e  return i32 t0
;;
;; func 2 $both (i32) -> (i32)
;; temps 2
;;   0x46  t0 = i32.copy l0
;;   0x46  branch_if l0 -> L1
;;   0x4a  t1 = i32.const 1
;;   0x4a  branch L2
;; L1: join (i32)
;;   0x4d  t1 = i32.copy l0
;; L2: join (i32, i32)
;;   0x4e  acc = i32.xor t0, t1
;;   0x4f  return i32 acc
;;
;; func 3 $branch_out (i32) -> ()
;; temps 1
;;   0x54  branch_if not l0 -> L1
;;   0x58  acc = i64.extend_i32_u l0
;;   0x5a  branch_if i64.eq acc, 0 -> L2
;;   0x5e  l0 = i32.const 3
;; L1: join ()
;; L2: join ()
;;   0x61  return
