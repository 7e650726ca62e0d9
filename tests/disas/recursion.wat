;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; The check of the native stack, and a call of the function itself.
(module
  (func $fib (param i32) (result i32) (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (local.get 0)) (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2))))))))

;; dump-jit --only code --bounds guard
;; func 0 $fib (i32) -> (i32)
;;
;; machine code, 133 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r10, [rdi+0x50]
;;               8  mov r10, [r10+0x30]
;;               c  add r10, 0x30
;;              10  cmp r10, rsp
;;              13  ja 0x83
;;              19  sub rsp, 0x20
;;              1d  mov [rsp], r12
;;              21  mov [rsp+8], r13
;;              26  mov [rsp+0x10], r15
;;              2b  mov r13, rdi
;;     0x1e     2e  cmp esi, 2
;;     0x1e     31  mov r12, rsi
;;     0x1e     34  jb 0x66
;;              3a  mov rax, r12
;;              3d  mov rsi, rax
;;     0x27     40  sub esi, 1
;;     0x27     43  mov rdi, r13
;;     0x28     46  call $fib
;;     0x28     4b  mov rsi, r12
;;     0x28     4e  mov r15, rax
;;              51  sub esi, 2
;;              54  mov rdi, r13
;;     0x2f     57  call $fib
;;     0x2f     5c  mov rcx, r15
;;     0x31     5f  add eax, ecx
;;     0x32     61  jmp 0x6c
;;              66  mov rsi, r12
;;              69  mov rax, rsi
;;     0x33     6c  mov r12, [rsp]
;;     0x33     70  mov r13, [rsp+8]
;;     0x33     75  mov r15, [rsp+0x10]
;;     0x33     7a  add rsp, 0x20
;;     0x33     7e  mov rsp, rbp
;;     0x33     81  pop rbp
;;     0x33     82  ret
;;              83  ud2                                       ; trap: call stack exhausted

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $fib (i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           pushq %r15
;;           pushq %r14
;;           pushq %rbx
;;           pushq %rax
;;     0x19  movq 80(%rdi), %rax
;;     0x19  cmpq 48(%rax), %rsp
;;     0x19  jb .LBB0_4
;;           movl %esi, %ebx
;;     0x1d  cmpl $2, %esi
;;     0x1e  jb .LBB0_3
;;     0x27  leal -1(%rbx), %esi
;;     0x27  movq %rdi, %r15
;;     0x28  callq function0@PLT
;;     0x28  movl %eax, %r14d
;;     0x2e  addl $-2, %ebx
;;     0x2f  movq %r15, %rdi
;;     0x2f  movl %ebx, %esi
;;     0x2f  callq function0@PLT
;;     0x2f  movl %eax, %ebx
;;     0x31  addl %r14d, %ebx
;;           .LBB0_3:
;;     0x33  movl %ebx, %eax
;;     0x33  addq $8, %rsp
;;     0x33  popq %rbx
;;     0x33  popq %r14
;;     0x33  popq %r15
;;     0x33  popq %rbp
;;     0x33  retq
;;           .LBB0_4:
;;     0x19  ud1l 10(%eax), %eax
