;; Arguments are brought to the homes that they have on the operand stack, which
;; are the callee's first slots; tail calls the same.
(module
  (type $binary (func (param i32 i32) (result i32)))
  (func $callee (type $binary) (i32.sub (local.get 0) (local.get 1)))
  (func $results (param i32) (result i32 i64 i32)
    (local.get 0) (i64.const 1) (i32.const 2))
  (func $args (param $a i32) (result i32)
    (call $callee (local.get $a) (i32.const 5)))
  (func $nested (param $a i32) (result i32)
    (call $callee
      (i32.const 1)
      (call $callee (i32.add (local.get $a) (i32.const 2)) (local.get $a))))
  (func $pending_over_call (param $a i32) (result i32)
    (i32.add (local.get $a) (call $callee (local.get $a) (local.get $a))))
  (func $indirect (param $a i32) (result i32)
    (call_indirect (type $binary)
      (i32.const 3) (local.get $a) (i32.and (local.get $a) (i32.const 7))))
  (func $many (param $a i32) (result i32)
    (call $results (local.get $a))
    (local.set $a)
    (drop))
  (func $none (call $nothing))
  (func $nothing)
  (func $tail (param $a i32) (param $b i32) (result i32)
    (return_call $callee (local.get $b) (local.get $a)))
  (func $tail_indirect (param $a i32) (result i32)
    (return_call_indirect (type $binary) (local.get $a) (i32.const 1) (i32.const 2)))
  (func $argument_and_then_saved (param $a i32) (result i32)
    (local.get $a)
    (call $callee (local.get $a) (i32.const 1))
    (local.set $a)
    (local.get $a)
    (i32.mul))
  (table 4 funcref))

;; func 0 $callee (i32, i32) -> (i32)
;; temps 2
;;   0x3e  acc = i32.sub l0, l1
;;   0x3f  return i32 acc
;;
;; func 1 $results (i32) -> (i32, i64, i32)
;; temps 3
;;   0x48  r1 = i64.const 1
;;   0x48  r2 = i32.const 2
;;   0x48  return
;;
;; func 2 $args (i32) -> (i32)
;; temps 2
;;   0x4f  t0 = i32.copy l0
;;   0x4f  t1 = i32.const 5
;;   0x4f  call 0 base=t0 link=t2
;;   0x51  return i32 t0
;;
;; func 3 $nested (i32) -> (i32)
;; temps 3
;;   0x5d  t2 = i32.copy l0
;;   0x5a  t1 = i32.add l0, 2
;;   0x5d  call 0 base=t1 link=t3
;;   0x5f  t0 = i32.const 1
;;   0x5f  call 0 base=t0 link=t2
;;   0x61  return i32 t0
;;
;; func 4 $pending_over_call (i32) -> (i32)
;; temps 3
;;   0x6a  t1 = i32.copy l0
;;   0x6a  t2 = i32.copy l0
;;   0x6a  call 0 base=t1 link=t3
;;   0x6c  acc = i32.add l0, t1
;;   0x6d  return i32 acc
;;
;; func 5 $indirect (i32) -> (i32)
;; temps 4
;;   0x79  t0 = i32.const 3
;;   0x79  t1 = i32.copy l0
;;   0x78  acc = i32.and l0, 7
;;   0x79  call_indirect acc table=0 type=0 base=t0 link=t2
;;   0x7c  return i32 t0
;;
;; func 6 $many (i32) -> (i32)
;; temps 3
;;   0x81  t0 = i32.copy l0
;;   0x81  call 1 base=t0 link=t3
;;   0x83  l0 = i32.copy t2
;;   0x86  return i32 t0
;;
;; func 7 $none () -> ()
;; temps 0
;;   0x89  call 8 base=t0 link=t0
;;   0x8b  return
;;
;; func 8 $nothing () -> ()
;; temps 0
;;   0x8e  return
;;
;; func 9 $tail (i32, i32) -> (i32)
;; temps 2
;;   0x95  t0 = i32.copy l1
;;   0x95  t1 = i32.copy l0
;;   0x95  return_call 0 base=t0 params=2 link=2
;;
;; func 10 $tail_indirect (i32) -> (i32)
;; temps 3
;;   0xa0  t0 = i32.copy l0
;;   0xa0  t1 = i32.const 1
;;   0xa0  acc = i32.const 2
;;   0xa0  return_call_indirect acc table=0 type=0 base=t0 params=2 link=2
;;
;; func 11 $argument_and_then_saved (i32) -> (i32)
;; temps 3
;;   0xac  t1 = i32.copy l0
;;   0xac  t2 = i32.const 1
;;   0xac  call 0 base=t1 link=t3
;;   0xae  t0 = i32.copy l0
;;   0xae  l0 = i32.copy t1
;;   0xb2  acc = i32.mul t0, l0
;;   0xb3  return i32 acc
