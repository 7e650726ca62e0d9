;; The document renderer: a page of HTML, and a PDF without a table of its objects, which it has to repair. It leaves what
;; fails by `longjmp`, which is a legacy exception here.
(import "library" "w" (memory 1))
(import "library" "x" (func $constructors))
(import "library" "y" (func $init_context))
(import "library" "z" (func $malloc (param i32) (result i32)))
(import "library" "kc" (func $new_buffer_from_data (param i32 i32) (result i32)))
(import "library" "de" (func $open_document_with_buffer (param i32 i32) (result i32)))
(import "library" "je" (func $count_pages (param i32) (result i32)))
(import "library" "ke" (func $load_page (param i32 i32) (result i32)))
(import "library" "Ee" (func $new_stext_page_from_page (param i32 i32) (result i32)))
(import "library" "ce" (func $print_stext_page_as_text (param i32) (result i32)))
(import "library" "rc" (func $device_rgb (result i32)))
(import "library" "Lc" (func $new_pixmap_from_page (param i32 i32 i32 i32) (result i32)))
(import "library" "Aa" (func $pixmap_get_w (param i32) (result i32)))
(import "library" "Ba" (func $pixmap_get_h (param i32) (result i32)))
(import "library" "Fa" (func $pixmap_get_stride (param i32) (result i32)))
(import "library" "Ka" (func $pixmap_get_samples (param i32) (result i32)))
(import "a" "hooks" (table 2 funcref))
(elem (i32.const 0) func $resize $fd_write)

(data $html_magic "text/html\00")
(data $html
  "<h1>Title</h1><p style='color: #a00000'>Some <i>text</i> in <b>several</b> styles, and more of it.</p>"
  "<ol><li>one</li><li>two <tt>code</tt></li></ol><table border=1><tr><td>left</td><td>right</td></tr></table>")
(data $pdf_magic "application/pdf\00")
(data $pdf
  "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
  "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj\n"
  "4 0 obj<</Length 0>>stream\nBT /F 24 Tf 20 40 Td (Repaired) Tj ET 0.2 0.4 0.8 rg 20 20 m 90 30 l 150 10 l f\n"
  "/Missing Do\nendstream endobj\n5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\n"
  "trailer<</Root 1 0 R>>\n")

;; The identity, as the library has matrices.
(func $matrix (result i32) (local $at i32)
  (local.set $at (call $malloc (i32.const 24)))
  (memory.fill (local.get $at) (i32.const 0) (i32.const 24))
  (f32.store (local.get $at) (f32.const 1))
  (f32.store offset=12 (local.get $at) (f32.const 1))
  (local.get $at))

;; Prints a document's pages as text, and digests of their pictures.
(func $show (param $magic i32) (param $data i32) (param $bytes i32)
  (local $document i32) (local $page i32) (local $index i32) (local $empty i32) (local $picture i32)
  (local.set $document
    (call $open_document_with_buffer
      (local.get $magic) (call $new_buffer_from_data (local.get $data) (local.get $bytes))))
  (call $number (call $count_pages (local.get $document)))
  (local.set $empty (call $malloc (i32.const 1)))
  (i32.store8 (local.get $empty) (i32.const 0))
  (loop $next
    (local.set $page (call $load_page (local.get $document) (local.get $index)))
    (call $string
      (call $print_stext_page_as_text (call $new_stext_page_from_page (local.get $page) (local.get $empty))))
    (local.set $picture
      (call $new_pixmap_from_page (local.get $page) (call $matrix) (call $device_rgb) (i32.const 0)))
    (call $number (call $pixmap_get_w (local.get $picture)))
    (call $number (call $pixmap_get_h (local.get $picture)))
    (call $digest (call $pixmap_get_samples (local.get $picture))
      (i32.mul (call $pixmap_get_stride (local.get $picture)) (call $pixmap_get_h (local.get $picture))))
    (br_if $next
      (i32.lt_u
        (local.tee $index (i32.add (local.get $index) (i32.const 1)))
        (call $count_pages (local.get $document))))))

(func (export "_start") (local $magic i32) (local $data i32)
  (call $constructors)
  (call $init_context)
  (local.set $magic (call $malloc (i32.const 16)))
  (local.set $data (call $malloc (i32.const 600)))
  (memory.init $html_magic (local.get $magic) (i32.const 0) (i32.const 10))
  (memory.init $html (local.get $data) (i32.const 0) (i32.const 209))
  (call $show (local.get $magic) (local.get $data) (i32.const 209))
  (memory.init $pdf_magic (local.get $magic) (i32.const 0) (i32.const 16))
  (local.set $data (call $malloc (i32.const 600)))
  (memory.init $pdf (local.get $data) (i32.const 0) (i32.const 430))
  (call $show (local.get $magic) (local.get $data) (i32.const 430)))
