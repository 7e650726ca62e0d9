;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; Calls of the runtime, which trap by what they return.
(module
  (memory 1)
  (data "abc")
  (func $fill (param i32 i32 i32) (memory.fill (local.get 0) (local.get 1) (local.get 2)))
  (func $copy (param i32 i32 i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)))
  (func $init (param i32) (memory.init 0 (local.get 0) (i32.const 0) (i32.const 3)) (data.drop 0)))

;; dump-jit --only code --bounds guard
;; func 0 $fill (i32, i32, i32) -> ()
;;
;; machine code, 128 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r10, [rdi+0x50]
;;               8  mov r10, [r10+0x30]
;;               c  add r10, 0x20
;;              10  cmp r10, rsp
;;              13  ja 0x7e
;;              19  sub rsp, 0x10
;;              1d  mov [rsp], rbx
;;              21  mov r10, rcx
;;              24  mov r8, rdx
;;              27  mov rcx, rsi
;;     0x2e     2a  mov rax, [rdi+0x50]
;;     0x2e     2e  mov r9, rdi
;;     0x2e     31  mov rax, [rax+0x98]
;;     0x2e     38  mov rax, [rax+0x58]
;;     0x2e     3c  xor rsi, rsi
;;     0x2e     3f  mov edx, ecx
;;     0x2e     41  mov rcx, r8
;;     0x2e     44  mov ecx, ecx
;;     0x2e     46  mov rdi, r10
;;     0x2e     49  mov r8d, edi
;;     0x2e     4c  mov rbx, r9
;;     0x2e     4f  mov rdi, rbx
;;     0x2e     52  call rax                                  ; builtin memory_fill
;;     0x2e     54  test eax, eax
;;     0x2e     56  mov rdi, rax
;;     0x2e     59  jne 0x6c
;;     0x31     5f  mov rbx, [rsp]
;;     0x31     63  add rsp, 0x10
;;     0x31     67  mov rsp, rbp
;;     0x31     6a  pop rbp
;;     0x31     6b  ret
;;     0x2e     6c  mov rax, [rbx+0x50]
;;     0x2e     70  mov rax, [rax+0x98]
;;     0x2e     77  mov rax, [rax]
;;     0x2e     7a  call rax                                  ; builtin raise
;;     0x2e     7c  ud2                                       ; trap: unreachable
;;              7e  ud2                                       ; trap: call stack exhausted
;;
;; func 1 $copy (i32, i32, i32) -> ()
;;
;; machine code, 128 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r10, [rdi+0x50]
;;               8  mov r10, [r10+0x30]
;;               c  add r10, 0x20
;;              10  cmp r10, rsp
;;              13  ja 0x7e
;;              19  sub rsp, 0x10
;;              1d  mov [rsp], rbx
;;              21  mov r10, rcx
;;              24  mov r8, rdx
;;              27  mov rcx, rsi
;;     0x3a     2a  mov rax, [rdi+0x50]
;;     0x3a     2e  mov r9, rdi
;;     0x3a     31  mov rax, [rax+0x98]
;;     0x3a     38  mov rax, [rax+0x60]
;;     0x3a     3c  xor rsi, rsi
;;     0x3a     3f  mov edx, ecx
;;     0x3a     41  mov rcx, r8
;;     0x3a     44  mov ecx, ecx
;;     0x3a     46  mov rdi, r10
;;     0x3a     49  mov r8d, edi
;;     0x3a     4c  mov rbx, r9
;;     0x3a     4f  mov rdi, rbx
;;     0x3a     52  call rax                                  ; builtin memory_copy
;;     0x3a     54  test eax, eax
;;     0x3a     56  mov rdi, rax
;;     0x3a     59  jne 0x6c
;;     0x3e     5f  mov rbx, [rsp]
;;     0x3e     63  add rsp, 0x10
;;     0x3e     67  mov rsp, rbp
;;     0x3e     6a  pop rbp
;;     0x3e     6b  ret
;;     0x3a     6c  mov rax, [rbx+0x50]
;;     0x3a     70  mov rax, [rax+0x98]
;;     0x3a     77  mov rax, [rax]
;;     0x3a     7a  call rax                                  ; builtin raise
;;     0x3a     7c  ud2                                       ; trap: unreachable
;;              7e  ud2                                       ; trap: call stack exhausted
;;
;; func 2 $init (i32) -> ()
;;
;; machine code, 140 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r10, [rdi+0x50]
;;               8  mov r10, [r10+0x30]
;;               c  add r10, 0x20
;;              10  cmp r10, rsp
;;              13  ja 0x8a
;;              19  sub rsp, 0x10
;;              1d  mov [rsp], rbx
;;     0x47     21  mov rax, [rdi+0x50]
;;     0x47     25  mov rbx, rdi
;;     0x47     28  mov rax, [rax+0x98]
;;     0x47     2f  mov rax, [rax+0x68]
;;     0x47     33  xor rcx, rcx
;;     0x47     36  mov edx, esi
;;     0x47     38  mov r8d, 3
;;     0x47     3e  mov rsi, rcx
;;     0x47     41  call rax                                  ; builtin memory_init
;;     0x47     43  test eax, eax
;;     0x47     45  mov rcx, rax
;;     0x47     48  jne 0x72
;;              4e  mov rdi, rbx
;;     0x4b     51  mov rax, [rdi+0x50]
;;     0x4b     55  mov rax, [rax+0x98]
;;     0x4b     5c  mov rax, [rax+0x70]
;;              60  xor rsi, rsi
;;     0x4b     63  call rax                                  ; builtin data_drop
;;     0x4e     65  mov rbx, [rsp]
;;     0x4e     69  add rsp, 0x10
;;     0x4e     6d  mov rsp, rbp
;;     0x4e     70  pop rbp
;;     0x4e     71  ret
;;              72  mov rdi, rbx
;;     0x47     75  mov rax, [rdi+0x50]
;;     0x47     79  mov rax, [rax+0x98]
;;     0x47     80  mov rax, [rax]
;;     0x47     83  mov rdi, rcx
;;     0x47     86  call rax                                  ; builtin raise
;;     0x47     88  ud2                                       ; trap: unreachable
;;              8a  ud2                                       ; trap: call stack exhausted

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $fill (i32, i32, i32) -> ()
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           pushq %rbx
;;           pushq %rax
;;     0x28  movq 80(%rdi), %r10
;;     0x28  cmpq 48(%r10), %rsp
;;     0x28  jb .LBB0_3
;;     0x2e  movl %esi, %r9d
;;     0x2e  movl %edx, %eax
;;     0x2e  movl %ecx, %r8d
;;     0x2e  movq 152(%r10), %rbx
;;     0x2e  xorl %esi, %esi
;;     0x2e  movq %r9, %rdx
;;     0x2e  movq %rax, %rcx
;;     0x2e  callq *88(%rbx)
;;     0x2e  testl %eax, %eax
;;     0x2e  jne .LBB0_4
;;     0x31  addq $8, %rsp
;;     0x31  popq %rbx
;;     0x31  popq %rbp
;;     0x31  retq
;;           .LBB0_3:
;;     0x28  ud1l 10(%eax), %eax
;;           .LBB0_4:
;;     0x2e  movl %eax, %edi
;;     0x2e  callq *(%rbx)
;;
;; func 1 $copy (i32, i32, i32) -> ()
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           pushq %rbx
;;           pushq %rax
;;     0x34  movq 80(%rdi), %r10
;;     0x34  cmpq 48(%r10), %rsp
;;     0x34  jb .LBB0_3
;;     0x3a  movl %esi, %r9d
;;     0x3a  movl %edx, %eax
;;     0x3a  movl %ecx, %r8d
;;     0x3a  movq 152(%r10), %rbx
;;     0x3a  xorl %esi, %esi
;;     0x3a  movq %r9, %rdx
;;     0x3a  movq %rax, %rcx
;;     0x3a  callq *96(%rbx)
;;     0x3a  testl %eax, %eax
;;     0x3a  jne .LBB0_4
;;     0x3e  addq $8, %rsp
;;     0x3e  popq %rbx
;;     0x3e  popq %rbp
;;     0x3e  retq
;;           .LBB0_3:
;;     0x34  ud1l 10(%eax), %eax
;;           .LBB0_4:
;;     0x3a  movl %eax, %edi
;;     0x3a  callq *(%rbx)
;;
;; func 2 $init (i32) -> ()
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           pushq %r14
;;           pushq %rbx
;;     0x41  movq 80(%rdi), %rax
;;     0x41  cmpq 48(%rax), %rsp
;;     0x41  jb .LBB0_3
;;           movq %rdi, %rbx
;;     0x47  movl %esi, %edx
;;     0x47  movq 152(%rax), %r14
;;     0x47  movl $3, %r8d
;;     0x47  xorl %esi, %esi
;;     0x47  xorl %ecx, %ecx
;;     0x47  callq *104(%r14)
;;     0x47  testl %eax, %eax
;;     0x47  jne .LBB0_4
;;     0x4b  movq %rbx, %rdi
;;     0x4b  xorl %esi, %esi
;;     0x4b  callq *112(%r14)
;;     0x4e  popq %rbx
;;     0x4e  popq %r14
;;     0x4e  popq %rbp
;;     0x4e  retq
;;           .LBB0_3:
;;     0x41  ud1l 10(%eax), %eax
;;           .LBB0_4:
;;     0x47  movl %eax, %edi
;;     0x47  callq *(%r14)
