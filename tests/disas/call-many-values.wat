;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; More arguments and results than registers hold.
(module
  (func $callee (param i64 i64 i64 i64 i64 i64 i64 i64) (result i64 i64 i64) (local.get 0) (local.get 7) (local.get 3))
  (func $caller (result i64) (call $callee (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5) (i64.const 6) (i64.const 7) (i64.const 8)) (i64.add) (i64.add)))

;; dump-jit --only code --bounds guard
;; func 0 $callee (i64, i64, i64, i64, i64, i64, i64, i64) -> (i64, i64, i64)
;;
;; machine code, 21 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov rcx, [rbp+0x20]
;;               8  mov rax, rsi
;;               b  mov rdx, r8
;;     0x2d      e  mov rsp, rbp
;;     0x2d     11  pop rbp
;;     0x2d     12  ret 0x20
;;
;; func 1 $caller () -> (i64)
;;
;; machine code, 113 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r10, [rdi+0x50]
;;               8  mov r10, [r10+0x30]
;;               c  add r10, 0x30
;;              10  cmp r10, rsp
;;              13  ja 0x6f
;;              19  sub rsp, 0x20
;;     0x40     1d  mov esi, 1
;;     0x40     22  mov edx, 2
;;     0x40     27  mov ecx, 3
;;     0x40     2c  mov r8d, 4
;;     0x40     32  mov r9d, 5
;;     0x40     38  mov eax, 6
;;     0x40     3d  mov r10d, 7
;;     0x40     43  mov r11d, 8
;;     0x40     49  mov [rsp], rax
;;     0x40     4d  mov [rsp+8], r10
;;     0x40     52  mov [rsp+0x10], r11
;;     0x40     57  call $callee
;;     0x40     5c  sub rsp, 0x20
;;     0x42     60  add rcx, rdx
;;     0x43     63  add rax, rcx
;;     0x44     66  add rsp, 0x20
;;     0x44     6a  mov rsp, rbp
;;     0x44     6d  pop rbp
;;     0x44     6e  ret
;;              6f  ud2                                       ; trap: call stack exhausted

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $callee (i64, i64, i64, i64, i64, i64, i64, i64) -> (i64, i64, i64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movq 56(%rsi), %rcx
;;           movq 24(%rsi), %rax
;;     0x2d  movq %rcx, 8(%rsi)
;;     0x2d  movq %rax, 16(%rsi)
;;     0x2d  popq %rbp
;;     0x2d  retq
;;
;; func 1 $caller () -> (i64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           subq $64, %rsp
;;     0x30  movq 80(%rdi), %rax
;;     0x30  cmpq 48(%rax), %rsp
;;     0x30  jb .LBB0_1
;;     0x40  movq $1, -64(%rbp)
;;     0x40  movq $2, -56(%rbp)
;;     0x40  movq $3, -48(%rbp)
;;     0x40  movq $4, -40(%rbp)
;;     0x40  movq $5, -32(%rbp)
;;     0x40  movq $6, -24(%rbp)
;;     0x40  movq $7, -16(%rbp)
;;     0x40  movq $8, -8(%rbp)
;;     0x40  leaq -64(%rbp), %rsi
;;     0x40  callq *entries(%rip)
;;     0x40  movq -56(%rbp), %rax
;;     0x42  addq -48(%rbp), %rax
;;     0x43  addq -64(%rbp), %rax
;;     0x44  addq $64, %rsp
;;     0x44  popq %rbp
;;     0x44  retq
;;           .LBB0_1:
;;     0x30  ud1l 10(%eax), %eax
