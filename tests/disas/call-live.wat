;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; What is live across a call is saved by the callee or spilled.
(module
  (import "env" "f" (func $f))
  (func $caller (param i64 f64) (result f64) (call $f) (f64.add (local.get 1) (f64.convert_i64_s (local.get 0)))))

;; dump-jit --only code --bounds guard
;; func 1 $caller (i64, f64) -> (f64)
;;
;; machine code, 107 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r10, [rdi+0x50]
;;               8  mov r10, [r10+0x30]
;;               c  add r10, 0x30
;;              10  cmp r10, rsp
;;              13  ja 0x69
;;              19  sub rsp, 0x20
;;              1d  mov [rsp+0x10], r15
;;              22  mov r15, rsi
;;              25  movdqu [rsp], xmm0
;;     0x28     2a  mov rax, [rdi+0x50]
;;     0x28     2e  mov [rax+0xf0], rdi
;;     0x28     35  mov rax, [rdi+0x28]
;;     0x28     39  mov rax, [rax]
;;     0x28     3c  mov rcx, [rax+0x20]
;;     0x28     40  mov rdi, [rax+0x28]
;;     0x28     44  call rcx                                  ; $f
;;     0x2e     46  xorpd xmm1, xmm1
;;     0x2e     4a  mov rsi, r15
;;     0x2e     4d  cvtsi2sd xmm1, rsi
;;     0x2e     52  movdqu xmm0, [rsp]
;;     0x2f     57  addsd xmm0, xmm1
;;     0x30     5b  mov r15, [rsp+0x10]
;;     0x30     60  add rsp, 0x20
;;     0x30     64  mov rsp, rbp
;;     0x30     67  pop rbp
;;     0x30     68  ret
;;              69  ud2                                       ; trap: call stack exhausted

;; dump-jit --tier llvm --only code --bounds guard
;; func 1 $caller (i64, f64) -> (f64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           pushq %rbx
;;           pushq %rax
;;           movsd %xmm0, -16(%rbp)
;;     0x28  movq 80(%rdi), %rax
;;     0x28  cmpq 48(%rax), %rsp
;;     0x28  jb .LBB0_1
;;           movq %rsi, %rbx
;;     0x28  movq 40(%rdi), %rcx
;;     0x28  movq (%rcx), %rcx
;;     0x28  movq %rdi, 240(%rax)
;;     0x28  movq 40(%rcx), %rdi
;;     0x28  callq *32(%rcx)
;;     0x2e  xorps %xmm0, %xmm0
;;     0x2e  cvtsi2sd %rbx, %xmm0
;;     0x2f  addsd -16(%rbp), %xmm0
;;     0x30  addq $8, %rsp
;;     0x30  popq %rbx
;;     0x30  popq %rbp
;;     0x30  retq
;;           .LBB0_1:
;;     0x28  ud1l 10(%eax), %eax
