;; The reference implementation of Argon2: each of its types, in 1 MiB.
(import "library" "c" (memory 1))
(import "library" "d" (func $constructors))
(import "library" "f" (func $malloc (param i32) (result i32)))
(import "library" "l"
  (func $argon2_hash_ext
    (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)
    (result i32)))
(import "a" "hooks" (table 2 funcref))
(elem (i32.const 0) func $copy_and_return $resize)

(func (export "_start") (local $in i32) (local $hash i32) (local $type i32)
  (call $constructors)
  (local.set $in (call $malloc (i32.const 64)))
  (local.set $hash (call $malloc (i32.const 512)))
  (call $fill (local.get $in) (i32.const 64))
  (loop $next
    ;; 3 passes over 1024 KiB, 2 lanes; password and salt; hash and its text; type; secret and further data; version.
    (call $number
      (call $argon2_hash_ext
        (i32.const 3) (i32.const 1024) (i32.const 2)
        (local.get $in) (i32.const 20)
        (i32.add (local.get $in) (i32.const 20)) (i32.const 16)
        (local.get $hash) (i32.const 48)
        (i32.add (local.get $hash) (i32.const 48)) (i32.const 256)
        (local.get $type)
        (i32.add (local.get $in) (i32.const 36)) (i32.const 8)
        (i32.add (local.get $in) (i32.const 44)) (i32.const 12)
        (i32.const 0x13)))
    (call $bytes (local.get $hash) (i32.const 48))
    (call $string (i32.add (local.get $hash) (i32.const 48)))
    (local.set $type (i32.add (local.get $type) (i32.const 1)))
    (br_if $next (i32.lt_u (local.get $type) (i32.const 3)))))
