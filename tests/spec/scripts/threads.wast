;; Threads that share a memory: message passing, and a counter that both increase.

(module $memory (memory (export "shared") 1 2 shared))
(module $other (func (export "shared") (result i32) (i32.const 1)))

(thread $sender (shared (module $memory))
  (register "memory" $memory)
  (module
    (memory (import "memory" "shared") 1 2 shared)
    (func (export "send") (param i32)
      (i32.store (i32.const 0) (local.get 0))
      (i32.atomic.store (i32.const 4) (i32.const 1))
      (drop (memory.atomic.notify (i32.const 4) (i32.const 1))))
    (func (export "count") (param $rounds i32) (result i32)
      (loop $again
        (drop (i32.atomic.rmw.add (i32.const 8) (i32.const 1)))
        (br_if $again (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))
      (local.get $rounds)))
  (invoke "send" (i32.const 42))
  (assert_return (invoke "count" (i32.const 10000)) (i32.const 0)))

(thread $receiver (shared (module $memory))
  (register "memory" $memory)
  (module
    (memory (import "memory" "shared") 1 2 shared)
    (func (export "receive") (result i32)
      (loop $again
        (drop (memory.atomic.wait32 (i32.const 4) (i32.const 0) (i64.const -1)))
        (br_if $again (i32.eqz (i32.atomic.load (i32.const 4)))))
      (i32.load (i32.const 0)))
    (func (export "count") (param $rounds i32) (result i32)
      (loop $again
        (drop (i32.atomic.rmw.add (i32.const 8) (i32.const 1)))
        (br_if $again (local.tee $rounds (i32.sub (local.get $rounds) (i32.const 1)))))
      (local.get $rounds)))
  (assert_return (invoke "receive") (i32.const 42))
  (assert_return (invoke "count" (i32.const 10000)) (i32.const 0)))

(wait $sender)
(wait $receiver)

(register "memory" $memory)
(module
  (memory (import "memory" "shared") 1 2 shared)
  (func (export "total") (result i32) (i32.atomic.load (i32.const 8))))
(assert_return (invoke "total") (i32.const 20000))

;; Nothing but shared memories goes to another thread.
(thread $nothing (shared (module $other))
  (register "other" $other)
  (assert_unlinkable
    (module (import "other" "shared" (func (result i32))))
    "unknown import"))
(wait $nothing)
