;; Relaxed SIMD, as the deterministic profile has it: nothing is fused, everything saturates.
(module
  (func (export "madd") (param v128 v128 v128) (result v128 v128)
    (f32x4.relaxed_madd (local.get 0) (local.get 1) (local.get 2))
    (f64x2.relaxed_nmadd (local.get 0) (local.get 1) (local.get 2)))
  (func (export "dot") (param v128 v128 v128) (result v128 v128)
    (i16x8.relaxed_dot_i8x16_i7x16_s (local.get 0) (local.get 1))
    (i32x4.relaxed_dot_i8x16_i7x16_add_s (local.get 0) (local.get 1) (local.get 2)))
  (func (export "choices") (param v128 v128 v128) (result v128 v128 v128 v128)
    (f32x4.relaxed_max (local.get 0) (local.get 1))
    (i32x4.relaxed_trunc_f32x4_u (local.get 2))
    (i8x16.relaxed_swizzle (local.get 0) (local.get 1))
    (i64x2.relaxed_laneselect (local.get 0) (local.get 1) (local.get 2))))
