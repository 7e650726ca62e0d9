;; Legacy exceptions become the same scopes. A handler has the exception's reference below its payload.

(module
  (tag $e (param i32))
  (import "" "f" (func $f (param i32) (result i32)))

  (func $catch (param i32) (result i32)
    try (result i32)
      (call $f (local.get 0))
    catch $e
      (i32.add (i32.const 1))
    catch_all
      (i32.const 2)
    end)

  (func $rethrow (param i32) (result i32)
    try (result i32)
      (call $f (local.get 0))
    catch $e
      (if (i32.eqz) (then (rethrow 1)))
      (i32.const 3)
    end)

  (func $delegate (param i32) (result i32)
    try $outer (result i32)
      try (result i32)
        try (result i32)
          (call $f (local.get 0))
        delegate $outer
      catch_all
        (i32.const 4)
      end
    catch $e
    end)

  (func $delegate_to_caller (param i32)
    try
      try
        (drop (call $f (local.get 0)))
      delegate 1
    catch_all
    end)

  (func $unreached (param i32) (result i32)
    try (result i32)
      (local.get 0)
    catch_all
      (call $f (i32.const 5))
    end))

;; func 1 $catch (i32) -> (i32)
;; temps 3
;;   0x2e  try_begin S0
;;   0x32  t0 = i32.copy l0
;;   0x32  call 0 base=t0 link=t1
;;   0x34  branch L1
;;   0x34  try_end S0
;;   0x34  catch S0 tag=0 payload=t1 exn=t0 -> L2
;; L2: join (exnref, i32)
;;   0x38  t0 = i32.add t1, 1
;;   0x39  branch L1
;;   0x39  catch S0 all payload=t1 exn=t0 -> L3
;; L3: join (exnref)
;;   0x3c  t0 = i32.const 2
;;   0x3c  catch_end S0
;; L1: join (i32)
;;   0x3d  return i32 t0
;;
;; func 2 $rethrow (i32) -> (i32)
;; temps 2
;;   0x40  try_begin S0
;;   0x44  t0 = i32.copy l0
;;   0x44  call 0 base=t0 link=t1
;;   0x46  branch L1
;;   0x46  try_end S0
;;   0x46  catch S0 tag=0 payload=t1 exn=t0 -> L2
;; L2: join (exnref, i32)
;;   0x49  branch_if t1 -> L3
;;   0x4b  throw_ref t0
;; L3: join (exnref)
;;   0x50  t0 = i32.const 3
;;   0x50  catch_end S0
;; L1: join (i32)
;;   0x51  return i32 t0
;;
;; func 3 $delegate (i32) -> (i32)
;; temps 2
;;   0x54  try_begin S0
;;   0x56  try_begin S1
;;   0x58  try_begin S2
;;   0x5c  t0 = i32.copy l0
;;   0x5c  call 0 base=t0 link=t1
;;   0x5e  try_end S2
;;   0x5e  catch_end S2 -> S0
;;   0x60  branch L2
;;   0x60  try_end S1
;;   0x63  catch_end S1 -> S0
;; L2: join (i32)
;;   0x64  branch L1
;;   0x64  try_end S0
;;   0x64  catch S0 tag=0 payload=t1 exn=t0 -> L4
;; L4: join (exnref, i32)
;;   0x66  t0 = i32.copy t1
;;   0x66  catch_end S0
;; L1: join (i32)
;;   0x67  return i32 t0
;;
;; func 4 $delegate_to_caller (i32) -> ()
;; temps 1
;;   0x6a  try_begin S0
;;   0x6c  try_begin S1
;;   0x70  t0 = i32.copy l0
;;   0x70  call 0 base=t0 link=t1
;;   0x73  try_end S1
;;   0x73  catch_end S1
;;   0x75  branch L1
;;   0x75  try_end S0
;;   0x76  catch_end S0
;; L1: join ()
;;   0x77  return
;;
;; func 5 $unreached (i32) -> (i32)
;; temps 1
;;   0x7a  try_begin S0
;;   0x7e  t0 = i32.copy l0
;;   0x7e  branch L1
;;   0x7e  try_end S0
;;   0x83  catch_end S0
;; L1: join (i32)
;;   0x84  return i32 t0
