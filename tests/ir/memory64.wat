;; Other memories than a 32-bit memory 0 take plain slots.
(module
  (func $wide (param $p i64) (param $v i32)
    (i32.store offset=0x100000000 (local.get $p) (i32.const 1))
    (i32.store (i64.add (local.get $p) (i64.const 8)) (i32.load (i64.const 16)))
    (drop (memory.grow (i64.const 1)))
    (local.set $p (memory.size)))
  (func $second (param $p i32)
    (i64.store $m (i32.add (local.get $p) (i32.const 4)) (i64.load $m offset=8 (local.get $p)))
    (memory.copy 0 $m (i64.const 7) (local.get $p) (i32.const 9))
    (memory.fill $m (local.get $p) (local.get $p) (memory.size $m)))
  (memory i64 1)
  (memory $m 1))

;; func 0 $wide (i64, i32) -> ()
;; temps 2
;;   0x29  t1 = i32.const 1
;;   0x29  i32.store [l0] offset=4294967296, t1
;;   0x37  t1 = i64.const 16
;;   0x34  t0 = i64.add l0, 8
;;   0x37  t1 = i32.load [t1]
;;   0x3a  i32.store [t0], t1
;;   0x3f  t0 = i64.const 1
;;   0x3f  t0 = memory.grow 0, t0
;;   0x42  l0 = memory.size 0
;;   0x46  return
;;
;; func 1 $second (i32) -> ()
;; temps 3
;;   0x4d  t0 = i32.add l0, 4
;;   0x50  t1 = i64.load [l0] offset=8 memory=1
;;   0x54  i64.store [t0] memory=1, t1
;;   0x5e  t0 = i64.const 7
;;   0x5e  t2 = i32.const 9
;;   0x5e  memory.copy 0, 1, t0, l0, t2
;;   0x66  t2 = memory.size 1
;;   0x68  memory.fill 1, l0, l0, t2
;;   0x6b  return
