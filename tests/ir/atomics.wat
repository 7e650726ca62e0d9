;; Atomic operators take their operands from slots; a store has no result.
(module
  (memory 1)
  (memory $wide i64 1)
  (func $locals (param i32 i32 i32) (result i32)
    (i32.atomic.rmw.cmpxchg offset=4 (local.get 0) (local.get 1) (local.get 2)))

  ;; Constants are brought to their homes; a result goes right to its local.
  (func $constants (local i64)
    (local.set 0 (i64.atomic.rmw16.add_u (i32.const 8) (i64.const 1)))
    (i64.atomic.store8 $wide offset=0x100000000 (i64.const 16) (local.get 0)))

  (func $lock (param i32)
    (loop
      (br_if 0 (i32.atomic.rmw.xchg (local.get 0) (i32.const 1))))
    (atomic.fence)
    (i32.atomic.store (local.get 0) (i32.const 0))
    (drop (memory.atomic.notify (local.get 0) (i32.const 1))))

  (func $wait (param i32 i64) (result i32)
    (memory.atomic.wait64 (local.get 0) (i64.atomic.load32_u (local.get 0)) (local.get 1))))

;; func 0 $locals (i32, i32, i32) -> (i32)
;; temps 3
;;   0x38  t0 = i32.atomic.rmw.cmpxchg [l0] offset=4, l1, l2
;;   0x3c  return i32 t0
;;
;; func 1 $constants () -> ()
;; locals i64
;; temps 2
;;   0x45  t0 = i32.const 8
;;   0x45  t1 = i64.const 1
;;   0x45  l0 = i64.atomic.rmw16.add_u [t0], t1
;;   0x4f  t0 = i64.const 16
;;   0x4f  i64.atomic.store8 [t0] offset=4294967296 memory=1, l0
;;   0x58  return
;;
;; func 2 $lock (i32) -> ()
;; temps 2
;; L1: loop ()
;;   0x61  t1 = i32.const 1
;;   0x61  t0 = i32.atomic.rmw.xchg [l0], t1
;;   0x65  branch_if t0 -> L1
;;   0x68  atomic.fence
;;   0x6f  t1 = i32.const 0
;;   0x6f  i32.atomic.store [l0], t1
;;   0x77  t1 = i32.const 1
;;   0x77  t0 = memory.atomic.notify [l0], t1
;;   0x7c  return
;;
;; func 3 $wait (i32, i64) -> (i32)
;; temps 3
;;   0x83  t1 = i64.atomic.load32_u [l0]
;;   0x89  t0 = memory.atomic.wait64 [l0], t1, l1
;;   0x8d  return i32 t0
