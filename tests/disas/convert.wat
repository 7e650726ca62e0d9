;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; From integers; unsigned 64-bit integers take more than an instruction.
(module
  (func $s (param i32) (result f64) (f64.convert_i32_s (local.get 0)))
  (func $u (param i64) (result f32) (f32.convert_i64_u (local.get 0))))

;; dump-jit --only code --bounds guard
;; func 0 $s (i32) -> (f64)
;;
;; machine code, 17 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x21      4  xorpd xmm0, xmm0
;;     0x21      8  cvtsi2sd xmm0, esi
;;     0x22      c  mov rsp, rbp
;;     0x22      f  pop rbp
;;     0x22     10  ret
;;
;; func 1 $u (i64) -> (f32)
;;
;; machine code, 58 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r8, rsi
;;     0x27      7  cmp r8, 0
;;     0x27      b  jl 0x1b
;;     0x27     11  cvtsi2ss xmm0, r8
;;     0x27     16  jmp 0x35
;;              1b  .long 0x48c7894c
;;              1f  .long 0x4c01efc1
;;              23  .long 0x8348c689
;;              27  .long 0xb4801e6
;;              2b  .long 0xf48f3f7
;;              2f  .long 0xff3c62a
;;              33  .long 0x8948c058
;;              37  .long 0xc35dec

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $s (i32) -> (f64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x21  cvtsi2sd %esi, %xmm0
;;     0x22  popq %rbp
;;     0x22  retq
;;
;; func 1 $u (i64) -> (f32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x27  movq %rsi, %rcx
;;     0x27  shrq %rcx
;;     0x27  movl %esi, %eax
;;     0x27  andl $1, %eax
;;     0x27  orq %rcx, %rax
;;     0x27  cvtsi2ss %rax, %xmm0
;;     0x27  addss %xmm0, %xmm0
;;     0x27  cvtsi2ss %rsi, %xmm1
;;     0x27  movss %xmm1, -8(%rbp)
;;     0x27  testq %rsi, %rsi
;;     0x27  movss %xmm0, -4(%rbp)
;;     0x27  js .LBB0_2
;;           movss -8(%rbp), %xmm0
;;           movss %xmm0, -4(%rbp)
;;           .LBB0_2:
;;           movss -4(%rbp), %xmm0
;;     0x28  popq %rbp
;;     0x28  retq
