;; Import sections that name a module once for several imports, or a module and a type.

(module
  (func (export "one") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
  (func (export "two") (param i32) (result i32) (i32.add (local.get 0) (i32.const 2)))
  (func (export "three") (param i32) (result i32) (i32.add (local.get 0) (i32.const 3)))
  (global (export "g") i32 (i32.const 40))
  (global (export "h") i32 (i32.const 50))
  (memory (export "m") 1)
  (table (export "t") 2 funcref)
  (data (i32.const 7) "\2a"))
(register "a module whose name is rather long")

(module
  (import "a module whose name is rather long"
    (item "one" (func $one (param i32) (result i32)))
    (item "g" (global $g i32))
    (item "m" (memory 1))
    (item "t" (table 1 funcref)))
  (import "a module whose name is rather long"
    (item "two") (item "three")
    (func (param i32) (result i32)))
  (import "a module whose name is rather long" "h" (global $h i32))
  (global $sum i32 (i32.add (global.get $g) (global.get $h)))
  (func (export "all") (param i32) (result i32) (call 2 (call 1 (call $one (local.get 0)))))
  (func (export "load") (result i32) (i32.load8_u (i32.const 7)))
  (func (export "sum") (result i32) (global.get $sum))
  (func (export "size") (result i32) (table.size 0)))
(assert_return (invoke "all" (i32.const 10)) (i32.const 16))
(assert_return (invoke "load") (i32.const 42))
(assert_return (invoke "sum") (i32.const 90))
(assert_return (invoke "size") (i32.const 2))

;; Both encodings byte by byte.
(module definition binary
  "\00asm" "\01\00\00\00"
  "\01\06\01\60\01\7f\01\7f"                            ;; a function type
  "\02\3d\02"                                           ;; two groups
  "\22a module whose name is rather long" "\00\7f"      ;; one module
  "\02" "\03one\00\00" "\01g\03\7f\00"
  "\01a" "\00\7e\00\00" "\02" "\01b" "\01c")            ;; one module and one type

(assert_unlinkable
  (module
    (import "a module whose name is rather long"
      (item "one" (func (param i32) (result i32)))
      (item "four" (func))))
  "unknown import")

;; As many as the count says, within the section.
(assert_malformed
  (module binary
    "\00asm" "\01\00\00\00"
    "\01\04\01\60\00\00"
    "\02\0a\01" "\01a" "\00\7f" "\02" "\01b\00" "\00")
  "unexpected end")
