;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; Vectors are arguments and results in registers, and lie in two slots for the runtime.
(module
  (import "env" "f" (func $f (param v128) (result v128)))
  (func $callee (param v128 i32) (result v128) (i32x4.add (local.get 0) (i32x4.splat (local.get 1))))
  (func $caller (param v128) (result v128) (call $f (call $callee (local.get 0) (i32.const 1)))))

;; dump-jit --only code --bounds guard
;; func 1 $callee (v128, i32) -> (v128)
;;
;; machine code, 22 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x2f      4  movd xmm4, esi
;;     0x2f      8  pshufd xmm6, xmm4, 0
;;     0x31      d  paddd xmm0, xmm6
;;     0x34     11  mov rsp, rbp
;;     0x34     14  pop rbp
;;     0x34     15  ret
;;
;; func 2 $caller (v128) -> (v128)
;;
;; machine code, 91 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r10, [rdi+0x50]
;;               8  mov r10, [r10+0x30]
;;               c  add r10, 0x20
;;              10  cmp r10, rsp
;;              13  ja 0x59
;;              19  sub rsp, 0x10
;;              1d  mov [rsp], r12
;;     0x3b     21  mov esi, 1
;;     0x3b     26  mov r12, rdi
;;     0x3b     29  call $callee
;;     0x3d     2e  mov r10, [r12+0x50]
;;     0x3d     33  mov [r10+0xf0], r12
;;     0x3d     3a  mov r11, [r12+0x28]
;;     0x3d     3f  mov r11, [r11]
;;     0x3d     42  mov rax, [r11+0x20]
;;     0x3d     46  mov rdi, [r11+0x28]
;;     0x3d     4a  call rax                                  ; $f
;;     0x3f     4c  mov r12, [rsp]
;;     0x3f     50  add rsp, 0x10
;;     0x3f     54  mov rsp, rbp
;;     0x3f     57  pop rbp
;;     0x3f     58  ret
;;              59  ud2                                       ; trap: call stack exhausted

;; dump-jit --tier llvm --only code --bounds guard
;; func 1 $callee (v128, i32) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movaps %xmm0, %xmm1
;;     0x2f  movd %esi, %xmm0
;;     0x2f  pshufd $0, %xmm0, %xmm0
;;     0x31  paddd %xmm1, %xmm0
;;     0x34  popq %rbp
;;     0x34  retq
;;
;; func 2 $caller (v128) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           pushq %r14
;;           pushq %rbx
;;     0x37  movq 80(%rdi), %r14
;;     0x37  cmpq 48(%r14), %rsp
;;     0x37  jb .LBB0_1
;;           movq %rdi, %rbx
;;     0x3b  movl $1, %esi
;;     0x3b  callq *entries(%rip)
;;     0x3d  movq 40(%rbx), %rax
;;     0x3d  movq (%rax), %rax
;;     0x3d  movq %rbx, 240(%r14)
;;     0x3d  movq 40(%rax), %rdi
;;     0x3d  callq *32(%rax)
;;     0x3f  popq %rbx
;;     0x3f  popq %r14
;;     0x3f  popq %rbp
;;     0x3f  retq
;;           .LBB0_1:
;;     0x37  ud1l 10(%eax), %eax
