;; The beginning of every driver: what the harness has. The driver's own fields follow, its imports first; the first
;; memory that it imports is the library's.
(import "harness" "random" (func $random (result i32)))
(import "harness" "byte" (func $byte (param i32)))
(import "harness" "hex" (func $hex (param i64 i32)))
(import "harness" "line" (func $line))
