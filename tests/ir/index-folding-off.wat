;; off: index-folding
(module
  (memory 1)
  (func $element (param $array i32) (param $i i32) (result f64)
    (f64.load offset=8 (i32.add (i32.shl (local.get $i) (i32.const 3)) (local.get $array)))))

;; func 0 $element (i32, i32) -> (f64)
;; temps 2
;;   0x23  acc = i32.shl l1, 3
;;   0x26  acc = i32.add acc, l0
;;   0x27  acc = f64.load [acc] offset=8
;;   0x2a  return f64 acc
