;; A write to a local saves the reads of it that are still pending, and no others.
(module
  (func $post_increment (param $i i32) (result i32)
    local.get $i
    local.get $i
    i32.const 1
    i32.add
    local.set $i)
  (func $swap (param $a i32) (param $b i32) (result i32)
    local.get $a
    local.get $b
    local.set $a
    local.set $b
    (i32.sub (local.get $a) (local.get $b)))
  (func $three_reads (param $a i32) (param $b i32) (result i32)
    local.get $a
    local.get $b
    local.get $a
    local.get $a
    i32.const 9
    local.tee $a
    i32.add
    i32.sub
    i32.mul
    i32.xor)
  (func $tee_of_itself (param $a i32) (result i32)
    local.get $a
    local.get $a
    local.tee $a
    i32.add)
  (func $set_reads_the_saved (param $a i32) (param $m i32) (result i32)
    (local.get $a)
    (local.set $a (i32.load (local.get $a)))
    (i32.sub (local.get $a)))
  (memory 1))

;; func 0 $post_increment (i32) -> (i32)
;; temps 3
;;   0x2f  t0 = i32.copy l0
;;   0x2e  l0 = i32.add l0, 1
;;   0x31  return i32 t0
;;
;; func 1 $swap (i32, i32) -> (i32)
;; temps 2
;;   0x38  t0 = i32.copy l0
;;   0x38  l0 = i32.copy l1
;;   0x3a  l1 = i32.copy t0
;;   0x40  acc = i32.sub l0, l1
;;   0x41  return i32 acc
;;
;; func 2 $three_reads (i32, i32) -> (i32)
;; temps 5
;;   0x4e  t3 = i32.copy l0
;;   0x4e  t2 = i32.copy l0
;;   0x4e  t0 = i32.copy l0
;;   0x4e  l0 = i32.const 9
;;   0x50  acc = i32.add t3, 9
;;   0x51  acc = i32.sub t2, acc
;;   0x52  acc = i32.mul acc, l1
;;   0x53  acc = i32.xor acc, t0
;;   0x54  return i32 acc
;;
;; func 3 $tee_of_itself (i32) -> (i32)
;; temps 2
;;   0x5d  acc = i32.add l0, l0
;;   0x5e  return i32 acc
;;
;; func 4 $set_reads_the_saved (i32, i32) -> (i32)
;; temps 2
;;   0x68  t0 = i32.copy l0
;;   0x65  l0 = i32.load [l0]
;;   0x6c  acc = i32.sub t0, l0
;;   0x6d  return i32 acc
