(module
  (import "linking2" "twice" (func $twice (param i32) (result i32)))
  (import "linking2" "print" (func $print (param i32 i32)))
  (import "linking2" "memory" (memory 1))
  (import "linking2" "start" (global $start i32))
  (data (global.get $start) "Hello, world!\n")
  (func (export "run")
    (call $print (global.get $start) (call $twice (i32.const 7)))))
