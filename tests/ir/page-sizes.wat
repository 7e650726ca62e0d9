;; Accesses to a memory whose pages have one byte take the general forms, which check bounds: the address is in a slot.

(module
  (memory 5 (pagesize 1))
  (func $constant (result i32) (i32.load (i32.const 1)))
  (func $sum (param i32) (result i32) (i32.load8_u offset=2 (i32.add (local.get 0) (i32.const 8))))
  (func $size (result i32) (memory.grow (memory.size))))

;; func 0 $constant () -> (i32)
;; temps 1
;;   0x27  t0 = i32.const 1
;;   0x27  acc = i32.load [t0]
;;   0x2a  return i32 acc
;;
;; func 1 $sum (i32) -> (i32)
;; temps 2
;;   0x31  t0 = i32.add l0, 8
;;   0x32  acc = i32.load8_u [t0] offset=2
;;   0x35  return i32 acc
;;
;; func 2 $size () -> (i32)
;; temps 1
;;   0x38  t0 = memory.size 0
;;   0x3a  t0 = memory.grow 0, t0
;;   0x3c  return i32 t0
