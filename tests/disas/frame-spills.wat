;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; What waits across calls is spilled.
(module
  (import "env" "g" (func $g (param i64) (result i64)))
  (func $f (param i64) (result i64) (local.get 0) (call $g (local.get 0)) (call $g (local.get 0)) (call $g (local.get 0)) (call $g (local.get 0)) (call $g (local.get 0)) (call $g (local.get 0)) (call $g (local.get 0)) (call $g (local.get 0)) (call $g (local.get 0)) (call $g (local.get 0)) (call $g (local.get 0)) (call $g (local.get 0)) (i64.add) (i64.add) (i64.add) (i64.add) (i64.add) (i64.add) (i64.add) (i64.add) (i64.add) (i64.add) (i64.add) (i64.add) ))

;; dump-jit --only code --bounds guard
;; func 1 $f (i64) -> (i64)
;;
;; machine code, 519 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r10, [rdi+0x50]
;;               8  mov r10, [r10+0x30]
;;               c  add r10, 0x90
;;              13  cmp r10, rsp
;;              16  ja 0x205
;;              1c  sub rsp, 0x80
;;              23  mov [rsp+0x50], rbx
;;              28  mov [rsp+0x58], r12
;;              2d  mov [rsp+0x60], r13
;;              32  mov [rsp+0x68], r14
;;              37  mov [rsp+0x70], r15
;;     0x28     3c  mov rbx, [rdi+0x50]
;;     0x28     40  mov [rbx+0xf0], rdi
;;     0x28     47  mov rax, [rdi+0x28]
;;     0x28     4b  mov r13, rdi
;;     0x28     4e  mov r12, [rax]
;;     0x28     51  mov rax, [r12+0x20]
;;     0x28     56  mov rdi, [r12+0x28]
;;     0x28     5b  mov r14, rsi
;;     0x28     5e  call rax                                  ; $g
;;     0x28     60  mov r15, rax
;;     0x2c     63  mov [rbx+0xf0], r13
;;     0x2c     6a  mov rax, [r12+0x20]
;;     0x2c     6f  mov rdi, [r12+0x28]
;;     0x2c     74  mov rsi, r14
;;     0x2c     77  call rax                                  ; $g
;;     0x2c     79  mov [rsp+0x48], rax
;;     0x30     7e  mov [rbx+0xf0], r13
;;     0x30     85  mov rax, [r12+0x20]
;;     0x30     8a  mov rdi, [r12+0x28]
;;     0x30     8f  mov rsi, r14
;;     0x30     92  call rax                                  ; $g
;;     0x30     94  mov [rsp+0x40], rax
;;     0x34     99  mov [rbx+0xf0], r13
;;     0x34     a0  mov rax, [r12+0x20]
;;     0x34     a5  mov rdi, [r12+0x28]
;;     0x34     aa  mov rsi, r14
;;     0x34     ad  call rax                                  ; $g
;;     0x34     af  mov [rsp+0x38], rax
;;     0x38     b4  mov [rbx+0xf0], r13
;;     0x38     bb  mov rax, [r12+0x20]
;;     0x38     c0  mov rdi, [r12+0x28]
;;     0x38     c5  mov rsi, r14
;;     0x38     c8  call rax                                  ; $g
;;     0x38     ca  mov [rsp+0x30], rax
;;     0x3c     cf  mov [rbx+0xf0], r13
;;     0x3c     d6  mov rax, [r12+0x20]
;;     0x3c     db  mov rdi, [r12+0x28]
;;     0x3c     e0  mov rsi, r14
;;     0x3c     e3  call rax                                  ; $g
;;     0x3c     e5  mov [rsp+0x28], rax
;;     0x40     ea  mov [rbx+0xf0], r13
;;     0x40     f1  mov rax, [r12+0x20]
;;     0x40     f6  mov rdi, [r12+0x28]
;;     0x40     fb  mov rsi, r14
;;     0x40     fe  call rax                                  ; $g
;;     0x40    100  mov [rsp+0x20], rax
;;     0x44    105  mov [rbx+0xf0], r13
;;     0x44    10c  mov rax, [r12+0x20]
;;     0x44    111  mov rdi, [r12+0x28]
;;     0x44    116  mov rsi, r14
;;     0x44    119  call rax                                  ; $g
;;     0x44    11b  mov [rsp+0x18], rax
;;     0x48    120  mov [rbx+0xf0], r13
;;     0x48    127  mov rax, [r12+0x20]
;;     0x48    12c  mov rdi, [r12+0x28]
;;     0x48    131  mov rsi, r14
;;     0x48    134  call rax                                  ; $g
;;     0x48    136  mov [rsp+0x10], rax
;;     0x4c    13b  mov [rbx+0xf0], r13
;;     0x4c    142  mov rax, [r12+0x20]
;;     0x4c    147  mov rdi, [r12+0x28]
;;     0x4c    14c  mov rsi, r14
;;     0x4c    14f  call rax                                  ; $g
;;     0x4c    151  mov [rsp+8], rax
;;     0x50    156  mov [rbx+0xf0], r13
;;     0x50    15d  mov rcx, [r12+0x20]
;;     0x50    162  mov rdi, [r12+0x28]
;;     0x50    167  mov rsi, r14
;;     0x50    16a  call rcx                                  ; $g
;;     0x50    16c  mov [rsp], rax
;;     0x54    170  mov [rbx+0xf0], r13
;;     0x54    177  mov rdx, [r12+0x20]
;;     0x54    17c  mov rdi, [r12+0x28]
;;     0x54    181  mov rsi, r14
;;     0x54    184  call rdx                                  ; $g
;;     0x54    186  mov rsi, [rsp]
;;     0x56    18a  lea rdx, [rsi+rax]
;;     0x56    18e  mov rax, [rsp+8]
;;     0x57    193  add rdx, rax
;;     0x57    196  mov rax, [rsp+0x10]
;;     0x58    19b  add rdx, rax
;;     0x58    19e  mov rax, [rsp+0x18]
;;     0x59    1a3  add rdx, rax
;;     0x59    1a6  mov rax, [rsp+0x20]
;;     0x5a    1ab  add rdx, rax
;;     0x5a    1ae  mov rax, [rsp+0x28]
;;     0x5b    1b3  add rdx, rax
;;     0x5b    1b6  mov rax, [rsp+0x30]
;;     0x5c    1bb  add rdx, rax
;;     0x5c    1be  mov rax, [rsp+0x38]
;;     0x5d    1c3  add rdx, rax
;;     0x5d    1c6  mov rax, [rsp+0x40]
;;     0x5e    1cb  add rdx, rax
;;     0x5e    1ce  mov rax, [rsp+0x48]
;;     0x5f    1d3  add rdx, rax
;;     0x5f    1d6  mov rax, r15
;;     0x60    1d9  add rdx, rax
;;     0x61    1dc  lea rax, [r14+rdx]
;;     0x62    1e0  mov rbx, [rsp+0x50]
;;     0x62    1e5  mov r12, [rsp+0x58]
;;     0x62    1ea  mov r13, [rsp+0x60]
;;     0x62    1ef  mov r14, [rsp+0x68]
;;     0x62    1f4  mov r15, [rsp+0x70]
;;     0x62    1f9  add rsp, 0x80
;;     0x62    200  mov rsp, rbp
;;     0x62    203  pop rbp
;;     0x62    204  ret
;;             205  ud2                                       ; trap: call stack exhausted

