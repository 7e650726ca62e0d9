;; dump-jit --only code --bounds guard --func 0 --loop 0x1b
;; The code that takes over a frame at a loop: locals come from their slots.
(module
  (func $sum (param $n i32) (result i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (local.get $n)))
      (br_if $next (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))

;; dump-jit --only code --bounds guard --func 0 --loop 0x1b
;; func 0 $sum (i32) -> (i32)
;;
;; machine code, 45 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r10, rsi
;;     0x1b      7  mov esi, [r10]
;;     0x1b      a  mov eax, [r10+0x20]
;;               e  mov r9, rsi
;;              11  sub r9d, 1
;;     0x21     15  add eax, esi
;;     0x2b     17  test r9d, r9d
;;     0x2b     1a  je 0x28
;;              20  mov rsi, r9
;;              23  jmp 0xe
;;     0x30     28  mov rsp, rbp
;;     0x30     2b  pop rbp
;;     0x30     2c  ret
