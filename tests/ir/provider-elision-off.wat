;; off: provider-elision
;; Everything is a temporary; the other optimisations work on those.
(module
  (func $sum (param $p i32) (param $n i32) (result i32) (local $sum i32)
    (loop $again
      (local.set $sum (i32.add (local.get $sum) (i32.load (local.get $p))))
      (local.set $p (i32.add (local.get $p) (i32.const 4)))
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum))
  (memory 1))

;; func 0 $sum (i32, i32) -> (i32)
;; locals i32
;; temps 2
;; L1: loop ()
;;   0x23  t0 = i32.copy l2
;;   0x25  t1 = i32.copy l0
;;   0x27  acc = i32.load [t1]
;;   0x2a  l2 = i32.add acc, t0
;;   0x2d  t0 = i32.copy l0
;;   0x2f  acc = i32.const 4
;;   0x31  l0 = i32.add acc, t0
;;   0x34  t0 = i32.copy l1
;;   0x36  acc = i32.const 1
;;   0x38  t0 = i32.sub t0, acc
;;   0x39  l1 = i32.copy t0
;;   0x3b  branch_if t0 -> L1
;;   0x3e  t0 = i32.copy l2
;;   0x40  return i32 t0
