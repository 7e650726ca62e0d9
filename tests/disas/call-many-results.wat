;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; More results of one kind than registers hold: an array that calls share, whose address a tail call passes on.
(module
  (func $nine (param i64) (result i64 i64 i64 i64 i64 i64 i64 i64 i32)
    (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4) (i64.const 5) (i64.const 6) (i64.const 7) (local.get 0) (i32.const 9))
  (func $tail (param i64) (result i64 i64 i64 i64 i64 i64 i64 i64 i32) (return_call $nine (local.get 0)))
  (func $caller (param i64) (result i32) (local i32)
    (local.set 1 (call $nine (local.get 0)))
    (drop) (drop) (drop) (drop) (drop) (drop) (drop) (drop)
    (call $nine (local.get 0))
    (local.set 1 (i32.add (local.get 1)))
    (drop) (drop) (drop) (drop) (drop) (drop) (drop) (drop)
    (local.get 1)))

;; dump-jit --only code --bounds guard
;; func 0 $nine (i64) -> (i64, i64, i64, i64, i64, i64, i64, i64, i32)
;;
;; machine code, 76 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x3a      4  mov qword ptr [rsi], 1
;;     0x3a      b  mov qword ptr [rsi+8], 2
;;     0x3a     13  mov qword ptr [rsi+0x10], 3
;;     0x3a     1b  mov qword ptr [rsi+0x18], 4
;;     0x3a     23  mov qword ptr [rsi+0x20], 5
;;     0x3a     2b  mov qword ptr [rsi+0x28], 6
;;     0x3a     33  mov qword ptr [rsi+0x30], 7
;;     0x3a     3b  mov [rsi+0x38], rdx
;;     0x3a     3f  mov qword ptr [rsi+0x40], 9
;;     0x3a     47  mov rsp, rbp
;;     0x3a     4a  pop rbp
;;     0x3a     4b  ret
;;
;; func 1 $tail (i64) -> (i64, i64, i64, i64, i64, i64, i64, i64, i32)
;;
;; machine code, 36 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r10, [rdi+0x50]
;;               8  mov r10, [r10+0x30]
;;               c  add r10, 0x10
;;              10  cmp r10, rsp
;;              13  ja 0x22
;;     0x3f     19  mov rsp, rbp
;;     0x3f     1c  pop rbp
;;     0x3f     1d  jmp $nine
;;              22  ud2                                       ; trap: call stack exhausted
;;
;; func 2 $caller (i64) -> (i32)
;;
;; machine code, 199 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r10, [rdi+0x50]
;;               8  mov r10, [r10+0x30]
;;               c  add r10, 0x80
;;              13  cmp r10, rsp
;;              16  ja 0xc5
;;              1c  sub rsp, 0x70
;;              20  mov [rsp+0x50], rbx
;;              25  mov [rsp+0x58], r12
;;              2a  mov [rsp+0x60], r13
;;              2f  mov r12, rsi
;;              32  mov r13, rdi
;;     0x48     35  lea rbx, [rsp]
;;     0x48     39  mov rdx, r12
;;     0x48     3c  mov rsi, rbx
;;     0x48     3f  call $nine
;;     0x48     44  mov rax, [rsp]
;;     0x48     48  mov rax, [rsp+8]
;;     0x48     4d  mov rax, [rsp+0x10]
;;     0x48     52  mov rax, [rsp+0x18]
;;     0x48     57  mov rax, [rsp+0x20]
;;     0x48     5c  mov rax, [rsp+0x28]
;;     0x48     61  mov rax, [rsp+0x30]
;;     0x48     66  mov rax, [rsp+0x38]
;;     0x48     6b  mov eax, [rsp+0x40]
;;     0x48     6f  mov rdi, r13
;;     0x48     72  mov rdx, r12
;;     0x48     75  mov r12, rax
;;     0x48     78  mov rsi, rbx
;;     0x56     7b  call $nine
;;     0x56     80  mov rax, [rsp]
;;     0x56     84  mov rax, [rsp+8]
;;     0x56     89  mov rax, [rsp+0x10]
;;     0x56     8e  mov rax, [rsp+0x18]
;;     0x56     93  mov rax, [rsp+0x20]
;;     0x56     98  mov rax, [rsp+0x28]
;;     0x56     9d  mov rax, [rsp+0x30]
;;     0x56     a2  mov rax, [rsp+0x38]
;;     0x56     a7  mov rax, r12
;;     0x5a     aa  add eax, [rbx+0x40]
;;     0x67     ad  mov rbx, [rsp+0x50]
;;     0x67     b2  mov r12, [rsp+0x58]
;;     0x67     b7  mov r13, [rsp+0x60]
;;     0x67     bc  add rsp, 0x70
;;     0x67     c0  mov rsp, rbp
;;     0x67     c3  pop rbp
;;     0x67     c4  ret
;;              c5  ud2                                       ; trap: call stack exhausted

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $nine (i64) -> (i64, i64, i64, i64, i64, i64, i64, i64, i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movq (%rsi), %rax
;;     0x3a  movq $1, (%rsi)
;;     0x3a  movq $2, 8(%rsi)
;;     0x3a  movq $3, 16(%rsi)
;;     0x3a  movq $4, 24(%rsi)
;;     0x3a  movq $5, 32(%rsi)
;;     0x3a  movq $6, 40(%rsi)
;;     0x3a  movq $7, 48(%rsi)
;;     0x3a  movq %rax, 56(%rsi)
;;     0x3a  movq $9, 64(%rsi)
;;     0x3a  popq %rbp
;;     0x3a  retq
;;
;; func 1 $tail (i64) -> (i64, i64, i64, i64, i64, i64, i64, i64, i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           pushq %r14
;;           pushq %rbx
;;           subq $80, %rsp
;;     0x3d  movq 80(%rdi), %rax
;;     0x3d  cmpq 48(%rax), %rsp
;;     0x3d  jb .LBB0_3
;;           movq %rsi, %rbx
;;           movq %rdi, %rsi
;;           movq (%rbx), %rcx
;;     0x3f  movq 16(%rdi), %rdi
;; 0xffffffff  movq %rcx, -88(%rbp)
;; 0xffffffff  movq 152(%rax), %r14
;; 0xffffffff  leaq -88(%rbp), %rdx
;; 0xffffffff  movq %rbp, %rcx
;; 0xffffffff  callq *56(%r14)
;; 0xffffffff  testl %eax, %eax
;; 0xffffffff  jne .LBB0_4
;; 0xffffffff  movups -88(%rbp), %xmm3
;; 0xffffffff  movups -72(%rbp), %xmm2
;; 0xffffffff  movups -56(%rbp), %xmm1
;; 0xffffffff  movups -40(%rbp), %xmm0
;; 0xffffffff  movl -24(%rbp), %eax
;; 0xffffffff  movups %xmm3, (%rbx)
;; 0xffffffff  movups %xmm2, 16(%rbx)
;; 0xffffffff  movups %xmm1, 32(%rbx)
;; 0xffffffff  movups %xmm0, 48(%rbx)
;; 0xffffffff  movq %rax, 64(%rbx)
;; 0xffffffff  addq $80, %rsp
;; 0xffffffff  popq %rbx
;; 0xffffffff  popq %r14
;; 0xffffffff  popq %rbp
;; 0xffffffff  retq
;;           .LBB0_3:
;;     0x3d  ud1l 10(%eax), %eax
;;           .LBB0_4:
;; 0xffffffff  movl %eax, %edi
;; 0xffffffff  callq *(%r14)
;;
;; func 2 $caller (i64) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           pushq %r15
;;           pushq %r14
;;           pushq %r12
;;           pushq %rbx
;;           subq $80, %rsp
;;     0x46  movq 80(%rdi), %rax
;;     0x46  cmpq 48(%rax), %rsp
;;     0x46  jb .LBB0_1
;;           movq %rsi, %rbx
;;     0x48  movq %rsi, -104(%rbp)
;;     0x48  leaq -104(%rbp), %r15
;;     0x48  movq %rdi, %r12
;;     0x48  movq %r15, %rsi
;;     0x48  callq *entries(%rip)
;;     0x48  movl -40(%rbp), %r14d
;;     0x56  movq %rbx, -104(%rbp)
;;     0x56  movq %r12, %rdi
;;     0x56  movq %r15, %rsi
;;     0x56  callq *entries(%rip)
;;     0x5a  addl -40(%rbp), %r14d
;;     0x67  movl %r14d, %eax
;;     0x67  addq $80, %rsp
;;     0x67  popq %rbx
;;     0x67  popq %r12
;;     0x67  popq %r14
;;     0x67  popq %r15
;;     0x67  popq %rbp
;;     0x67  retq
;;           .LBB0_1:
;;     0x46  ud1l 10(%eax), %eax
