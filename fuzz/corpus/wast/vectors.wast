;; Vectors as arguments, results and globals, and results of which only the NaNs' kind is said.
(module
  (func (export "add") (param v128 v128) (result v128) (f32x4.add (local.get 0) (local.get 1)))
  (func (export "swap") (param v128 i32) (result i32 v128) (local.get 1) (i8x16.swizzle (local.get 0) (i8x16.splat (local.get 1))))
  (global (export "g") v128 (v128.const i16x8 1 2 3 4 5 6 7 -8)))
(assert_return (invoke "add" (v128.const f32x4 1 nan inf -0) (v128.const f32x4 2 1 -inf -0))
  (v128.const f32x4 3 nan:canonical nan:canonical -0))
(assert_return (invoke "swap" (v128.const i8x16 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15) (i32.const 16)) (i32.const 16) (v128.const i64x2 0 0))
(assert_return (get "g") (v128.const i32x4 0x20001 0x40003 0x60005 0xfff80007))
(assert_invalid (module (func (result v128) (i32.const 0))) "type mismatch")
(assert_malformed (module quote "(func (result i32) (i8x16.extract_lane_u 16 (v128.const i64x2 0 0)))") "invalid lane index")
