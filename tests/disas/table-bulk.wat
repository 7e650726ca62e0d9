;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; Calls of the runtime.
(module
  (table 10 externref)
  (func $size (result i32) (table.size 0))
  (func $grow (param externref i32) (result i32) (table.grow 0 (local.get 0) (local.get 1)))
  (func $fill (param i32 externref i32) (table.fill 0 (local.get 0) (local.get 1) (local.get 2)))
  (func $copy (param i32 i32 i32) (table.copy 0 0 (local.get 0) (local.get 1) (local.get 2))))

;; dump-jit --only code --bounds guard
;; func 0 $size () -> (i32)
;;
;; machine code, 20 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x33      4  mov rsi, [rdi+0x30]
;;     0x33      8  mov rsi, [rsi]
;;     0x33      b  mov rax, [rsi+8]
;;     0x36      f  mov rsp, rbp
;;     0x36     12  pop rbp
;;     0x36     13  ret
;;
;; func 1 $grow (externref, i32) -> (i32)
;;
;; machine code, 118 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r10, [rdi+0x50]
;;               8  mov r10, [r10+0x30]
;;               c  add r10, 0x20
;;              10  cmp r10, rsp
;;              13  ja 0x74
;;              19  sub rsp, 0x10
;;              1d  mov [rsp], rbx
;;              21  mov r8, rsi
;;     0x3d     24  mov rax, [rdi+0x50]
;;     0x3d     28  mov rax, [rax+0x98]
;;     0x3d     2f  mov rax, [rax+0x78]
;;     0x3d     33  xor rsi, rsi
;;     0x3d     36  mov ecx, edx
;;     0x3d     38  mov rdx, r8
;;     0x3d     3b  mov rbx, rdi
;;     0x3d     3e  call rax                                  ; builtin table_grow
;;     0x3d     40  test eax, eax
;;     0x3d     42  mov rdi, rax
;;     0x3d     45  jne 0x62
;;     0x3d     4b  mov rax, [rbx+0x50]
;;     0x3d     4f  mov eax, [rax+0xf8]
;;     0x40     55  mov rbx, [rsp]
;;     0x40     59  add rsp, 0x10
;;     0x40     5d  mov rsp, rbp
;;     0x40     60  pop rbp
;;     0x40     61  ret
;;     0x3d     62  mov rax, [rbx+0x50]
;;     0x3d     66  mov rax, [rax+0x98]
;;     0x3d     6d  mov rax, [rax]
;;     0x3d     70  call rax                                  ; builtin raise
;;     0x3d     72  ud2                                       ; trap: unreachable
;;              74  ud2                                       ; trap: call stack exhausted
;;
;; func 2 $fill (i32, externref, i32) -> ()
;;
;; machine code, 117 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r10, [rdi+0x50]
;;               8  mov r10, [r10+0x30]
;;               c  add r10, 0x20
;;              10  cmp r10, rsp
;;              13  ja 0x73
;;              19  sub rsp, 0x10
;;              1d  mov [rsp], rbx
;;              21  mov r9, rdx
;;              24  mov rdx, rsi
;;     0x49     27  mov rax, [rdi+0x50]
;;     0x49     2b  mov rax, [rax+0x98]
;;     0x49     32  mov rax, [rax+0x80]
;;     0x49     39  xor rsi, rsi
;;     0x49     3c  mov edx, edx
;;     0x49     3e  mov r8d, ecx
;;     0x49     41  mov rcx, r9
;;     0x49     44  mov rbx, rdi
;;     0x49     47  call rax                                  ; builtin table_fill
;;     0x49     49  test eax, eax
;;     0x49     4b  mov rdi, rax
;;     0x49     4e  jne 0x61
;;     0x4c     54  mov rbx, [rsp]
;;     0x4c     58  add rsp, 0x10
;;     0x4c     5c  mov rsp, rbp
;;     0x4c     5f  pop rbp
;;     0x4c     60  ret
;;     0x49     61  mov rax, [rbx+0x50]
;;     0x49     65  mov rax, [rax+0x98]
;;     0x49     6c  mov rax, [rax]
;;     0x49     6f  call rax                                  ; builtin raise
;;     0x49     71  ud2                                       ; trap: unreachable
;;              73  ud2                                       ; trap: call stack exhausted
;;
;; func 3 $copy (i32, i32, i32) -> ()
;;
;; machine code, 131 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r10, [rdi+0x50]
;;               8  mov r10, [r10+0x30]
;;               c  add r10, 0x20
;;              10  cmp r10, rsp
;;              13  ja 0x81
;;              19  sub rsp, 0x10
;;              1d  mov [rsp], rbx
;;              21  mov r10, rcx
;;              24  mov r8, rdx
;;              27  mov rcx, rsi
;;     0x55     2a  mov rax, [rdi+0x50]
;;     0x55     2e  mov r9, rdi
;;     0x55     31  mov rax, [rax+0x98]
;;     0x55     38  mov rax, [rax+0x88]
;;     0x55     3f  xor rsi, rsi
;;     0x55     42  mov edx, ecx
;;     0x55     44  mov rcx, r8
;;     0x55     47  mov ecx, ecx
;;     0x55     49  mov rdi, r10
;;     0x55     4c  mov r8d, edi
;;     0x55     4f  mov rbx, r9
;;     0x55     52  mov rdi, rbx
;;     0x55     55  call rax                                  ; builtin table_copy
;;     0x55     57  test eax, eax
;;     0x55     59  mov rdi, rax
;;     0x55     5c  jne 0x6f
;;     0x59     62  mov rbx, [rsp]
;;     0x59     66  add rsp, 0x10
;;     0x59     6a  mov rsp, rbp
;;     0x59     6d  pop rbp
;;     0x59     6e  ret
;;     0x55     6f  mov rax, [rbx+0x50]
;;     0x55     73  mov rax, [rax+0x98]
;;     0x55     7a  mov rax, [rax]
;;     0x55     7d  call rax                                  ; builtin raise
;;     0x55     7f  ud2                                       ; trap: unreachable
;;              81  ud2                                       ; trap: call stack exhausted

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $size () -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x33  movq 48(%rdi), %rax
;;     0x33  movq (%rax), %rax
;;     0x33  movq 8(%rax), %rax
;;     0x36  popq %rbp
;;     0x36  retq
;;
;; func 1 $grow (externref, i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           pushq %r14
;;           pushq %rbx
;;     0x39  movq 80(%rdi), %rbx
;;     0x39  cmpq 48(%rbx), %rsp
;;     0x39  jb .LBB0_3
;;           movq %rsi, %rax
;;     0x3d  movl %edx, %ecx
;;     0x3d  movq 152(%rbx), %r14
;;     0x3d  xorl %esi, %esi
;;     0x3d  movq %rax, %rdx
;;     0x3d  callq *120(%r14)
;;     0x3d  testl %eax, %eax
;;     0x3d  jne .LBB0_4
;;     0x3d  movl 248(%rbx), %eax
;;     0x40  popq %rbx
;;     0x40  popq %r14
;;     0x40  popq %rbp
;;     0x40  retq
;;           .LBB0_3:
;;     0x39  ud1l 10(%eax), %eax
;;           .LBB0_4:
;;     0x3d  movl %eax, %edi
;;     0x3d  callq *(%r14)
;;
;; func 2 $fill (i32, externref, i32) -> ()
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           pushq %rbx
;;           pushq %rax
;;           movq %rdx, %rax
;;     0x43  movq 80(%rdi), %r9
;;     0x43  cmpq 48(%r9), %rsp
;;     0x43  jb .LBB0_3
;;     0x49  movl %esi, %edx
;;     0x49  movl %ecx, %r8d
;;     0x49  movq 152(%r9), %rbx
;;     0x49  xorl %esi, %esi
;;     0x49  movq %rax, %rcx
;;     0x49  callq *128(%rbx)
;;     0x49  testl %eax, %eax
;;     0x49  jne .LBB0_4
;;     0x4c  addq $8, %rsp
;;     0x4c  popq %rbx
;;     0x4c  popq %rbp
;;     0x4c  retq
;;           .LBB0_3:
;;     0x43  ud1l 10(%eax), %eax
;;           .LBB0_4:
;;     0x49  movl %eax, %edi
;;     0x49  callq *(%rbx)
;;
;; func 3 $copy (i32, i32, i32) -> ()
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           pushq %rbx
;;           pushq %rax
;;     0x4f  movq 80(%rdi), %r10
;;     0x4f  cmpq 48(%r10), %rsp
;;     0x4f  jb .LBB0_3
;;     0x55  movl %esi, %r9d
;;     0x55  movl %edx, %eax
;;     0x55  movl %ecx, %r8d
;;     0x55  movq 152(%r10), %rbx
;;     0x55  xorl %esi, %esi
;;     0x55  movq %r9, %rdx
;;     0x55  movq %rax, %rcx
;;     0x55  callq *136(%rbx)
;;     0x55  testl %eax, %eax
;;     0x55  jne .LBB0_4
;;     0x59  addq $8, %rsp
;;     0x59  popq %rbx
;;     0x59  popq %rbp
;;     0x59  retq
;;           .LBB0_3:
;;     0x4f  ud1l 10(%eax), %eax
;;           .LBB0_4:
;;     0x55  movl %eax, %edi
;;     0x55  callq *(%rbx)
