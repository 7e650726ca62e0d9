;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; The table cannot grow: its size is a constant.
(module
  (type $t (func (param i32) (result i32)))
  (table 10 10 funcref)
  (func $caller (param i32 i32) (result i32)
    (loop $again
      (local.set 0 (call_indirect (type $t) (local.get 0) (local.get 1)))
      (br_if $again (local.get 0)))
    (local.get 1)))

;; dump-jit --only code --bounds guard
;; func 0 $caller (i32, i32) -> (i32)
;;
;; machine code, 211 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r10, [rdi+0x50]
;;               8  mov r10, [r10+0x30]
;;               c  add r10, 0x50
;;              10  cmp r10, rsp
;;              13  ja 0xcd
;;              19  sub rsp, 0x40
;;              1d  mov [rsp+0x10], rbx
;;              22  mov [rsp+0x18], r12
;;              27  mov [rsp+0x20], r13
;;              2c  mov [rsp+0x28], r14
;;              31  mov [rsp+0x30], r15
;;     0x2c     36  mov ebx, edx
;;     0x2c     38  mov [rsp], rdx
;;     0x2c     3c  mov rax, [rdi+0x30]
;;     0x2c     40  mov rax, [rax]
;;     0x2c     43  mov r12, [rax]
;;     0x2c     46  xor rcx, rcx
;;     0x2c     49  cmp rbx, 0xa
;;     0x2c     4d  mov rax, rbx
;;     0x2c     50  cmovae rax, rcx
;;     0x2c     54  mov [rsp+8], rax
;;     0x2c     59  mov rax, [rdi+0x48]
;;     0x2c     5d  mov r13d, [rax]
;;     0x2c     60  mov r14, [rdi+0x50]
;;     0x2c     64  mov r15, rdi
;;     0x2c     67  cmp rbx, 0xa
;;     0x2c     6b  jae 0xcf
;;     0x2c     71  mov rdx, [rsp+8]
;;     0x2c     76  mov rcx, [r12+rdx*8]
;;     0x2c     7a  mov eax, [rcx+0x38]                       ; trap: uninitialized element
;;     0x2c     7d  cmp eax, r13d
;;     0x2c     80  jne 0xd1
;;     0x2c     86  mov [r14+0xf0], r15
;;     0x2c     8d  mov rax, [rcx+0x20]
;;     0x2c     91  mov rdi, [rcx+0x28]
;;     0x2c     95  call rax                                  ; element of a table
;;     0x33     97  test eax, eax
;;     0x33     99  je 0xa7
;;              9f  mov rsi, rax
;;              a2  jmp 0x67
;;              a7  mov rax, [rsp]
;;     0x38     ab  mov rbx, [rsp+0x10]
;;     0x38     b0  mov r12, [rsp+0x18]
;;     0x38     b5  mov r13, [rsp+0x20]
;;     0x38     ba  mov r14, [rsp+0x28]
;;     0x38     bf  mov r15, [rsp+0x30]
;;     0x38     c4  add rsp, 0x40
;;     0x38     c8  mov rsp, rbp
;;     0x38     cb  pop rbp
;;     0x38     cc  ret
;;              cd  ud2                                       ; trap: call stack exhausted
;;     0x2c     cf  ud2                                       ; trap: undefined element
;;     0x2c     d1  ud2                                       ; trap: indirect call type mismatch

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $caller (i32, i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           pushq %r15
;;           pushq %r14
;;           pushq %r13
;;           pushq %r12
;;           pushq %rbx
;;           pushq %rax
;;     0x26  movq 80(%rdi), %r15
;;     0x26  cmpq 48(%r15), %rsp
;;     0x26  jb .LBB0_10
;;           movl %edx, %ebx
;;           movq %rdi, %r14
;;           movl %edx, %r12d
;;           movl $10, %r13d
;;           jmp .LBB0_2
;;           .LBB0_7:
;;     0x2c  movq %r14, 240(%r15)
;;     0x2c  movq 40(%rax), %rdi
;;     0x2c  callq *32(%rax)
;;     0x2c  movl %eax, %esi
;;     0x33  testl %esi, %esi
;;     0x33  je .LBB0_9
;;           .LBB0_2:
;;           cmpl $10, %ebx
;;     0x2c  jae .LBB0_11
;;     0x2c  movq 48(%r14), %rax
;;     0x2c  movq (%rax), %rcx
;;     0x2c  cmpq %r13, %r12
;;     0x2c  sbbq %rdx, %rdx
;;     0x2c  movl %r12d, %eax
;;     0x2c  andl %edx, %eax
;;     0x2c  movq (%rcx), %rcx
;;     0x2c  movq (%rcx,%rax,8), %rax
;;     0x2c  testq %rax, %rax
;;     0x2c  je .LBB0_12
;;     0x2c  movq 72(%r14), %rcx
;;     0x2c  movl 56(%rax), %edx
;;     0x2c  cmpl (%rcx), %edx
;;     0x2c  jne .LBB0_13
;;     0x2c  cmpq %r14, 16(%rax)
;;     0x2c  jne .LBB0_7
;;     0x2c  movl 60(%rax), %eax
;;     0x2c  movq %r14, %rdi
;;     0x2c  leaq entries(%rip), %rcx
;;     0x2c  callq *(%rcx,%rax,8)
;;     0x2c  movl %eax, %esi
;;     0x33  testl %esi, %esi
;;     0x33  jne .LBB0_2
;;           .LBB0_9:
;;     0x38  movl %ebx, %eax
;;     0x38  addq $8, %rsp
;;     0x38  popq %rbx
;;     0x38  popq %r12
;;     0x38  popq %r13
;;     0x38  popq %r14
;;     0x38  popq %r15
;;     0x38  popq %rbp
;;     0x38  retq
;;           .LBB0_11:
;;     0x2c  ud1l 4(%eax), %eax
;;           .LBB0_12:
;;     0x2c  ud1l 5(%eax), %eax
;;           .LBB0_13:
;;     0x2c  ud1l 6(%eax), %eax
;;           .LBB0_10:
;;     0x26  ud1l 10(%eax), %eax
