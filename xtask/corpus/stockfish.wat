;; The chess engine with its small network: it evaluates positions and searches some plies deep. Its main function returns, and then
;; it takes commands; its clock stands still, so that what it prints is always the same.
(import "library" "r" (memory 1))
(import "library" "s" (func $constructors))
(import "library" "t" (func $main (param i32 i32) (result i32)))
(import "library" "u" (func $command (param i32)))
(import "library" "z" (func $malloc (param i32) (result i32)))
(import "a" "hooks" (table 5 funcref))
(elem (i32.const 0) func $resize $copy_and_return $fd_write $clock_time_get $environ_sizes_get)

(data $commands
  "stockfish\00"
  "setoption name Hash value 1\00"
  "position fen r1bqkbnr/pppp1ppp/2n5/4p3/2B1P3/5N2/PPPP1PPP/RNBQK2R b KQkq - 3 3\00"
  "eval\00"
  "go depth 8\00"
  "ucinewgame\00"
  "position fen 8/2p5/3p4/KP5r/1R3p1k/8/4P1P1/8 w - - 0 1 moves e2e4\00"
  "go depth 10\00"
  "go perft 3\00"
  "\00")

(func $clock_time_get (param $clock i32) (param $time i32) (result i32)
  (i64.store align=4 (local.get $time) (i64.const 1))
  (i32.const 0))

(func $environ_sizes_get (param $count i32) (param $size i32) (result i32)
  (i32.store (local.get $count) (i32.const 0))
  (i32.store (local.get $size) (i32.const 0))
  (i32.const 0))

(func (export "_start") (local $at i32) (local $arguments i32)
  (call $constructors)
  (local.set $at (call $malloc (i32.const 234)))
  (memory.init $commands (local.get $at) (i32.const 0) (i32.const 234))
  (local.set $arguments (call $malloc (i32.const 8)))
  (i32.store (local.get $arguments) (local.get $at))
  (i32.store offset=4 (local.get $arguments) (i32.const 0))
  (call $number (call $main (i32.const 1) (local.get $arguments)))
  (block $done
    (loop $next
      (loop $to_end
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br_if $to_end (i32.load8_u (i32.sub (local.get $at) (i32.const 1)))))
      (br_if $done (i32.eqz (i32.load8_u (local.get $at))))
      (call $command (local.get $at))
      (br $next)))
  (call $line))
