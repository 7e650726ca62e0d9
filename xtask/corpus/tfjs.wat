;; TensorFlow.js's kernels, with XNNPACK's among them: a little network, layer by layer, and functions of single numbers.
(import "library" "memory" (memory 1))
(import "library" "__wasm_call_ctors" (func $constructors))
(import "library" "init" (func $init))
(import "library" "malloc" (func $malloc (param i32) (result i32)))
(import "library" "register_tensor" (func $register_tensor (param i32 i32 i32)))
(import "library" "FusedConv2D"
  (func $conv
    (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 f32 i32)))
(import "library" "DepthwiseConv2dNative"
  (func $depthwise (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
(import "library" "MaxPool"
  (func $max_pool (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
(import "library" "ResizeBilinear" (func $resize_bilinear (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
(import "library" "BatchMatMul" (func $mat_mul (param i32 i32 i32 i32 i32 i32 i32 i32 i32)))
(import "library" "Softmax" (func $softmax (param i32 i32 i32 i32)))
(import "library" "Sigmoid" (func $sigmoid (param i32 i32)))
(import "library" "Prelu" (func $prelu (param i32 i32 i32)))
(import "library" "Exp" (func $exp (param i32 i32 i32)))
(import "library" "Tanh" (func $tanh (param i32 i32 i32)))
(import "library" "Elu" (func $elu (param i32 i32 i32)))
(import "library" "Sqrt" (func $sqrt (param i32 i32 i32)))
(import "library" "Floor" (func $floor (param i32 i32 i32)))
(import "env" "hooks" (table 2 funcref))
(elem (i32.const 0) func $copy $resize)

(data $shapes "\01\00\00\00\40\00\00\00\10\00\00\00\01\00\00\00\10\00\00\00\20\00\00\00")
(global $last (mut i32) (i32.const 0))

;; A new tensor of so many made-up numbers. They are numbered from 1 on.
(func $tensor (param $numbers i32) (result i32) (local $at i32)
  (local.set $at (call $malloc (i32.mul (local.get $numbers) (i32.const 4))))
  (call $fill_f32 (local.get $at) (local.get $numbers))
  (global.set $last (i32.add (global.get $last) (i32.const 1)))
  (call $register_tensor (global.get $last) (local.get $numbers) (local.get $at))
  (local.get $at))

(func $show (param $at i32) (param $numbers i32)
  (call $bytes (local.get $at) (i32.const 32))
  (call $digest (local.get $at) (i32.mul (local.get $numbers) (i32.const 4))))

(func (export "_start") (local $out i32) (local $activation i32) (local $shapes i32)
  (call $constructors)
  (call $init)
  (drop (call $tensor (i32.const 2048))) ;; 1: an image, 16 by 16 by 8
  (drop (call $tensor (i32.const 1152))) ;; 2: a filter, 3 by 3 by 8 by 16
  (drop (call $tensor (i32.const 16))) ;; 3: a bias, or slopes
  (local.set $out (call $tensor (i32.const 4096))) ;; 4: 16 by 16 by 16
  ;; Each activation there is, from none to elu.
  (loop $next
    (call $conv
      (i32.const 1) (i32.const 1) (i32.const 16) (i32.const 16) (i32.const 2) (i32.const 3) (i32.const 3) (i32.const 3)
      (i32.const 1) (i32.const 1) (i32.const 1) (i32.const 1) (i32.const 1) (i32.const 1) (i32.const 1) (i32.const 1)
      (i32.const 1) (i32.const 8) (i32.const 16) (local.get $activation)
      (select (i32.const 3) (i32.const 0) (i32.eq (local.get $activation) (i32.const 3)))
      (f32.const 0.125) (i32.const 4))
    (call $show (local.get $out) (i32.const 4096))
    (local.set $activation (i32.add (local.get $activation) (i32.const 1)))
    (br_if $next (i32.le_u (local.get $activation) (i32.const 6))))
  (drop (call $tensor (i32.const 144))) ;; 5: a filter for each channel, 3 by 3 by 16
  (local.set $out (call $tensor (i32.const 4096))) ;; 6
  (call $depthwise
    (i32.const 4) (i32.const 1) (i32.const 16) (i32.const 16) (i32.const 5) (i32.const 3) (i32.const 3)
    (i32.const 1) (i32.const 1) (i32.const 1) (i32.const 1) (i32.const 1) (i32.const 1) (i32.const 1) (i32.const 1)
    (i32.const 1) (i32.const 16) (i32.const 16) (i32.const 6))
  (call $show (local.get $out) (i32.const 4096))
  (local.set $out (call $tensor (i32.const 1024))) ;; 7: 8 by 8 by 16
  (call $max_pool
    (i32.const 6) (i32.const 1) (i32.const 16) (i32.const 16) (i32.const 2) (i32.const 2)
    (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 1) (i32.const 2) (i32.const 2)
    (i32.const 16) (i32.const 16) (i32.const 7))
  (call $show (local.get $out) (i32.const 1024))
  (local.set $out (call $tensor (i32.const 2288))) ;; 8: 11 by 13 by 16
  (call $resize_bilinear
    (i32.const 7) (i32.const 1) (i32.const 8) (i32.const 8) (i32.const 16) (i32.const 11) (i32.const 13)
    (i32.const 0) (i32.const 1) (i32.const 8))
  (call $show (local.get $out) (i32.const 2288))
  ;; 64 by 16 times 16 by 32.
  (local.set $shapes (call $malloc (i32.const 24)))
  (memory.init $shapes (local.get $shapes) (i32.const 0) (i32.const 24))
  (drop (call $tensor (i32.const 512))) ;; 9
  (local.set $out (call $tensor (i32.const 2048))) ;; 10
  (call $mat_mul
    (i32.const 7) (local.get $shapes) (i32.const 3)
    (i32.const 9) (i32.add (local.get $shapes) (i32.const 12)) (i32.const 3)
    (i32.const 0) (i32.const 0) (i32.const 10))
  (call $show (local.get $out) (i32.const 2048))
  (local.set $out (call $tensor (i32.const 2048))) ;; 11
  (call $softmax (i32.const 10) (i32.const 11) (i32.const 32) (i32.const 64))
  (call $show (local.get $out) (i32.const 2048))
  (call $sigmoid (i32.const 1) (i32.const 11))
  (call $show (local.get $out) (i32.const 2048))
  (call $exp (i32.const 1) (i32.const 0) (i32.const 11))
  (call $show (local.get $out) (i32.const 2048))
  (call $sqrt (i32.const 11) (i32.const 0) (i32.const 11))
  (call $show (local.get $out) (i32.const 2048))
  (call $tanh (i32.const 1) (i32.const 0) (i32.const 11))
  (call $show (local.get $out) (i32.const 2048))
  (call $elu (i32.const 1) (i32.const 0) (i32.const 11))
  (call $show (local.get $out) (i32.const 2048))
  (call $floor (i32.const 1) (i32.const 0) (i32.const 11))
  (call $show (local.get $out) (i32.const 2048)))
