;; Names that are not identifiers are quoted.
(module
  (func (export "exported \"name\" \u{e9}") (param f32 f32) (result f32)
    (local i32 i32 i64)
    (f32.add (local.get 0) (f32.const inf)))
  (func (result f32) (f32.const nan:0x200000))
  (func (result f64) (f64.const -0x1p-1074)))

;; func 0 $"exported \u{22}name\u{22} \u{e9}" (f32, f32) -> (f32)
;; locals i32*2 i64
;; temps 2
;;   0x47  acc = f32.add l0, inf
;;   0x48  return f32 acc
;;
;; func 1 () -> (f32)
;; temps 1
;;   0x50  return f32 nan:0x7fa00000
;;
;; func 2 () -> (f64)
;; temps 1
;;   0x5c  return f64 -5e-324
