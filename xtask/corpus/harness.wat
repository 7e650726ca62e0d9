;; What drivers print with, and where they have their data from. Its memory is its own, so that it works beside any library.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  ;; The text from 64 on, up to a line's end; before it the vector for `fd_write`.
  (memory (export "memory") 1)
  (global $length (mut i32) (i32.const 0))
  (global $state (mut i32) (i32.const 0x2545f491))

  ;; The next of Marsaglia's xorshift numbers.
  (func (export "random") (result i32) (local $x i32)
    (local.set $x (global.get $state))
    (local.set $x (i32.xor (local.get $x) (i32.shl (local.get $x) (i32.const 13))))
    (local.set $x (i32.xor (local.get $x) (i32.shr_u (local.get $x) (i32.const 17))))
    (local.set $x (i32.xor (local.get $x) (i32.shl (local.get $x) (i32.const 5))))
    (global.set $state (local.get $x))
    (local.get $x))

  (func $flush
    (i32.store (i32.const 0) (i32.const 64))
    (i32.store (i32.const 4) (global.get $length))
    (global.set $length (i32.const 0))
    (if (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)) (then (unreachable))))

  ;; Prints a byte.
  (func $byte (export "byte") (param $byte i32)
    (i32.store8 offset=64 (global.get $length) (local.get $byte))
    (global.set $length (i32.add (global.get $length) (i32.const 1)))
    (if (i32.eq (global.get $length) (i32.const 4096)) (then (call $flush))))

  ;; Prints the low digits of a number in hexadecimal.
  (func (export "hex") (param $number i64) (param $digits i32) (local $digit i32)
    (loop $next
      (if (i32.eqz (local.get $digits)) (then (return)))
      (local.set $digits (i32.sub (local.get $digits) (i32.const 1)))
      (local.set $digit
        (i32.and
          (i32.wrap_i64
            (i64.shr_u (local.get $number) (i64.extend_i32_u (i32.mul (local.get $digits) (i32.const 4)))))
          (i32.const 15)))
      (call $byte
        (i32.add
          (local.get $digit)
          (select (i32.const 48) (i32.const 87) (i32.lt_u (local.get $digit) (i32.const 10)))))
      (br $next)))

  ;; Ends a line.
  (func (export "line")
    (call $byte (i32.const 10))
    (if (global.get $length) (then (call $flush)))))
