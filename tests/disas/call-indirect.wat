;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; dump-jit --only code --bounds guard --spectre off
;; dump-jit --tier llvm --only code --bounds guard --spectre off
;; Bounds, null and type are checked; the index is masked where it is out of bounds.
(module
  (type $t (func (param i32) (result i32)))
  (table 10 funcref)
  (func $caller (param i32 i32) (result i32) (call_indirect (type $t) (local.get 0) (local.get 1))))

;; dump-jit --only code --bounds guard
;; func 0 $caller (i32, i32) -> (i32)
;;
;; machine code, 117 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r10, [rdi+0x50]
;;               8  mov r10, [r10+0x30]
;;               c  add r10, 0x10
;;              10  cmp r10, rsp
;;              13  ja 0x6f
;;              19  mov r8, rdx
;;     0x29     1c  mov rax, [rdi+0x30]
;;     0x29     20  mov rdx, [rax]
;;     0x29     23  mov rcx, [rdx+8]
;;     0x29     27  mov rax, r8
;;     0x29     2a  mov eax, eax
;;     0x29     2c  cmp rax, rcx
;;     0x29     2f  jae 0x71
;;     0x29     35  mov rdx, [rdx]
;;     0x29     38  xor r8, r8
;;     0x29     3b  cmp rax, rcx
;;     0x29     3e  cmovae rax, r8
;;     0x29     42  mov rax, [rdx+rax*8]
;;     0x29     46  mov ecx, [rax+0x38]                       ; trap: uninitialized element
;;     0x29     49  mov rdx, [rdi+0x48]
;;     0x29     4d  cmp ecx, [rdx]
;;     0x29     4f  jne 0x73
;;     0x29     55  mov rcx, [rdi+0x50]
;;     0x29     59  mov [rcx+0xf0], rdi
;;     0x29     60  mov rcx, [rax+0x20]
;;     0x29     64  mov rdi, [rax+0x28]
;;     0x29     68  call rcx                                  ; element of a table
;;     0x2c     6a  mov rsp, rbp
;;     0x2c     6d  pop rbp
;;     0x2c     6e  ret
;;              6f  ud2                                       ; trap: call stack exhausted
;;     0x29     71  ud2                                       ; trap: undefined element
;;     0x29     73  ud2                                       ; trap: indirect call type mismatch

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $caller (i32, i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x25  movq 80(%rdi), %rax
;;     0x25  cmpq 48(%rax), %rsp
;;     0x25  jb .LBB0_1
;;     0x29  movl %edx, %ecx
;;     0x29  movq 48(%rdi), %rdx
;;     0x29  movq (%rdx), %rdx
;;     0x29  movq 8(%rdx), %r8
;;     0x29  cmpq %rcx, %r8
;;     0x29  jbe .LBB0_9
;;     0x29  cmpq %r8, %rcx
;;     0x29  sbbq %r8, %r8
;;     0x29  andl %r8d, %ecx
;;     0x29  movq (%rdx), %rdx
;;     0x29  movq (%rdx,%rcx,8), %rcx
;;     0x29  testq %rcx, %rcx
;;     0x29  je .LBB0_10
;;     0x29  movq 72(%rdi), %rdx
;;     0x29  movl 56(%rcx), %r8d
;;     0x29  cmpl (%rdx), %r8d
;;     0x29  jne .LBB0_11
;;     0x29  cmpq %rdi, 16(%rcx)
;;     0x29  je .LBB0_5
;;     0x29  movq %rdi, 240(%rax)
;;     0x29  movq 40(%rcx), %rdi
;;     0x29  callq *32(%rcx)
;;     0x2c  popq %rbp
;;     0x2c  retq
;;           .LBB0_5:
;;     0x29  movl 60(%rcx), %eax
;;     0x29  leaq entries(%rip), %rcx
;;     0x29  callq *(%rcx,%rax,8)
;;     0x2c  popq %rbp
;;     0x2c  retq
;;           .LBB0_1:
;;     0x25  ud1l 10(%eax), %eax
;;           .LBB0_9:
;;     0x29  ud1l 4(%eax), %eax
;;           .LBB0_10:
;;     0x29  ud1l 5(%eax), %eax
;;           .LBB0_11:
;;     0x29  ud1l 6(%eax), %eax

;; dump-jit --only code --bounds guard --spectre off
;; func 0 $caller (i32, i32) -> (i32)
;;
;; machine code, 98 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r10, [rdi+0x50]
;;               8  mov r10, [r10+0x30]
;;               c  add r10, 0x10
;;              10  cmp r10, rsp
;;              13  ja 0x5c
;;     0x29     19  mov rax, [rdi+0x30]
;;     0x29     1d  mov rax, [rax]
;;     0x29     20  mov ecx, edx
;;     0x29     22  cmp rcx, [rax+8]
;;     0x29     26  jae 0x5e
;;     0x29     2c  mov rax, [rax]
;;     0x29     2f  mov rax, [rax+rcx*8]
;;     0x29     33  mov ecx, [rax+0x38]                       ; trap: uninitialized element
;;     0x29     36  mov rdx, [rdi+0x48]
;;     0x29     3a  cmp ecx, [rdx]
;;     0x29     3c  jne 0x60
;;     0x29     42  mov rcx, [rdi+0x50]
;;     0x29     46  mov [rcx+0xf0], rdi
;;     0x29     4d  mov rcx, [rax+0x20]
;;     0x29     51  mov rdi, [rax+0x28]
;;     0x29     55  call rcx                                  ; element of a table
;;     0x2c     57  mov rsp, rbp
;;     0x2c     5a  pop rbp
;;     0x2c     5b  ret
;;              5c  ud2                                       ; trap: call stack exhausted
;;     0x29     5e  ud2                                       ; trap: undefined element
;;     0x29     60  ud2                                       ; trap: indirect call type mismatch

;; dump-jit --tier llvm --only code --bounds guard --spectre off
;; func 0 $caller (i32, i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x25  movq 80(%rdi), %rax
;;     0x25  cmpq 48(%rax), %rsp
;;     0x25  jb .LBB0_1
;;     0x29  movl %edx, %ecx
;;     0x29  movq 48(%rdi), %rdx
;;     0x29  movq (%rdx), %rdx
;;     0x29  cmpq %rcx, 8(%rdx)
;;     0x29  jbe .LBB0_9
;;     0x29  movq (%rdx), %rdx
;;     0x29  movq (%rdx,%rcx,8), %rcx
;;     0x29  testq %rcx, %rcx
;;     0x29  je .LBB0_10
;;     0x29  movq 72(%rdi), %rdx
;;     0x29  movl 56(%rcx), %r8d
;;     0x29  cmpl (%rdx), %r8d
;;     0x29  jne .LBB0_11
;;     0x29  cmpq %rdi, 16(%rcx)
;;     0x29  je .LBB0_5
;;     0x29  movq %rdi, 240(%rax)
;;     0x29  movq 40(%rcx), %rdi
;;     0x29  callq *32(%rcx)
;;     0x2c  popq %rbp
;;     0x2c  retq
;;           .LBB0_5:
;;     0x29  movl 60(%rcx), %eax
;;     0x29  leaq entries(%rip), %rcx
;;     0x29  callq *(%rcx,%rax,8)
;;     0x2c  popq %rbp
;;     0x2c  retq
;;           .LBB0_1:
;;     0x25  ud1l 10(%eax), %eax
;;           .LBB0_9:
;;     0x29  ud1l 4(%eax), %eax
;;           .LBB0_10:
;;     0x29  ud1l 5(%eax), %eax
;;           .LBB0_11:
;;     0x29  ud1l 6(%eax), %eax
