;; Tables and references.
(module
  (func $refs (param $i i32) (param $r externref) (result funcref)
    (table.set $x (local.get $i) (local.get $r))
    (table.set $x (i32.const 3) (ref.null extern))
    (table.fill $x (i32.const 0) (table.get $x (local.get $i)) (table.size $x))
    (table.copy $f $f (i32.const 0) (i32.const 1) (i32.const 2))
    (table.init $f $e (local.get $i) (i32.const 0) (i32.const 1))
    (elem.drop $e)
    (drop (table.grow $f (ref.func $refs) (local.get $i)))
    (drop (ref.is_null (table.get $f (local.get $i))))
    (select (result funcref) (ref.func $refs) (ref.null func) (local.get $i)))
  (func $wide (param $i i64) (result i64)
    (drop (table.get $w (local.get $i)))
    (table.copy $w $x (i64.const 1) (i32.const 2) (i32.const 3))
    (i64.add (table.size $w) (table.grow $w (ref.null extern) (i64.const 1))))
  (table $x 10 externref)
  (table $f 10 funcref)
  (table $w i64 10 externref)
  (elem $e func $refs))

;; func 0 $refs (i32, externref) -> (funcref)
;; temps 3
;;   0x37  table.set 0, l0, l1
;;   0x3d  t0 = i32.const 3
;;   0x3d  t1 = externref.const 0
;;   0x3d  table.set 0, t0, t1
;;   0x43  t1 = table.get 0, l0
;;   0x48  t0 = i32.const 0
;;   0x45  t2 = table.size 0
;;   0x48  table.fill 0, t0, t1, t2
;;   0x51  t0 = i32.const 0
;;   0x51  t1 = i32.const 1
;;   0x51  t2 = i32.const 2
;;   0x51  table.copy 1, 1, t0, t1, t2
;;   0x5b  t1 = i32.const 0
;;   0x5b  t2 = i32.const 1
;;   0x5b  table.init 1, 0, l0, t1, t2
;;   0x5f  elem.drop 0
;;   0x62  t0 = ref.func 0
;;   0x66  t0 = table.grow 1, t0, l0
;;   0x6c  t0 = table.get 1, l0
;;   0x6e  t0 = ref.is_null t0
;;   0x76  t1 = funcref.const 0
;;   0x70  t0 = ref.func 0
;;   0x76  t0 = funcref.select l0, t0, t1
;;   0x79  return funcref t0
;;
;; func 1 $wide (i64) -> (i64)
;; temps 3
;;   0x7e  t0 = table.get 2, l0
;;   0x87  t0 = i64.const 1
;;   0x87  t1 = i32.const 2
;;   0x87  t2 = i32.const 3
;;   0x87  table.copy 2, 0, t0, t1, t2
;;   0x92  t1 = externref.const 0
;;   0x92  t2 = i64.const 1
;;   0x8b  t0 = table.size 2
;;   0x92  t1 = table.grow 2, t1, t2
;;   0x95  acc = i64.add t1, t0
;;   0x96  return i64 acc
