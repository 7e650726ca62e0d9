;; Node.js's parser of HTTP: two responses, in pieces of various sizes; what it calls back is printed.
(import "library" "memory" (memory 1))
(import "library" "malloc" (func $malloc (param i32) (result i32)))
(import "library" "llhttp_alloc" (func $llhttp_alloc (param i32) (result i32)))
(import "library" "llhttp_execute" (func $llhttp_execute (param i32 i32 i32) (result i32)))
(import "library" "llhttp_finish" (func $llhttp_finish (param i32) (result i32)))
(import "library" "llhttp_get_error_reason" (func $llhttp_get_error_reason (param i32) (result i32)))
(import "env" "hooks" (table 8 funcref))
(elem (i32.const 0) func
  $headers_complete $message_begin $url $status $header_field $header_value $body $message_complete)

(data $responses
  "HTTP/1.1 200 OK, with a reason that is longer than sixteen bytes\r\n"
  "Content-Type: text/plain; charset=utf-8; and=something-that-takes-more-than-a-vector-of-bytes\r\n"
  "X-Empty:\r\n"
  "Transfer-Encoding: chunked\r\n\r\n"
  "1a;name=value\r\nabcdefghijklmnopqrstuvwxyz\r\n"
  "5\r\nhello\r\n0\r\nTrailer: yes\r\n\r\n"
  "HTTP/1.1 404 Not Found\r\nConnection: keep-alive\r\nContent-Length: 9\r\n\r\nnot there"
  "HTTP/1.1 200 \01\r\nbroken header\r\n\r\n")

(func $headers_complete (param $parser i32) (param $status i32) (param $upgrade i32) (param $keep i32) (result i32)
  (call $byte (i32.const 72))
  (call $hex (i64.extend_i32_u (local.get $status)) (i32.const 4))
  (call $hex (i64.extend_i32_u (local.get $upgrade)) (i32.const 2))
  (call $hex (i64.extend_i32_u (local.get $keep)) (i32.const 2))
  (call $line)
  (i32.const 0))
(func $event (param $letter i32) (param $at i32) (param $length i32) (result i32)
  (call $byte (local.get $letter))
  (call $byte (i32.const 32))
  (call $text (local.get $at) (local.get $length))
  (i32.const 0))
(func $message_begin (param i32) (result i32) (call $event (i32.const 66) (i32.const 0) (i32.const 0)))
(func $url (param i32 i32 i32) (result i32) (call $event (i32.const 85) (local.get 1) (local.get 2)))
(func $status (param i32 i32 i32) (result i32) (call $event (i32.const 83) (local.get 1) (local.get 2)))
(func $header_field (param i32 i32 i32) (result i32) (call $event (i32.const 102) (local.get 1) (local.get 2)))
(func $header_value (param i32 i32 i32) (result i32) (call $event (i32.const 118) (local.get 1) (local.get 2)))
(func $body (param i32 i32 i32) (result i32) (call $event (i32.const 98) (local.get 1) (local.get 2)))
(func $message_complete (param i32) (result i32) (call $event (i32.const 67) (i32.const 0) (i32.const 0)))

(func $parse (param $at i32) (param $piece i32) (local $parser i32) (local $end i32) (local $error i32)
  (local.set $parser (call $llhttp_alloc (i32.const 2)))
  (local.set $end (i32.add (local.get $at) (i32.const 384)))
  (block $done
    (loop $next
      (br_if $done (i32.ge_u (i32.add (local.get $at) (local.get $piece)) (local.get $end)))
      (local.set $error (call $llhttp_execute (local.get $parser) (local.get $at) (local.get $piece)))
      (local.set $at (i32.add (local.get $at) (local.get $piece)))
      (br_if $next (i32.eqz (local.get $error)))))
  (if (i32.eqz (local.get $error))
    (then
      (local.set $error
        (call $llhttp_execute (local.get $parser) (local.get $at) (i32.sub (local.get $end) (local.get $at))))))
  (call $number (local.get $error))
  (if (local.get $error) (then (call $string (call $llhttp_get_error_reason (local.get $parser)))))
  (call $number (call $llhttp_finish (local.get $parser))))

(func (export "_start") (local $at i32)
  (local.set $at (call $malloc (i32.const 1024)))
  (memory.init $responses (local.get $at) (i32.const 0) (i32.const 384))
  (call $parse (local.get $at) (i32.const 1024))
  (call $parse (local.get $at) (i32.const 50))
  (call $parse (local.get $at) (i32.const 7)))
