;; on: fuel, epoch
;; Fuel is charged at the end of each straight line, before what ends it.
(module
  (func $loop (param $n i32) (result i32) (local $sum i32)
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (local.get $n)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
  (func $if (param $x i32) (result i32)
    (nop)
    (if (result i32) (i32.gt_s (local.get $x) (i32.const 1))
      (then (call $if (i32.div_u (local.get $x) (local.get $x))))
      (else (drop (i32.const 1)) (unreachable))))
  (func $free (block (loop (nop)))))

;; func 0 $loop (i32) -> (i32)
;; locals i32
;; temps 2
;;   0x20  epoch
;; L1: loop ()
;;   0x20  epoch
;;   0x26  l1 = i32.add l1, l0
;;   0x2d  l0 = i32.sub l0, 1
;;   0x30  fuel 9
;;   0x30  branch_if l0 -> L1
;;   0x35  fuel 1
;;   0x35  return i32 l1
;;
;; func 1 $if (i32) -> (i32)
;; temps 2
;;   0x38  epoch
;;   0x3e  fuel 4
;;   0x3e  branch_if i32.le_s l0, 1 -> L1
;;   0x44  t0 = i32.div_u l0, l0
;;   0x45  fuel 4
;;   0x45  call 1 base=t0 link=t1
;;   0x47  branch L2
;; L1: join ()
;;   0x4b  fuel 1
;;   0x4b  trap "unreachable"
;; L2: join (i32)
;;   0x4d  return i32 t0
;;
;; func 2 $free () -> ()
;; temps 0
;;   0x50  epoch
;; L2: loop ()
;;   0x52  epoch
;;   0x57  return