;; dump-jit --tier llvm --only code --bounds guard
;; func 1 $f (i64) -> (i64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           pushq %r15
;;           pushq %r14
;;           pushq %r13
;;           pushq %r12
;;           pushq %rbx
;;           subq $88, %rsp
;;     0x24  movq 80(%rdi), %r12
;;     0x24  cmpq 48(%r12), %rsp
;;     0x24  jb .LBB0_1
;;           movq %rsi, %rbx
;;           movq %rdi, %r14
;;     0x28  movq 40(%rdi), %rax
;;     0x28  movq (%rax), %r15
;;     0x28  movq %rdi, 240(%r12)
;;     0x28  movq 40(%r15), %rdi
;;     0x28  callq *32(%r15)
;;     0x28  movq %rax, -120(%rbp)
;;     0x2c  movq %r14, 240(%r12)
;;     0x2c  movq 40(%r15), %rdi
;;     0x2c  movq %rbx, %rsi
;;     0x2c  callq *32(%r15)
;;     0x2c  movq %rax, -112(%rbp)
;;     0x30  movq %r14, 240(%r12)
;;     0x30  movq 40(%r15), %rdi
;;     0x30  movq %rbx, %rsi
;;     0x30  callq *32(%r15)
;;     0x30  movq %rax, -104(%rbp)
;;     0x34  movq %r14, 240(%r12)
;;     0x34  movq 40(%r15), %rdi
;;     0x34  movq %rbx, %rsi
;;     0x34  callq *32(%r15)
;;     0x34  movq %rax, -96(%rbp)
;;     0x38  movq %r14, 240(%r12)
;;     0x38  movq 40(%r15), %rdi
;;     0x38  movq %rbx, %rsi
;;     0x38  callq *32(%r15)
;;     0x38  movq %rax, -88(%rbp)
;;     0x3c  movq %r14, 240(%r12)
;;     0x3c  movq 40(%r15), %rdi
;;     0x3c  movq %rbx, %rsi
;;     0x3c  callq *32(%r15)
;;     0x3c  movq %rax, -80(%rbp)
;;     0x40  movq %r14, 240(%r12)
;;     0x40  movq 40(%r15), %rdi
;;     0x40  movq %rbx, %rsi
;;     0x40  callq *32(%r15)
;;     0x40  movq %rax, -72(%rbp)
;;     0x44  movq %r14, 240(%r12)
;;     0x44  movq 40(%r15), %rdi
;;     0x44  movq %rbx, %rsi
;;     0x44  callq *32(%r15)
;;     0x44  movq %rax, %r13
;;     0x48  movq %r14, 240(%r12)
;;     0x48  movq 40(%r15), %rdi
;;     0x48  movq %rbx, %rsi
;;     0x48  callq *32(%r15)
;;     0x48  movq %rax, -64(%rbp)
;;     0x4c  movq %r14, 240(%r12)
;;     0x4c  movq 40(%r15), %rdi
;;     0x4c  movq %rbx, %rsi
;;     0x4c  callq *32(%r15)
;;     0x4c  movq %rax, -56(%rbp)
;;     0x50  movq %r14, 240(%r12)
;;     0x50  movq 40(%r15), %rdi
;;     0x50  movq %rbx, %rsi
;;     0x50  callq *32(%r15)
;;     0x50  movq %rax, -48(%rbp)
;;     0x54  movq %r14, 240(%r12)
;;     0x54  movq 40(%r15), %rdi
;;     0x54  movq %rbx, %rsi
;;     0x54  callq *32(%r15)
;;     0x56  addq -48(%rbp), %rax
;;     0x56  movq -56(%rbp), %rcx
;;     0x57  addq -64(%rbp), %rcx
;;     0x58  addq %rcx, %rax
;;     0x59  addq -72(%rbp), %r13
;;     0x5a  addq -80(%rbp), %r13
;;     0x5b  addq %r13, %rax
;;     0x5b  movq -88(%rbp), %rcx
;;     0x5c  addq -96(%rbp), %rcx
;;     0x5d  addq -104(%rbp), %rcx
;;     0x5e  addq -112(%rbp), %rcx
;;     0x5f  addq %rcx, %rax
;;     0x5f  movq -120(%rbp), %rcx
;;     0x60  addq %rbx, %rcx
;;     0x61  addq %rcx, %rax
;;     0x62  addq $88, %rsp
;;     0x62  popq %rbx
;;     0x62  popq %r12
;;     0x62  popq %r13
;;     0x62  popq %r14
;;     0x62  popq %r15
;;     0x62  popq %rbp
;;     0x62  retq
;;           .LBB0_1:
;;     0x24  ud1l 10(%eax), %eax
