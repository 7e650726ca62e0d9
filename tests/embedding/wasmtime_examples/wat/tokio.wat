(module
  (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "Hello, my name is ")
  (data (i32.const 96) "\n")
  ;; The parts of a line: address and length of each.
  (data (i32.const 8) "\40\00\00\00\12\00\00\00\80\00\00\00\00\00\00\00\60\00\00\00\01\00\00\00")
  (func $print_line
    (drop (call $fd_write (i32.const 1) (i32.const 8) (i32.const 3) (i32.const 0))))
  ;; Uses much fuel.
  (func $think
    (local $n i32)
    (loop $again
      (local.set $n (i32.add (local.get $n) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $n) (i32.const 5000)))))
  (func (export "_start")
    (local $end i32)
    (local $times i32)
    ;; The first argument is the name, from address 128 on.
    (drop (call $args_get (i32.const 112) (i32.const 128)))
    (local.set $end (i32.const 128))
    (block $found
      (loop $again
        (br_if $found (i32.eqz (i32.load8_u (local.get $end))))
        (local.set $end (i32.add (local.get $end) (i32.const 1)))
        (br $again)))
    (i32.store (i32.const 20) (i32.sub (local.get $end) (i32.const 128)))
    (loop $again
      (call $print_line)
      (call $think)
      (local.set $times (i32.add (local.get $times) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $times) (i32.const 3))))))
