;; br_table: targets that need moves are reached through stubs, one for each.
(module
  (func $plain (param $x i32) (result i32)
    (block $a (block $b (block $c
      (br_table $a $b $c $b (local.get $x)))
      (return (i32.const 10)))
      (return (i32.const 20)))
    (i32.const 30))
  (func $moves (param $x i32) (param $v i32) (result i32)
    (block $out (result i32)
      (i32.const 5)
      (block $in (result i32)
        (i32.mul (local.get $v) (local.get $v))
        (local.get $x)
        (br_table $in $out $in $out 2))
      (i32.add)))
  (func $results (param $x i32) (result i32 i64)
    (local.get $x)
    (i64.const -1)
    (block $a (param i32 i64) (result i32 i64)
      (br_table $a 1 (i32.load (local.get $x)))))
  (func $loop (param $x i32)
    (loop $l
      (block $b
        (br_table $l $b (i32.sub (local.get $x) (i32.const 1))))))
  (memory 1))

;; func 0 $plain (i32) -> (i32)
;; temps 1
;;   0x40  branch_table l0 -> L1 L2 L3 L2
;; L3: join ()
;;   0x49  return i32 10
;; L2: join ()
;;   0x4d  return i32 20
;; L1: join ()
;;   0x51  return i32 30
;;
;; func 1 $moves (i32, i32) -> (i32)
;; temps 3
;;   0x58  t0 = i32.const 5
;;   0x5e  t1 = i32.mul l1, l1
;;   0x61  branch_table l0 -> L2 L3 L2 L3 L4
;; L3: skip (i32, i32)
;;   0x61  t0 = i32.copy t1
;;   0x61  branch L1
;; L4: skip (i32, i32)
;;   0x61  return i32 t1
;; L2: join (i32, i32)
;;   0x69  t0 = i32.add t0, t1
;; L1: join (i32)
;;   0x6b  return i32 t0
;;
;; func 2 $results (i32) -> (i32, i64)
;; temps 3
;;   0x72  t0 = i32.copy l0
;;   0x72  t1 = i64.const -1
;;   0x76  acc = i32.load [l0]
;;   0x79  branch_table acc -> L1 L2
;; L2: skip (i32, i64)
;;   0x79  l0 = i32.copy t0
;;   0x79  r1 = i64.copy t1
;;   0x79  return
;; L1: join (i32, i64)
;;   0x7e  l0 = i32.copy t0
;;   0x7e  r1 = i64.copy t1
;;   0x7e  return
;;
;; func 3 $loop (i32) -> ()
;; temps 2
;; L1: loop ()
;;   0x89  acc = i32.sub l0, 1
;;   0x8a  branch_table acc -> L1 L2
;; L2: join ()
;;   0x90  return
