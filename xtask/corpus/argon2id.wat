;; OpenPGP.js's Argon2: its functions on blocks. The memory is imported, and empty but for the stack.
(import "env" "memory" (memory 1))
(import "library" "xor" (func $xor (param i32 i32 i32)))
(import "library" "G" (func $G (param i32 i32 i32 i32)))
(import "library" "G2" (func $G2 (param i32 i32 i32 i32)))
(import "library" "getLZ" (func $getLZ (param i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))

(global $blocks i32 (i32.const 0x1000000))

;; The address of a block.
(func $block (param $index i32) (result i32)
  (i32.add (global.get $blocks) (i32.shl (local.get $index) (i32.const 10))))

(func (export "_start") (local $i i32)
  (call $fill (global.get $blocks) (i32.const 0x40000))
  ;; Each block from two before it, one of which it chooses itself.
  (local.set $i (i32.const 4))
  (loop $next
    (call $G
      (call $block (i32.sub (local.get $i) (i32.const 1)))
      (call $block
        (i32.rem_u
          (i32.load (call $block (i32.sub (local.get $i) (i32.const 1))))
          (i32.sub (local.get $i) (i32.const 1))))
      (call $block (local.get $i))
      (call $block (i32.const 0)))
    (local.set $i (i32.add (local.get $i) (i32.const 1)))
    (br_if $next (i32.lt_u (local.get $i) (i32.const 256))))
  (call $digest (global.get $blocks) (i32.const 0x40000))
  (call $G2 (call $block (i32.const 10)) (call $block (i32.const 20)) (call $block (i32.const 2)) (call $block (i32.const 3)))
  (call $bytes (call $block (i32.const 2)) (i32.const 64))
  (call $xor (call $block (i32.const 1)) (call $block (i32.const 200)) (call $block (i32.const 100)))
  (call $digest (call $block (i32.const 1)) (i32.const 1024))
  (local.set $i
    (call $getLZ
      (call $block (i32.const 0)) (call $block (i32.const 7)) (i32.const 1) (i32.const 4) (i32.const 1) (i32.const 2)
      (i32.const 5) (i32.const 4) (i32.const 64)))
  (call $bytes (local.get $i) (i32.const 8)))
