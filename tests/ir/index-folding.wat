;; A load absorbs the addition of two variables that computes its address. A store does not, nor does a load from another
;; memory, or one whose address lives on.
(module
  (memory $m 1)
  (memory $other 1)
  (func $element (param $array i32) (param $i i32) (result f64)
    (f64.load offset=8 (i32.add (i32.shl (local.get $i) (i32.const 3)) (local.get $array))))
  (func $two_slots (param $array i32) (param $i i32) (result i32)
    (i32.load8_u (i32.add (local.get $array) (local.get $i))))
  (func $right (param $array i32) (param $i i32) (result i32)
    (i32.load (i32.add (local.get $array) (i32.mul (local.get $i) (local.get $i)))))
  (func $subtraction (param $array i32) (param $i i32) (result i32)
    (i32.load (i32.sub (local.get $array) (local.get $i))))
  (func $lives_on (param $array i32) (param $i i32) (result i32)
    (i32.load (local.tee $i (i32.add (local.get $array) (local.get $i)))))
  (func $others (param $array i32) (param $i i32)
    (i32.store (i32.add (local.get $array) (local.get $i)) (local.get $i))
    (drop (i32.load $other (i32.add (local.get $array) (local.get $i))))))

;; func 0 $element (i32, i32) -> (f64)
;; temps 2
;;   0x35  acc = i32.shl l1, 3
;;   0x39  acc = f64.load [acc + l0] offset=8
;;   0x3c  return f64 acc
;;
;; func 1 $two_slots (i32, i32) -> (i32)
;; temps 2
;;   0x44  acc = i32.load8_u [l0 + l1]
;;   0x47  return i32 acc
;;
;; func 2 $right (i32, i32) -> (i32)
;; temps 3
;;   0x50  acc = i32.mul l1, l1
;;   0x52  acc = i32.load [acc + l0]
;;   0x55  return i32 acc
;;
;; func 3 $subtraction (i32, i32) -> (i32)
;; temps 2
;;   0x5c  acc = i32.sub l0, l1
;;   0x5d  acc = i32.load [acc]
;;   0x60  return i32 acc
;;
;; func 4 $lives_on (i32, i32) -> (i32)
;; temps 2
;;   0x67  l1 = i32.add l0, l1
;;   0x6a  acc = i32.load [l1]
;;   0x6d  return i32 acc
;;
;; func 5 $others (i32, i32) -> ()
;; temps 2
;;   0x74  acc = i32.add l0, l1
;;   0x77  i32.store [acc], l1
;;   0x7e  t0 = i32.add l0, l1
;;   0x7f  t0 = i32.load [t0] memory=1
;;   0x84  return
