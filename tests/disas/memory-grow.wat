;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; The size is a load, growing a call of the runtime; where memory is, is loaded anew behind it.
(module
  (memory 1)
  (func $size (result i32) (memory.size))
  (func $grow (param i32) (result i32) (drop (memory.grow (local.get 0))) (i32.load (i32.const 0))))

;; dump-jit --only code --bounds guard
;; func 0 $size () -> (i32)
;;
;; machine code, 20 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x23      4  mov rsi, [rdi]
;;     0x23      7  mov rax, [rsi+8]
;;     0x23      b  shr rax, 0x10
;;     0x25      f  mov rsp, rbp
;;     0x25     12  pop rbp
;;     0x25     13  ret
;;
;; func 1 $grow (i32) -> (i32)
;;
;; machine code, 124 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r10, [rdi+0x50]
;;               8  mov r10, [r10+0x30]
;;               c  add r10, 0x20
;;              10  cmp r10, rsp
;;              13  ja 0x7a
;;              19  sub rsp, 0x10
;;              1d  mov [rsp], rbx
;;              21  mov rdx, rsi
;;     0x2a     24  mov rax, [rdi+0x50]
;;     0x2a     28  mov rax, [rax+0x98]
;;     0x2a     2f  mov rcx, [rax+0x50]
;;     0x2a     33  xor rsi, rsi
;;     0x2a     36  mov rax, rdx
;;     0x2a     39  mov edx, eax
;;     0x2a     3b  mov rbx, rdi
;;     0x2a     3e  call rcx                                  ; builtin memory_grow
;;     0x2a     40  test eax, eax
;;     0x2a     42  mov rdi, rax
;;     0x2a     45  jne 0x68
;;     0x2a     4b  mov rax, [rbx+0x50]
;;     0x2a     4f  mov eax, [rax+0xf8]
;;              55  mov rax, [rbx+8]
;;     0x2f     59  mov eax, [rax]                            ; trap: out of bounds memory access
;;     0x32     5b  mov rbx, [rsp]
;;     0x32     5f  add rsp, 0x10
;;     0x32     63  mov rsp, rbp
;;     0x32     66  pop rbp
;;     0x32     67  ret
;;     0x2a     68  mov rax, [rbx+0x50]
;;     0x2a     6c  mov rax, [rax+0x98]
;;     0x2a     73  mov rax, [rax]
;;     0x2a     76  call rax                                  ; builtin raise
;;     0x2a     78  ud2                                       ; trap: unreachable
;;              7a  ud2                                       ; trap: call stack exhausted

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $size () -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x23  movq (%rdi), %rax
;;     0x23  movq 8(%rax), %rax
;;     0x23  shrq $16, %rax
;;     0x25  popq %rbp
;;     0x25  retq
;;
;; func 1 $grow (i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           pushq %r14
;;           pushq %rbx
;;           movq 8(%rdi), %rbx
;;     0x28  movq 80(%rdi), %rax
;;     0x28  cmpq 48(%rax), %rsp
;;     0x28  jb .LBB0_3
;;     0x2a  movl %esi, %edx
;;     0x2a  movq 152(%rax), %r14
;;     0x2a  xorl %esi, %esi
;;     0x2a  callq *80(%r14)
;;     0x2a  testl %eax, %eax
;;     0x2a  jne .LBB0_4
;;     0x2f  movl (%rbx), %eax
;;     0x32  popq %rbx
;;     0x32  popq %r14
;;     0x32  popq %rbp
;;     0x32  retq
;;           .LBB0_3:
;;     0x28  ud1l 10(%eax), %eax
;;           .LBB0_4:
;;     0x2a  movl %eax, %edi
;;     0x2a  callq *(%r14)
