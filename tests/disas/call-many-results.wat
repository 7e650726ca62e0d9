;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; More results of one kind than registers hold: an array that calls share, whose address a tail call passes on.
(module
  (func $nine (param i64) (result i64 i64 i64 i64 i64 i64 i64 i64 i32)
    (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5) (i64.const 6) (i64.const 7) (local.get 0) (i32.const 9))
  (func $tail (param i64) (result i64 i64 i64 i64 i64 i64 i64 i64 i32) (return_call $nine (local.get 0)))
  (func $caller (param i64) (result i32) (local i32)
    (local.set 1 (call $nine (local.get 0)))
    (drop) (drop) (drop) (drop) (drop) (drop) (drop) (drop)
    (call $nine (local.get 0))
    (local.set 1 (i32.add (local.get 1)))
    (drop) (drop) (drop) (drop) (drop) (drop) (drop) (drop)
    (local.get 1)))
