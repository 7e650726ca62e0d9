;; libwebp's encoder: a picture in several qualities, methods and without loss. Its bindings are Embind's, which registers the function
;; `encode` by a hook, and makes an array of the result by another.
(import "library" "x" (memory 1))
(import "library" "y" (func $constructors))
(import "library" "z" (func $malloc (param i32) (result i32)))
(import "library" "C" (func $initialize_bindings))
(import "library" "D" (table $functions 1 funcref))
(import "a" "hooks" (table $hooks 4 funcref))
(elem (table $hooks) (i32.const 0) func $resize $copy $register_function $new)

(type $encode (func (param i32 i32 i32 i32 i32) (result i32)))
(global $invoker (mut i32) (i32.const 0))
(global $encode (mut i32) (i32.const 0))

;; WebPConfig, as the bindings' JavaScript fills it in.
(data $config
  "\00\00\00\00\00\00\96\42\04\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\04\00\00\00\32\00\00\00"
  "\3c\00\00\00\00\00\00\00\01\00\00\00\00\00\00\00\01\00\00\00\01\00\00\00\64\00\00\00\01\00\00\00"
  "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\64\00\00\00"
  "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\64\00\00\00")

;; The function by name, how to call it, and itself.
(func $register_function
  (param $name i32) (param i32 i32 i32) (param $invoker i32) (param $function i32) (param i32)
  (if (i32.eq (i32.load8_u (local.get $name)) (i32.const 0x65))
    (then
      (global.set $invoker (local.get $invoker))
      (global.set $encode (local.get $function)))))

;; `new Uint8Array(view)`: prints the view's size and bytes.
(func $new (param i32 i32 i32) (param $arguments i32) (result i32)
  (call $number (i32.load (local.get $arguments)))
  (call $digest (i32.load offset=4 (local.get $arguments)) (i32.load (local.get $arguments)))
  (i32.const 1))

;; A pixel: gradients, a disc, and noise in the low bits.
(func $pixel (param $x i32) (param $y i32) (result i32) (local $dx i32) (local $dy i32)
  (local.set $dx (i32.sub (local.get $x) (i32.const 70)))
  (local.set $dy (i32.sub (local.get $y) (i32.const 40)))
  (i32.or
    (i32.or
      (i32.or
        (i32.add (i32.mul (local.get $x) (i32.const 2)) (i32.and (call $random) (i32.const 7)))
        (i32.shl (i32.add (i32.mul (local.get $y) (i32.const 2)) (i32.and (call $random) (i32.const 3))) (i32.const 8)))
      (select (i32.const 0xe00000) (i32.const 0x200000)
        (i32.lt_s
          (i32.add
            (i32.mul (local.get $dx) (local.get $dx))
            (i32.mul (local.get $dy) (local.get $dy)))
          (i32.const 900))))
    (select (i32.const 0xff000000) (i32.const 0x80000000) (i32.gt_u (local.get $y) (i32.const 20)))))

(func $run (param $picture i32) (param $config i32) (param $lossless i32) (param $quality f32) (param $method i32) (param $sharp i32)
  (memory.init $config (local.get $config) (i32.const 0) (i32.const 116))
  (i32.store (local.get $config) (local.get $lossless))
  (f32.store offset=4 (local.get $config) (local.get $quality))
  (i32.store offset=8 (local.get $config) (local.get $method))
  (i32.store offset=104 (local.get $config) (local.get $sharp))
  (drop
    (call_indirect $functions (type $encode)
      (global.get $encode) (local.get $picture) (i32.const 120) (i32.const 90) (local.get $config)
      (global.get $invoker))))

(func (export "_start") (local $picture i32) (local $config i32) (local $x i32) (local $y i32)
  (call $constructors)
  (call $initialize_bindings)
  ;; A string: its length, then its bytes.
  (local.set $picture (call $malloc (i32.const 43208)))
  (local.set $config (call $malloc (i32.const 116)))
  (i32.store (local.get $picture) (i32.const 43200))
  (loop $row
    (local.set $x (i32.const 0))
    (loop $column
      (i32.store offset=4
        (i32.add (local.get $picture)
          (i32.shl (i32.add (i32.mul (local.get $y) (i32.const 120)) (local.get $x)) (i32.const 2)))
        (call $pixel (local.get $x) (local.get $y)))
      (local.set $x (i32.add (local.get $x) (i32.const 1)))
      (br_if $column (i32.lt_u (local.get $x) (i32.const 120))))
    (local.set $y (i32.add (local.get $y) (i32.const 1)))
    (br_if $row (i32.lt_u (local.get $y) (i32.const 90))))
  (call $run (local.get $picture) (local.get $config) (i32.const 0) (f32.const 75) (i32.const 4) (i32.const 0))
  (call $run (local.get $picture) (local.get $config) (i32.const 0) (f32.const 20) (i32.const 0) (i32.const 0))
  (call $run (local.get $picture) (local.get $config) (i32.const 0) (f32.const 90) (i32.const 6) (i32.const 1))
  (call $run (local.get $picture) (local.get $config) (i32.const 1) (f32.const 75) (i32.const 2) (i32.const 0)))
