;; Wide arithmetic takes its operands from slots, wherever they are, and leaves the result in two slots next to each other.
(module
  (func $locals (param i64 i64 i64 i64) (result i64 i64)
    (i64.add128 (local.get 0) (local.get 1) (local.get 2) (local.get 3)))

  ;; Constants are brought to their homes; the result of an operation before is in its own.
  (func $mixed (param i64) (result i64)
    (i64.sub128 (i64.const 5) (i64.const 0) (i64.mul (local.get 0) (i64.const 3)) (i64.const 0))
    drop)

  ;; The upper half goes to a local by a copy, and so does the lower one.
  (func $stored (param i64 i64)
    (i64.mul_wide_u (local.get 0) (local.get 1))
    (local.set 1)
    (local.set 0))

  (func $signed (param i64 i64) (result i64)
    (i64.add (i64.mul_wide_s (local.get 0) (local.get 1)))))

;; func 0 $locals (i64, i64, i64, i64) -> (i64, i64)
;; temps 4
;;   0x38  t0 = i64.add128 l0, l1, l2, l3
;;   0x3a  l0 = i64.copy t0
;;   0x3a  l1 = i64.copy t1
;;   0x3a  return
;;
;; func 1 $mixed (i64) -> (i64)
;; temps 4
;;   0x48  t0 = i64.const 5
;;   0x48  t1 = i64.const 0
;;   0x48  t3 = i64.const 0
;;   0x45  t2 = i64.mul l0, 3
;;   0x48  t0 = i64.sub128 t0, t1, t2, t3
;;   0x4b  return i64 t0
;;
;; func 2 $stored (i64, i64) -> ()
;; temps 2
;;   0x52  t0 = i64.mul_wide_u l0, l1
;;   0x54  l1 = i64.copy t1
;;   0x56  l0 = i64.copy t0
;;   0x58  return
;;
;; func 3 $signed (i64, i64) -> (i64)
;; temps 2
;;   0x5f  t0 = i64.mul_wide_s l0, l1
;;   0x61  acc = i64.add t0, t1
;;   0x62  return i64 acc
