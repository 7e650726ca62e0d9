;; Work that is shared by threads of wasi-threads, in three ways. Each function returns a checksum that does not depend on the number of
;; threads, and would be wrong if an atomic instruction were not one:
;;
;;   riser run --wasi threads --invoke sum parallel.wat THREADS COUNT     each thread adds up its part; they meet at the end
;;   riser run --wasi threads --invoke lock parallel.wat THREADS COUNT    each adds to a sum that a lock guards, some work apart
;;   riser run --wasi threads --invoke queue parallel.wat THREADS COUNT   each takes the next task, of any length, from a queue
(module
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "env" "memory" (memory 1 1 shared))

  ;; Addresses. Those that threads write often are in cache lines of their own.
  (global $kind i32 (i32.const 0))       ;; i32: the element of $works to call
  (global $threads i32 (i32.const 4))    ;; i32
  (global $count i32 (i32.const 8))      ;; i32
  (global $ended i32 (i32.const 64))     ;; i32: how many of the spawned threads have ended
  (global $lock i32 (i32.const 128))     ;; i32: 0 free, 1 taken, 2 taken and somebody waits
  (global $next i32 (i32.const 192))     ;; i32: the next task
  (global $sum i32 (i32.const 256))      ;; i64

  (type $work (func (param i32)))
  (table $works funcref (elem $sum_up $add_locked $take))

  ;; SplitMix64.
  (func $hash (param $i i64) (result i64)
    (local.set $i (i64.mul (i64.add (local.get $i) (i64.const 1)) (i64.const 0x9e3779b97f4a7c15)))
    (local.set $i (i64.mul (i64.xor (local.get $i) (i64.shr_u (local.get $i) (i64.const 30))) (i64.const 0xbf58476d1ce4e5b9)))
    (local.set $i (i64.mul (i64.xor (local.get $i) (i64.shr_u (local.get $i) (i64.const 27))) (i64.const 0x94d049bb133111eb)))
    (i64.xor (local.get $i) (i64.shr_u (local.get $i) (i64.const 31))))

  ;; The first number of a thread's part.
  (func $begin (param $thread i32) (result i64)
    (i64.div_u
      (i64.mul (i64.extend_i32_u (i32.load (global.get $count))) (i64.extend_i32_u (local.get $thread)))
      (i64.extend_i32_u (i32.load (global.get $threads)))))

  ;; The sum of hashes of the numbers from one to another, which is not among them.
  (func $sum_of (param $from i64) (param $to i64) (result i64)
    (local $sum i64)
    (block $done
      (br_if $done (i64.ge_u (local.get $from) (local.get $to)))
      (loop $again
        (local.set $sum (i64.add (local.get $sum) (call $hash (local.get $from))))
        (br_if $again
          (i64.lt_u (local.tee $from (i64.add (local.get $from) (i64.const 1))) (local.get $to)))))
    (local.get $sum))

  (func $sum_up (param $thread i32)
    (drop (i64.atomic.rmw.add (global.get $sum)
      (call $sum_of (call $begin (local.get $thread)) (call $begin (i32.add (local.get $thread) (i32.const 1)))))))

  ;; A mutex of three states (Drepper, Futexes Are Tricky, 2011).
  (func $acquire
    (block $taken
      (br_if $taken (i32.eqz (i32.atomic.rmw.cmpxchg (global.get $lock) (i32.const 0) (i32.const 1))))
      (loop $again
        (br_if $taken (i32.eqz (i32.atomic.rmw.xchg (global.get $lock) (i32.const 2))))
        (drop (memory.atomic.wait32 (global.get $lock) (i32.const 2) (i64.const -1)))
        (br $again))))
  (func $release
    (if (i32.ne (i32.atomic.rmw.xchg (global.get $lock) (i32.const 0)) (i32.const 1))
      (then (drop (memory.atomic.notify (global.get $lock) (i32.const 1))))))

  (func $add_locked (param $thread i32)
    (local $i i64) (local $end i64) (local $own i64)
    (local.set $i (call $begin (local.get $thread)))
    (local.set $end (call $begin (i32.add (local.get $thread) (i32.const 1))))
    (block $done
      (br_if $done (i64.ge_u (local.get $i) (local.get $end)))
      (loop $again
        (local.set $own (call $sum_of (local.get $i) (i64.add (local.get $i) (i64.const 100))))
        (call $acquire)
        (i64.store (global.get $sum) (i64.add (i64.load (global.get $sum)) (local.get $own)))
        (call $release)
        (br_if $again (i64.lt_u (local.tee $i (i64.add (local.get $i) (i64.const 1))) (local.get $end))))))

  (func $take (param $thread i32)
    (local $task i64) (local $own i64)
    (block $done
      (loop $again
        (local.set $task (i64.extend_i32_u (i32.atomic.rmw.add (global.get $next) (i32.const 1))))
        (br_if $done (i64.ge_u (local.get $task) (i64.extend_i32_u (i32.load (global.get $count)))))
        ;; Up to 255 hashes.
        (local.set $own (i64.add (local.get $own)
          (call $sum_of (local.get $task)
            (i64.add (local.get $task) (i64.and (call $hash (local.get $task)) (i64.const 255))))))
        (br $again)))
    (drop (i64.atomic.rmw.add (global.get $sum) (local.get $own))))

  (func $work (param $thread i32)
    (call_indirect $works (type $work) (local.get $thread) (i32.load (global.get $kind))))

  (func (export "wasi_thread_start") (param $id i32) (param $thread i32)
    (call $work (local.get $thread))
    (drop (i32.atomic.rmw.add (global.get $ended) (i32.const 1)))
    (drop (memory.atomic.notify (global.get $ended) (i32.const 1))))

  ;; This thread is the one with number 0.
  (func $run (param $kind i32) (param $threads i32) (param $count i32) (result i64)
    (local $i i32)
    (i32.store (global.get $kind) (local.get $kind))
    (i32.store (global.get $threads) (local.get $threads))
    (i32.store (global.get $count) (local.get $count))
    (local.set $i (i32.const 1))
    (block $all
      (loop $again
        (br_if $all (i32.ge_u (local.get $i) (local.get $threads)))
        (if (i32.le_s (call $spawn (local.get $i)) (i32.const 0)) (then (unreachable)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br $again)))
    (call $work (i32.const 0))
    (local.set $threads (i32.sub (local.get $threads) (i32.const 1)))
    (block $joined
      (loop $again
        (br_if $joined (i32.eq (local.tee $i (i32.atomic.load (global.get $ended))) (local.get $threads)))
        (drop (memory.atomic.wait32 (global.get $ended) (local.get $i) (i64.const -1)))
        (br $again)))
    (i64.atomic.load (global.get $sum)))

  (func (export "sum") (param $threads i32) (param $count i32) (result i64)
    (call $run (i32.const 0) (local.get $threads) (local.get $count)))
  (func (export "lock") (param $threads i32) (param $count i32) (result i64)
    (call $run (i32.const 1) (local.get $threads) (local.get $count)))
  (func (export "queue") (param $threads i32) (param $count i32) (result i64)
    (call $run (i32.const 2) (local.get $threads) (local.get $count))))
