;; off: branch-inversion
(module
  (func $loop_end (param $n i32) (result i32) (local $i i32)
    (block $exit
      (loop $next
        (br_if $exit (i32.eq (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n)))
        (br $next)))
    (local.get $i)))

;; func 0 $loop_end (i32) -> (i32)
;; locals i32
;; temps 2
;; L2: loop ()
;;   0x23  l1 = i32.add l1, 1
;;   0x29  branch_if i32.eq l1, l0 -> L1
;;   0x2b  branch L2
;; L1: join ()
;;   0x31  return i32 l1
