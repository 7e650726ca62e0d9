;; Sections that are seldom there: a start function, imported objects, extended constants, names.
(module $start
  (import "host" "global" (global $base i32))
  (import "host" "memory" (memory 1 4))
  (import "host" "table" (table 4 10 funcref))
  (import "host" "note" (func $note (param i32)))
  (global (export "sum") (mut i32) (i32.add (global.get $base) (i32.mul (i32.const 3) (i32.const 5))))
  (data (offset (i32.add (global.get $base) (i32.const 32))) "data")
  (elem (table 0) (offset (global.get $base)) funcref (item ref.func $run) (item ref.null func))
  (func $start (local i64) (call $note (i32.load (i32.const 0))))
  (func $run (export "run") (param $n i32) (result i32)
    (global.set 1 (i32.add (global.get 1) (local.get $n)))
    (i32.load offset=2 (local.get $n)))
  (start $start))
