(module
  (func (export "fib") (param $n i32) (result i32)
    (local $a i32) (local $b i32) (local $next i32)
    (local.set $a (i32.const 1))
    (local.set $b (i32.const 1))
    (loop $again
      (if (local.get $n)
        (then
          (local.set $next (i32.add (local.get $a) (local.get $b)))
          (local.set $a (local.get $b))
          (local.set $b (local.get $next))
          (local.set $n (i32.sub (local.get $n) (i32.const 1)))
          (br $again))))
    (local.get $a)))
