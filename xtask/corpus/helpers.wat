;; The end of every driver: functions that work on the library's memory.

;; Makes up bytes.
(func $fill (param $at i32) (param $bytes i32)
  (loop $next
    (if (i32.eqz (local.get $bytes)) (then (return)))
    (i32.store8 (local.get $at) (call $random))
    (local.set $at (i32.add (local.get $at) (i32.const 1)))
    (local.set $bytes (i32.sub (local.get $bytes) (i32.const 1)))
    (br $next)))

;; Makes up 32-bit floating-point numbers from -1 to 1.
(func $fill_f32 (param $at i32) (param $numbers i32)
  (loop $next
    (if (i32.eqz (local.get $numbers)) (then (return)))
    (f32.store (local.get $at)
      (f32.mul (f32.convert_i32_s (call $random)) (f32.const 0x1p-31)))
    (local.set $at (i32.add (local.get $at) (i32.const 4)))
    (local.set $numbers (i32.sub (local.get $numbers) (i32.const 1)))
    (br $next)))

;; Prints a number as a line.
(func $number (param $number i32)
  (call $hex (i64.extend_i32_u (local.get $number)) (i32.const 8))
  (call $line))

;; Prints bytes as a line, in hexadecimal.
(func $bytes (param $at i32) (param $bytes i32)
  (loop $next
    (if (local.get $bytes)
      (then
        (call $hex (i64.load8_u (local.get $at)) (i32.const 2))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (local.set $bytes (i32.sub (local.get $bytes) (i32.const 1)))
        (br $next))))
  (call $line))

;; Prints bytes as they are, and ends the line.
(func $text (param $at i32) (param $bytes i32)
  (loop $next
    (if (local.get $bytes)
      (then
        (call $byte (i32.load8_u (local.get $at)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (local.set $bytes (i32.sub (local.get $bytes) (i32.const 1)))
        (br $next))))
  (call $line))

;; Prints text that a zero ends, and ends the line.
(func $string (param $at i32)
  (loop $next
    (if (i32.load8_u (local.get $at))
      (then
        (call $byte (i32.load8_u (local.get $at)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next))))
  (call $line))

;; Prints the 64-bit FNV-1a digest of bytes as a line: where they are many.
(func $digest (param $at i32) (param $bytes i32) (local $digest i64)
  (local.set $digest (i64.const 0xcbf29ce484222325))
  (loop $next
    (if (local.get $bytes)
      (then
        (local.set $digest
          (i64.mul (i64.xor (local.get $digest) (i64.load8_u (local.get $at))) (i64.const 0x100000001b3)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (local.set $bytes (i32.sub (local.get $bytes) (i32.const 1)))
        (br $next))))
  (call $hex (local.get $digest) (i32.const 16))
  (call $line))

;; For Emscripten's `emscripten_resize_heap`: grows the memory to some size in bytes, if it can.
(func $resize (param $bytes i32) (result i32) (local $pages i32)
  (local.set $pages
    (i32.sub
      (i32.wrap_i64 (i64.shr_u (i64.add (i64.extend_i32_u (local.get $bytes)) (i64.const 0xffff)) (i64.const 16)))
      (memory.size)))
  (if (i32.le_s (local.get $pages) (i32.const 0)) (then (return (i32.const 1))))
  (i32.ne (memory.grow (local.get $pages)) (i32.const -1)))

;; For Emscripten's functions to copy much, of which some versions return something.
(func $copy (param $to i32) (param $from i32) (param $bytes i32)
  (memory.copy (local.get $to) (local.get $from) (local.get $bytes)))
(func $copy_and_return (param $to i32) (param $from i32) (param $bytes i32) (result i32)
  (memory.copy (local.get $to) (local.get $from) (local.get $bytes))
  (local.get $to))

;; WASI's function, for libraries that print with types of their own: whatever the stream, it is printed.
(func $fd_write (param $fd i32) (param $vector i32) (param $count i32) (param $written i32) (result i32)
  (local $at i32) (local $end i32) (local $total i32)
  (loop $next
    (if (local.get $count)
      (then
        (local.set $at (i32.load (local.get $vector)))
        (local.set $end (i32.add (local.get $at) (i32.load offset=4 (local.get $vector))))
        (local.set $total (i32.add (local.get $total) (i32.load offset=4 (local.get $vector))))
        (block $done
          (loop $bytes
            (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
            (call $byte (i32.load8_u (local.get $at)))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (br $bytes)))
        (local.set $vector (i32.add (local.get $vector) (i32.const 8)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $next))))
  (i32.store (local.get $written) (local.get $total))
  (i32.const 0))
