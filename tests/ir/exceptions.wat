;; Exceptions: scopes are marks in the code, and clauses go to the labels of blocks. Nothing is there for what is not thrown.

(module
  (tag $e (param i32))
  (tag $pair (param i64 i32))
  (tag $vector (param v128 i32))
  (import "" "f" (func $f (param i32) (result i32)))

  (func $clause_to_block (param i32) (result i32)
    (i32.const 7)
    (block $h (result i32)
      (i32.const 8)
      (try_table (result i32) (catch $e $h)
        (call $f (local.get 0)))
      (i32.add))
    (i32.add))

  (func $clauses (param i32) (result i32)
    (block $all (result exnref)
      (block $pair (result i64 i32 exnref)
        (block $e (result i32)
          (try_table (catch $e $e) (catch_ref $pair $pair) (catch_all_ref $all)
            (drop (call $f (local.get 0))))
          (return (i32.const 1)))
        (return))
      (drop) (drop) (drop)
      (return (i32.const 2)))
    (throw_ref))

  (func $to_function (param i32) (result i32)
    (try_table (result i32) (catch $e 0)
      (call $f (local.get 0))))

  (func $to_loop (param i32)
    (local.get 0)
    (loop $l (param i32)
      (local.set 0)
      (try_table (catch $e $l)
        (drop (call $f (local.get 0))))))

  ;; Only clauses that an exception can reach are there.
  (func $unreached (param i32) (result i32)
    (block $h (result i32)
      (try_table (result i32) (catch $e $h)
        (i32.mul (local.get 0) (i32.const 3)))))

  (func $nested (param i32) (result i32)
    (block $outer (result i32)
      (try_table (result i32) (catch $e $outer)
        (block $inner
          (try_table (catch_all $inner)
            (drop (call $f (local.get 0))))
          (throw $e (i32.const 5)))
        (call $f (i32.const 6)))))

  (func $throws (param i64 i32)
    (if (local.get 1)
      (then (throw $pair (i64.add (local.get 0) (i64.const 1)) (local.get 1))))
    (throw $vector (v128.const i64x2 1 2) (i32.const 3))))

;; func 1 $clause_to_block (i32) -> (i32)
;; temps 3
;;   0x47  t0 = i32.const 7
;;   0x4b  t1 = i32.const 8
;;   0x4b  try_begin S0
;;   0x53  t2 = i32.copy l0
;;   0x53  call 0 base=t2 link=t3
;;   0x55  try_end S0
;;   0x55  catch S0 tag=0 payload=t1 -> L1
;;   0x55  catch_end S0
;;   0x56  t1 = i32.add t1, t2
;; L1: join (i32, i32)
;;   0x58  acc = i32.add t0, t1
;;   0x59  return i32 acc
;;
;; func 2 $clauses (i32) -> (i32)
;; temps 3
;;   0x62  try_begin S0
;;   0x6f  t0 = i32.copy l0
;;   0x6f  call 0 base=t0 link=t1
;;   0x72  try_end S0
;;   0x72  catch S0 tag=0 payload=t0 -> L3
;;   0x72  catch S0 tag=1 payload=t0 exn=t2 -> L2
;;   0x72  catch S0 all payload=t0 exn=t0 -> L1
;;   0x72  catch_end S0
;;   0x75  return i32 1
;; L3: join (i32)
;;   0x77  return i32 t0
;; L2: join (i64, i32, exnref)
;;   0x7e  return i32 2
;; L1: join (exnref)
;;   0x80  throw_ref t0
;;
;; func 3 $to_function (i32) -> (i32)
;; temps 1
;;   0x84  try_begin S0
;;   0x8c  t0 = i32.copy l0
;;   0x8c  call 0 base=t0 link=t1
;;   0x8e  try_end S0
;;   0x8e  catch S0 tag=0 payload=t0 -> L0
;;   0x8e  catch_end S0
;;   0x8f  return i32 t0
;; L0: join (i32)
;;   0x8f  return i32 t0
;;
;; func 4 $to_loop (i32) -> ()
;; temps 1
;;   0x94  t0 = i32.copy l0
;; L1: loop (i32)
;;   0x96  l0 = i32.copy t0
;;   0x98  try_begin S0
;;   0xa0  t0 = i32.copy l0
;;   0xa0  call 0 base=t0 link=t1
;;   0xa3  try_end S0
;;   0xa3  catch S0 tag=0 payload=t0 -> L1
;;   0xa3  catch_end S0
;;   0xa5  return
;;
;; func 5 $unreached (i32) -> (i32)
;; temps 2
;;   0xaa  try_begin S0
;;   0xb4  t0 = i32.mul l0, 3
;;   0xb5  try_end S0
;;   0xb5  catch_end S0
;;   0xb7  return i32 t0
;;
;; func 6 $nested (i32) -> (i32)
;; temps 1
;;   0xbc  try_begin S0
;;   0xc4  try_begin S1
;;   0xcb  t0 = i32.copy l0
;;   0xcb  call 0 base=t0 link=t1
;;   0xce  try_end S1
;;   0xce  catch S1 all payload=t0 -> L3
;;   0xce  catch_end S1 -> S0
;;   0xd1  t0 = i32.const 5
;;   0xd1  throw 0 base=t0
;; L3: join ()
;;   0xd6  t0 = i32.const 6
;;   0xd6  call 0 base=t0 link=t1
;;   0xd8  try_end S0
;;   0xd8  catch S0 tag=0 payload=t0 -> L1
;;   0xd8  catch_end S0
;; L1: join (i32)
;;   0xda  return i32 t0
;;
;; func 7 $throws (i64, i32) -> ()
;; temps 3
;;   0xdf  branch_if not l1 -> L1
;;   0xe8  t1 = i32.copy l1
;;   0xe5  t0 = i64.add l0, 1
;;   0xe8  throw 1 base=t0
;; L1: join ()
;;   0xff  t2 = i32.const 3
;;   0xeb  t0 = v128.const 0x1 0x2
;;   0xff  throw 2 base=t0
