;; Comparisons become part of the branches on them; `i32.eqz` turns them around.
(module
  (func $fused (param $a i32) (param $b i64) (param $f f32)
    (block $x
      (br_if $x (i32.lt_s (local.get $a) (i32.const -32768)))
      (br_if $x (i32.lt_s (local.get $a) (i32.const -32769)))
      (br_if $x (i32.gt_u (i32.const 5) (local.get $a)))
      (br_if $x (i64.ne (local.get $b) (i64.const 32767)))
      (br_if $x (i64.le_u (local.get $b) (local.get $b)))
      (br_if $x (i32.eqz (local.get $a)))
      (br_if $x (i64.eqz (local.get $b)))
      (br_if $x (i32.eqz (i64.eqz (local.get $b))))
      (br_if $x (i32.eqz (i32.eqz (local.get $a))))
      (br_if $x (i32.eqz (i32.ge_s (local.get $a) (i32.const 3))))
      (br_if $x (i32.eq (local.get $a) (i32.const 0)))
      (br_if $x (i32.ne (i32.const 0) (local.get $a)))
      (br_if $x (i32.eqz (f32.lt (local.get $f) (f32.const 1))))
      (br_if $x (i32.const 1))
      (br_if $x (i32.load (local.get $a)))
      (br_if $x (i32.lt_s (i32.load (local.get $a)) (i32.load offset=4 (local.get $a))))))
  (func $not_branched (param $a i32) (result i32)
    (i32.eqz (i32.lt_u (local.get $a) (i32.const 9))))
  (memory 1))

;; func 0 $fused (i32, i64, f32) -> ()
;; temps 2
;;   0x2f  branch_if i32.lt_s l0, -32768 -> L1
;;   0x37  acc = i32.lt_s l0, -32769
;;   0x38  branch_if acc -> L1
;;   0x3f  branch_if i32.lt_u l0, 5 -> L1
;;   0x48  branch_if i64.ne l1, 32767 -> L1
;;   0x4f  branch_if i64.le_u l1, l1 -> L1
;;   0x54  branch_if not l0 -> L1
;;   0x59  branch_if i64.eq l1, 0 -> L1
;;   0x5f  branch_if i64.ne l1, 0 -> L1
;;   0x65  branch_if l0 -> L1
;;   0x6d  branch_if i32.lt_s l0, 3 -> L1
;;   0x74  branch_if not l0 -> L1
;;   0x7b  branch_if l0 -> L1
;;   0x84  acc = f32.lt l2, 1.0
;;   0x86  branch_if not acc -> L1
;;   0x8a  acc = i32.const 1
;;   0x8a  branch_if acc -> L1
;;   0x8e  acc = i32.load [l0]
;;   0x91  branch_if acc -> L1
;;   0x95  t0 = i32.load [l0]
;;   0x9a  acc = i32.load [l0] offset=4
;;   0x9e  branch_if i32.gt_s acc, t0 -> L1
;; L1: join ()
;;   0xa1  return
;;
;; func 1 $not_branched (i32) -> (i32)
;; temps 2
;;   0xa9  acc = i32.ge_u l0, 9
;;   0xaa  return i32 acc
