;; A parser of XML, given a document in pieces of various sizes: each event is printed with the start of its record. Addresses
;; among it are the same in every engine.
(import "library" "memory" (memory 1))
(import "library" "parser" (func $parser (param i32)))
(import "library" "write" (func $write (param i32 i32)))
(import "library" "end" (func $end))
(import "env" "hooks" (table 1 funcref))
(elem (i32.const 0) func $event)

(data $document
  "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!DOCTYPE list [ <!ELEMENT list (item)*> ]>\n"
  "<list xmlns:a='urn:a' title=\"more than sixteen bytes of a value, and then some more\">\n"
  "  <!-- a comment that is long enough for several vectors of sixteen bytes each -->\n"
  "  <item id=\"1\" a:kind=\"\c3\a4\e2\82\ac\f0\9f\98\80\">text &amp; entities, then a run of plain text without any markup in it</item>\n"
  "  <item empty/><![CDATA[ <not> a tag, but data ]] > ]]>\n"
  "  <deep><deeper><deepest a=b c = 'd'>\f0\9f\8e\89</deepest></deeper></deep>\n"
  "</list>\n")

(func $event (param $kind i32) (param $record i32)
  (call $byte (i32.const 69))
  (call $hex (i64.extend_i32_u (local.get $kind)) (i32.const 2))
  (call $byte (i32.const 32))
  (call $bytes (local.get $record) (i32.const 72)))

(func $parse (param $piece i32) (local $at i32) (local $size i32)
  (call $parser (i32.const -1))
  (loop $next
    (local.set $size (i32.sub (i32.const 496) (local.get $at)))
    (if (i32.gt_u (local.get $size) (local.get $piece)) (then (local.set $size (local.get $piece))))
    ;; The library's bindings write to this address, too.
    (memory.init $document (i32.const 4) (local.get $at) (local.get $size))
    (call $write (i32.const 4) (local.get $size))
    (local.set $at (i32.add (local.get $at) (local.get $size)))
    (br_if $next (i32.lt_u (local.get $at) (i32.const 496))))
  (call $end))

(func (export "_start")
  (call $parse (i32.const 4096))
  (call $parse (i32.const 100))
  (call $parse (i32.const 5)))
