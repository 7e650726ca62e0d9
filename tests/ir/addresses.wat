;; Additions of constants become part of loads and stores; constant addresses
;; and values are immediates where there is a form for them.
(module
  (func $loads (param $p i32) (result i32)
    (i32.load offset=8 (i32.add (local.get $p) (i32.const -4)))
    (i32.load8_u offset=1 (i32.const 1024))
    (i32.load16_s (i32.add (local.get $p) (local.get $p)))
    (i32.add)
    (i32.sub))
  (func $stores (param $p i32) (param $v i64) (param $f f64)
    (i32.store (local.get $p) (i32.const -1))
    (i64.store (local.get $p) (i64.const -1))
    (i64.store (local.get $p) (i64.const 0x80000000))
    (f64.store (local.get $p) (f64.const 1))
    (f32.store (local.get $p) (f32.const 1))
    (i32.store (i32.const 16) (i32.const 5))
    (i64.store32 offset=4 (i32.const 16) (local.get $v))
    (f64.store (i32.add (local.get $p) (i32.const 8)) (local.get $f))
    (i32.store8 (i32.add (local.get $p) (i32.const 12)) (i32.const 255))
    (f64.store (i32.add (local.get $p) (i32.const 8)) (f64.add (local.get $f) (local.get $f)))
    (f64.store (i32.add (local.get $p) (i32.const 8)) (f64.const 2))
    (i64.store (i32.const 8) (i64.load (local.get $p)))
    (i32.store (i32.load (local.get $p)) (i32.const 1)))
  (func $bulk (param $p i32)
    (memory.fill (local.get $p) (i32.const 0) (i32.const 64))
    (memory.copy (i32.add (local.get $p) (i32.const 1)) (local.get $p) (i32.const 3))
    (memory.init $d (i32.const 0) (local.get $p) (i32.const 2))
    (data.drop $d)
    (drop (memory.grow (i32.mul (memory.size) (i32.const 2)))))
  (memory 1)
  (data $d "abc"))

;; func 0 $loads (i32) -> (i32)
;; temps 4
;;   0x33  t0 = i32.load [l0 + -4] offset=8
;;   0x39  t1 = i32.load8_u [1024] offset=1
;;   0x41  acc = i32.load16_s [l0 + l0]
;;   0x44  acc = i32.add acc, t1
;;   0x45  acc = i32.sub t0, acc
;;   0x46  return i32 acc
;;
;; func 1 $stores (i32, i64, f64) -> ()
;; temps 3
;;   0x4e  i32.store [l0], -1
;;   0x55  i64.store [l0], -1
;;   0x60  acc = i64.const 2147483648
;;   0x60  i64.store [l0], acc
;;   0x6e  acc = f64.const 1.0
;;   0x6e  f64.store [l0], acc
;;   0x78  f32.store [l0], 1.0
;;   0x7f  t1 = i32.const 5
;;   0x7f  i32.store [16], t1
;;   0x86  i64.store32 [16] offset=4, l1
;;   0x90  f64.store [l0 + 8], l2
;;   0x9b  i32.store8 [l0 + 12], 255
;;   0xa2  t0 = i32.add l0, 8
;;   0xa7  acc = f64.add l2, l2
;;   0xa8  f64.store [t0], acc
;;   0xb9  t1 = f64.const 2.0
;;   0xb9  f64.store [l0 + 8], t1
;;   0xc0  t1 = i64.load [l0]
;;   0xc3  i64.store [8], t1
;;   0xc8  acc = i32.load [l0]
;;   0xcd  i32.store [acc], 1
;;   0xd0  return
;;
;; func 2 $bulk (i32) -> ()
;; temps 3
;;   0xda  t1 = i32.const 0
;;   0xda  t2 = i32.const 64
;;   0xda  memory.fill 0, l0, t1, t2
;;   0xe6  t2 = i32.const 3
;;   0xe1  t0 = i32.add l0, 1
;;   0xe6  memory.copy 0, 0, t0, l0, t2
;;   0xf0  t0 = i32.const 0
;;   0xf0  t2 = i32.const 2
;;   0xf0  memory.init 0, 0, t0, l0, t2
;;   0xf4  data.drop 0
;;   0xf7  t0 = memory.size 0
;;   0xfb  t0 = i32.mul t0, 2
;;   0xfc  t0 = memory.grow 0, t0
;;   0xff  return
