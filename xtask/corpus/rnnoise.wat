;; Suppression of noise by a recurrent network: frames of a tone in noise, of noise alone, and of silence.
(import "library" "memory" (memory 1))
(import "library" "__wasm_call_ctors" (func $constructors))
(import "library" "malloc" (func $malloc (param i32) (result i32)))
(import "library" "rnnoise_create" (func $create (param i32) (result i32)))
(import "library" "rnnoise_get_frame_size" (func $frame_size (result i32)))
(import "library" "rnnoise_process_frame" (func $process (param i32 i32 i32) (result f32)))
(import "library" "rnnoise_destroy" (func $destroy (param i32)))
(import "env" "hooks" (table 2 funcref))
(elem (i32.const 0) func $resize $copy_and_return)

;; A frame of a saw-tooth tone, with as much noise.
(func $frame (param $at i32) (param $tone f32) (param $noise f32) (local $i i32)
  (call $fill_f32 (local.get $at) (i32.const 480))
  (loop $next
    (f32.store (local.get $at)
      (f32.add
        (f32.mul (f32.load (local.get $at)) (local.get $noise))
        (f32.mul
          (f32.sub (f32.convert_i32_u (i32.rem_u (local.get $i) (i32.const 120))) (f32.const 60))
          (local.get $tone))))
    (local.set $at (i32.add (local.get $at) (i32.const 4)))
    (local.set $i (i32.add (local.get $i) (i32.const 1)))
    (br_if $next (i32.lt_u (local.get $i) (i32.const 480)))))

(func (export "_start") (local $state i32) (local $in i32) (local $out i32) (local $i i32) (local $kind i32)
  (call $constructors)
  (local.set $in (call $malloc (i32.const 1920)))
  (local.set $out (call $malloc (i32.const 1920)))
  (local.set $state (call $create (i32.const 0)))
  (call $number (call $frame_size))
  (loop $next
    (local.set $kind (i32.rem_u (i32.div_u (local.get $i) (i32.const 20)) (i32.const 3)))
    (call $frame (local.get $in)
      (select (f32.const 80) (f32.const 0) (i32.eqz (local.get $kind)))
      (select (f32.const 0) (f32.const 900) (i32.eq (local.get $kind) (i32.const 2))))
    (call $number (i32.reinterpret_f32 (call $process (local.get $state) (local.get $out) (local.get $in))))
    (call $digest (local.get $out) (i32.const 1920))
    (local.set $i (i32.add (local.get $i) (i32.const 1)))
    (br_if $next (i32.lt_u (local.get $i) (i32.const 90))))
  (call $destroy (local.get $state)))
