;; Constants deep in the operand stack stay there until a label or consumer needs them.
(module
  (func $blocks (param $x i32) (result i32)
    (i32.const 1)
    (i32.const 2)
    (local.get $x)
    (block $b
      (br_if $b (local.get $x))
      (local.set $x (i32.const 9)))
    (block $c
      (br_if $c (local.get $x)))
    (i32.add)
    (i32.add))
  (func $no_label (param $x i32) (result i32)
    (i32.const 1)
    (i32.const 2)
    (i32.const 3)
    (local.get $x)
    (i32.sub)
    (i32.sub)
    (i32.sub)))

;; func 0 $blocks (i32) -> (i32)
;; temps 4
;;   0x20  t0 = i32.const 1
;;   0x20  t1 = i32.const 2
;;   0x20  t2 = i32.copy l0
;;   0x24  branch_if l0 -> L1
;;   0x28  l0 = i32.const 9
;; L1: join (i32, i32, i32)
;;   0x2f  branch_if l0 -> L2
;; L2: join (i32, i32, i32)
;;   0x32  acc = i32.add t1, t2
;;   0x33  acc = i32.add acc, t0
;;   0x34  return i32 acc
;;
;; func 1 $no_label (i32) -> (i32)
;; temps 4
;;   0x3f  acc = i32.sub 3, l0
;;   0x40  acc = i32.sub 2, acc
;;   0x41  acc = i32.sub 1, acc
;;   0x42  return i32 acc
