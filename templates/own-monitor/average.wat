(module
  (func $average (export "average") (param i32 i32) (result i32)
    (i32.div_u (i32.add (local.get 0) (local.get 1)) (i32.const 2))))
