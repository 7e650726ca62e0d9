;; ONNX Runtime: a network with convolution, normalisation, products in floating point and in integers. The model is made of
;; nodes alone: all weights are inputs, made up as the image is.
(import "library" "K" (memory 1))
(import "library" "L" (func $constructors))
(import "library" "M" (func $init (param i32 i32) (result i32)))
(import "library" "N" (func $last_error (param i32 i32)))
(import "library" "O"
  (func $create_session_options (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
(import "library" "T" (func $create_session (param i32 i32 i32) (result i32)))
(import "library" "Z" (func $create_tensor (param i32 i32 i32 i32 i32 i32) (result i32)))
(import "library" "_" (func $tensor_data (param i32 i32 i32 i32 i32) (result i32)))
(import "library" "aa" (func $create_run_options (param i32 i32 i32 i32) (result i32)))
(import "library" "ja" (func $run (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))
(import "library" "ma" (func $malloc (param i32) (result i32)))
(import "a" "hooks" (table 6 funcref))
(elem (i32.const 0) func $resize $copy $fd_write $environ_sizes_get $heap_max $is_monotonic)

;; The model in Protocol Buffers: its nodes, then its inputs and its outputs, each with a name of one letter, a type and a shape.
(data $model
  "\08\08:\b0\05"
  "\0a%\0a\01x\0a\01w\0a\01b\12\01c\22\04Conv*\11\0a\04pads@\01@\01@\01@\01\a0\01\07"
  "\0a\0c\0a\01c\12\01r\22\04Relu"
  "\0a8\0a\01r\12\01p\22\07MaxPool*\15\0a\0ckernel_shape@\02@\02\a0\01\07*\10\0a\07strides@\02@\02\a0\01\07"
  "\0a6\0a\01p\0a\01n\0a\01o\12\01l\22\12LayerNormalization*\14\0a\04axis\18\ff\ff\ff\ff\ff\ff\ff\ff\ff\01\a0\01\02"
  "\0a\0b\0a\01l\12\01e\22\03Erf"
  "\0a\0e\0a\01e\0a\01l\12\01m\22\03Mul"
  "\0a\0f\0a\01m\12\01f\22\07Flatten"
  "\0a\0f\0a\01f\0a\01k\12\01y\22\04Gemm"
  "\0a\0f\0a\01y\12\01s\22\07Softmax"
  "\0a#\0a\01f\12\01d\12\01t\12\01z\22\15DynamicQuantizeLinear"
  "\0a\1b\0a\01d\0a\01q\0a\01z\12\01i\22\0dMatMulInteger"
  "\0a0\0a\01m\12\01a\22\0aReduceMean*\0b\0a\04axes@\03\a0\01\07*\0f\0a\08keepdims\18\00\a0\01\02"
  "\0a\19\0a\01m\12\01g\22\11GlobalAveragePool"
  "\0a\0f\0a\01g\12\01h\22\07Sigmoid"
  "\12\01g"
  "Z\1b\0a\01x\12\16\0a\14\08\01\12\10\0a\02\08\01\0a\02\08\08\0a\02\08\0e\0a\02\08\0e"
  "Z\1b\0a\01w\12\16\0a\14\08\01\12\10\0a\02\08\10\0a\02\08\08\0a\02\08\03\0a\02\08\03"
  "Z\0f\0a\01b\12\0a\0a\08\08\01\12\04\0a\02\08\10"
  "Z\14\0a\01k\12\0f\0a\0d\08\01\12\09\0a\03\08\90\06\0a\02\08 "
  "Z\14\0a\01q\12\0f\0a\0d\08\02\12\09\0a\03\08\90\06\0a\02\08\18"
  "Z\0f\0a\01n\12\0a\0a\08\08\01\12\04\0a\02\08\07"
  "Z\0f\0a\01o\12\0a\0a\08\08\01\12\04\0a\02\08\07"
  "b\13\0a\01s\12\0e\0a\0c\08\01\12\08\0a\02\08\01\0a\02\08 "
  "b\13\0a\01i\12\0e\0a\0c\08\06\12\08\0a\02\08\01\0a\02\08\18"
  "b\1b\0a\01m\12\16\0a\14\08\01\12\10\0a\02\08\01\0a\02\08\10\0a\02\08\07\0a\02\08\07"
  "b\17\0a\01a\12\12\0a\10\08\01\12\0c\0a\02\08\01\0a\02\08\10\0a\02\08\07"
  "b\1b\0a\01h\12\16\0a\14\08\01\12\10\0a\02\08\01\0a\02\08\10\0a\02\08\01\0a\02\08\01"
  "B\02\10\11")

;; The scratch memory: names from 0 on, handles of inputs at 256 and of outputs at 288, pointers to names at 320 and 352, a shape
;; at 384, and what is returned through pointers at 400.
(data $names "x\00w\00b\00k\00q\00n\00o\00s\00i\00m\00a\00h\00\00")
(global $scratch (mut i32) (i32.const 0))

(func $environ_sizes_get (param $count i32) (param $size i32) (result i32)
  (i32.store (local.get $count) (i32.const 0))
  (i32.store (local.get $size) (i32.const 0))
  (i32.const 0))
(func $heap_max (result i32) (i32.const 0x40000000))
;; Of the clock, which stands still.
(func $is_monotonic (result i32) (i32.const 1))

;; Prints an error, if there is one.
(func $check (param $error i32)
  (if (local.get $error)
    (then
      (call $last_error (i32.add (global.get $scratch) (i32.const 400)) (i32.add (global.get $scratch) (i32.const 404)))
      (call $string (i32.load offset=404 (global.get $scratch))))))

;; Makes the input with some index up: of floating-point numbers (1) or of bytes (2).
(func $input (param $index i32) (param $type i32) (param $a i32) (param $b i32) (param $c i32) (param $d i32)
  (local $shape i32) (local $rank i32) (local $numbers i32) (local $data i32)
  (local.set $shape (i32.add (global.get $scratch) (i32.const 384)))
  (i32.store (local.get $shape) (local.get $a))
  (i32.store offset=4 (local.get $shape) (local.get $b))
  (i32.store offset=8 (local.get $shape) (local.get $c))
  (i32.store offset=12 (local.get $shape) (local.get $d))
  (local.set $numbers (i32.const 1))
  (loop $next
    (local.set $numbers
      (i32.mul (local.get $numbers)
        (i32.load (i32.add (local.get $shape) (i32.shl (local.get $rank) (i32.const 2))))))
    (local.set $rank (i32.add (local.get $rank) (i32.const 1)))
    (if (i32.lt_u (local.get $rank) (i32.const 4))
      (then
        (br_if $next (i32.load (i32.add (local.get $shape) (i32.shl (local.get $rank) (i32.const 2))))))))
  (local.set $data (call $malloc (i32.shl (local.get $numbers) (i32.const 2))))
  (if (i32.eq (local.get $type) (i32.const 1))
    (then
      (call $fill_f32 (local.get $data) (local.get $numbers))
      (local.set $numbers (i32.shl (local.get $numbers) (i32.const 2))))
    (else (call $fill (local.get $data) (local.get $numbers))))
  (i32.store offset=256
    (i32.add (global.get $scratch) (i32.shl (local.get $index) (i32.const 2)))
    (call $create_tensor
      (local.get $type) (local.get $data) (local.get $numbers) (local.get $shape) (local.get $rank) (i32.const 1))))

(func $output (param $index i32) (param $bytes i32)
  (call $check
    (call $tensor_data
      (i32.load offset=288 (i32.add (global.get $scratch) (i32.shl (local.get $index) (i32.const 2))))
      (i32.add (global.get $scratch) (i32.const 400)) (i32.add (global.get $scratch) (i32.const 404))
      (i32.add (global.get $scratch) (i32.const 408)) (i32.add (global.get $scratch) (i32.const 412))))
  (call $number (i32.load offset=400 (global.get $scratch)))
  (call $bytes (i32.load offset=404 (global.get $scratch)) (i32.const 64))
  (call $digest (i32.load offset=404 (global.get $scratch)) (local.get $bytes)))

(func (export "_start") (local $at i32) (local $i i32) (local $session i32)
  (call $constructors)
  (global.set $scratch (call $malloc (i32.const 512)))
  (memory.fill (global.get $scratch) (i32.const 0) (i32.const 512))
  (memory.init $names (global.get $scratch) (i32.const 0) (i32.const 25))
  (call $check (call $init (i32.const 1) (i32.const 2)))
  (local.set $at (call $malloc (i32.const 697)))
  (memory.init $model (local.get $at) (i32.const 0) (i32.const 697))
  (local.set $session
    (call $create_session (local.get $at) (i32.const 697)
      (call $create_session_options
        (i32.const 99) (i32.const 1) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0)
        (i32.add (global.get $scratch) (i32.const 24)) (i32.const 2) (i32.const 0) (i32.const 0))))
  (call $check (i32.eqz (local.get $session)))
  (call $input (i32.const 0) (i32.const 1) (i32.const 1) (i32.const 8) (i32.const 14) (i32.const 14))
  (call $input (i32.const 1) (i32.const 1) (i32.const 16) (i32.const 8) (i32.const 3) (i32.const 3))
  (call $input (i32.const 2) (i32.const 1) (i32.const 16) (i32.const 0) (i32.const 0) (i32.const 0))
  (call $input (i32.const 3) (i32.const 1) (i32.const 784) (i32.const 32) (i32.const 0) (i32.const 0))
  (call $input (i32.const 4) (i32.const 2) (i32.const 784) (i32.const 24) (i32.const 0) (i32.const 0))
  (call $input (i32.const 5) (i32.const 1) (i32.const 7) (i32.const 0) (i32.const 0) (i32.const 0))
  (call $input (i32.const 6) (i32.const 1) (i32.const 7) (i32.const 0) (i32.const 0) (i32.const 0))
  ;; Each name is two bytes after the one before it; the outputs' follow on the inputs'.
  (loop $next
    (i32.store offset=320
      (i32.add (global.get $scratch)
        (i32.shl
          (i32.add (local.get $i) (i32.gt_u (local.get $i) (i32.const 6)))
          (i32.const 2)))
      (i32.add (global.get $scratch) (i32.shl (local.get $i) (i32.const 1))))
    (local.set $i (i32.add (local.get $i) (i32.const 1)))
    (br_if $next (i32.lt_u (local.get $i) (i32.const 12))))
  (call $check
    (call $run
      (local.get $session)
      (i32.add (global.get $scratch) (i32.const 320)) (i32.add (global.get $scratch) (i32.const 256)) (i32.const 7)
      (i32.add (global.get $scratch) (i32.const 352)) (i32.const 5) (i32.add (global.get $scratch) (i32.const 288))
      (call $create_run_options
        (i32.const 2) (i32.const 0) (i32.const 0) (i32.add (global.get $scratch) (i32.const 24)))))
  (call $output (i32.const 0) (i32.const 128))
  (call $output (i32.const 1) (i32.const 96))
  (call $output (i32.const 2) (i32.const 3136))
  (call $output (i32.const 3) (i32.const 448))
  (call $output (i32.const 4) (i32.const 64)))
