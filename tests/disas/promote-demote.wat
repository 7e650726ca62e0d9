;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; Between f32 and f64, and bits as they are.
(module
  (func $promote (param f32) (result f64) (f64.promote_f32 (local.get 0)))
  (func $demote (param f64) (result f32) (f32.demote_f64 (local.get 0)))
  (func $bits (param f64) (result i64) (i64.reinterpret_f64 (local.get 0))))

;; dump-jit --only code --bounds guard
;; func 0 $promote (f32) -> (f64)
;;
;; machine code, 25 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  movdqa xmm5, xmm0
;;     0x27      8  xorpd xmm0, xmm0
;;     0x27      c  movdqa xmm7, xmm5
;;     0x27     10  cvtss2sd xmm0, xmm7
;;     0x28     14  mov rsp, rbp
;;     0x28     17  pop rbp
;;     0x28     18  ret
;;
;; func 1 $demote (f64) -> (f32)
;;
;; machine code, 24 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  movdqa xmm5, xmm0
;;     0x2d      8  xorps xmm0, xmm0
;;     0x2d      b  movdqa xmm7, xmm5
;;     0x2d      f  cvtsd2ss xmm0, xmm7
;;     0x2e     13  mov rsp, rbp
;;     0x2e     16  pop rbp
;;     0x2e     17  ret
;;
;; func 2 $bits (f64) -> (i64)
;;
;; machine code, 14 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x33      4  movq rax, xmm0
;;     0x34      9  mov rsp, rbp
;;     0x34      c  pop rbp
;;     0x34      d  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $promote (f32) -> (f64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x27  cvtss2sd %xmm0, %xmm0
;;     0x28  popq %rbp
;;     0x28  retq
;;
;; func 1 $demote (f64) -> (f32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x2d  cvtsd2ss %xmm0, %xmm0
;;     0x2e  popq %rbp
;;     0x2e  retq
;;
;; func 2 $bits (f64) -> (i64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x33  movq %xmm0, %rax
;;     0x34  popq %rbp
;;     0x34  retq
