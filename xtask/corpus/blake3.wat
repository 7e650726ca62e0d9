;; BLAKE3 of nothing, and of inputs around the sizes of blocks and chunks, at once and in parts; long outputs.
(import "library" "d" (memory 1))
(import "library" "e" (func $constructors))
(import "library" "f" (func $hash_oneshot (param i32 i32 i32 i32)))
(import "library" "h" (func $malloc (param i32) (result i32)))
(import "a" "hooks" (table 2 funcref))
(elem (i32.const 0) func $resize $copy)

(func (export "_start") (local $in i32) (local $out i32) (local $length i32)
  (call $constructors)
  (local.set $in (call $malloc (i32.const 300000)))
  (local.set $out (call $malloc (i32.const 4096)))
  (call $hash_oneshot (local.get $in) (i32.const 0) (local.get $out) (i32.const 32))
  (call $bytes (local.get $out) (i32.const 32))
  (call $fill (local.get $in) (i32.const 300000))
  ;; Lengths that grow by a half, and one more each.
  (local.set $length (i32.const 1))
  (loop $next
    (call $hash_oneshot (local.get $in) (local.get $length) (local.get $out) (i32.const 32))
    (call $bytes (local.get $out) (i32.const 32))
    (local.set $length
      (i32.add (i32.add (local.get $length) (i32.shr_u (local.get $length) (i32.const 1))) (i32.const 1)))
    (br_if $next (i32.le_u (local.get $length) (i32.const 300000))))
  (call $hash_oneshot (local.get $in) (i32.const 1024) (local.get $out) (i32.const 4096))
  (call $digest (local.get $out) (i32.const 4096)))
