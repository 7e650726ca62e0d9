;; switches: naive
;; With everything off: plain register code.
(module
  (func $sum (param $p i32) (param $n i32) (result i32) (local $sum i32)
    (block $done
      (loop $again
        (br_if $done (i32.eqz (local.get $n)))
        (local.set $sum (i32.add (local.get $sum) (i32.load (i32.add (local.get $p) (i32.const 4)))))
        (local.set $p (i32.add (local.get $p) (i32.const 4)))
        (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
    (local.get $sum))
  (func $branch_values (param $x i32) (result i32)
    (block $b (result i32)
      (i32.const 1)
      (i32.mul (local.get $x) (i32.const 2))
      (br_if $b (local.get $x))
      (i32.add)))
  (memory 1))

;; func 0 $sum (i32, i32) -> (i32)
;; locals i32
;; temps 3
;; L2: loop ()
;;   0x2b  t0 = i32.copy l1
;;   0x2d  t0 = i32.eqz t0
;;   0x2e  branch_if t0 -> L1
;;   0x30  t0 = i32.copy l2
;;   0x32  t1 = i32.copy l0
;;   0x34  t2 = i32.const 4
;;   0x36  t1 = i32.add t1, t2
;;   0x37  t1 = i32.load [t1]
;;   0x3a  t0 = i32.add t0, t1
;;   0x3b  l2 = i32.copy t0
;;   0x3d  t0 = i32.copy l0
;;   0x3f  t1 = i32.const 4
;;   0x41  t0 = i32.add t0, t1
;;   0x42  l0 = i32.copy t0
;;   0x44  t0 = i32.copy l1
;;   0x46  t1 = i32.const 1
;;   0x48  t0 = i32.sub t0, t1
;;   0x49  l1 = i32.copy t0
;;   0x4b  branch_if t0 -> L2
;; L1: join ()
;;   0x4f  t0 = i32.copy l2
;;   0x51  return i32 t0
;;
;; func 1 $branch_values (i32) -> (i32)
;; temps 3
;;   0x56  t0 = i32.const 1
;;   0x58  t1 = i32.copy l0
;;   0x5a  t2 = i32.const 2
;;   0x5c  t1 = i32.mul t1, t2
;;   0x5d  t2 = i32.copy l0
;;   0x5f  branch_if not t2 -> L2
;;   0x5f  t0 = i32.copy t1
;;   0x5f  branch L1
;; L2: skip (i32, i32)
;;   0x61  t0 = i32.add t0, t1
;; L1: join (i32)
;;   0x63  return i32 t0
