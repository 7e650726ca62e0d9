;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; As a call through a table, and a jump.
(module
  (type $t (func (param i32) (result i32)))
  (table 4 funcref)
  (func $caller (param i32) (result i32) (return_call_indirect (type $t) (local.get 0) (local.get 0))))

;; dump-jit --only code --bounds guard
;; func 0 $caller (i32) -> (i32)
;;
;; machine code, 111 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r10, [rdi+0x50]
;;               8  mov r10, [r10+0x30]
;;               c  add r10, 0x10
;;              10  cmp r10, rsp
;;              13  ja 0x69
;;     0x23     19  mov rax, [rdi+0x30]
;;     0x23     1d  mov rdx, [rax]
;;     0x23     20  mov rcx, [rdx+8]
;;     0x23     24  mov eax, esi
;;     0x23     26  cmp rax, rcx
;;     0x23     29  jae 0x6b
;;     0x23     2f  mov rdx, [rdx]
;;     0x23     32  xor r8, r8
;;     0x23     35  cmp rax, rcx
;;     0x23     38  cmovae rax, r8
;;     0x23     3c  mov rax, [rdx+rax*8]
;;     0x23     40  mov ecx, [rax+0x38]                       ; trap: uninitialized element
;;     0x23     43  mov rdx, [rdi+0x48]
;;     0x23     47  cmp ecx, [rdx]
;;     0x23     49  jne 0x6d
;;     0x23     4f  mov rcx, [rdi+0x50]
;;     0x23     53  mov [rcx+0xf0], rdi
;;     0x23     5a  mov r10, [rax+0x20]
;;     0x23     5e  mov rdi, [rax+0x28]
;;     0x23     62  mov rsp, rbp
;;     0x23     65  pop rbp
;;     0x23     66  jmp r10                                   ; element of a table
;;              69  ud2                                       ; trap: call stack exhausted
;;     0x23     6b  ud2                                       ; trap: undefined element
;;     0x23     6d  ud2                                       ; trap: indirect call type mismatch

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $caller (i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x23  movl %esi, %esi
;;     0x23  movq 48(%rdi), %rax
;;     0x23  movq (%rax), %rax
;;     0x23  movq 8(%rax), %rcx
;;     0x23  cmpq %rcx, %rsi
;;     0x23  jae .LBB0_5
;;     0x23  cmpq %rcx, %rsi
;;     0x23  sbbq %rcx, %rcx
;;     0x23  andl %esi, %ecx
;;     0x23  movq (%rax), %rax
;;     0x23  movq (%rax,%rcx,8), %rax
;;     0x23  testq %rax, %rax
;;     0x23  je .LBB0_6
;;     0x23  movq 72(%rdi), %rcx
;;     0x23  movl 56(%rax), %edx
;;     0x23  cmpl (%rcx), %edx
;;     0x23  jne .LBB0_7
;;     0x23  cmpq %rdi, 16(%rax)
;;     0x23  je .LBB0_8
;;     0x23  movq 80(%rdi), %rcx
;;     0x23  movq %rdi, 240(%rcx)
;;     0x23  movq 32(%rax), %rcx
;;     0x23  movq 40(%rax), %rdi
;;     0x23  popq %rbp
;;     0x23  jmpq *%rcx
;;           .LBB0_8:
;;     0x23  movl 60(%rax), %eax
;;     0x23  leaq entries(%rip), %rcx
;;     0x23  movq (%rcx,%rax,8), %rax
;;     0x23  popq %rbp
;;     0x23  jmpq *%rax
;;           .LBB0_5:
;;     0x23  ud1l 4(%eax), %eax
;;           .LBB0_6:
;;     0x23  ud1l 5(%eax), %eax
;;           .LBB0_7:
;;     0x23  ud1l 6(%eax), %eax
