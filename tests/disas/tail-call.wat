;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; A jump.
(module
  (func $callee (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func $caller (param i32) (result i32) (return_call $callee (local.get 0) (i32.const 1))))

;; dump-jit --only code --bounds guard
;; func 0 $callee (i32, i32) -> (i32)
;;
;; machine code, 12 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x24      4  lea eax, [rsi+rdx]
;;     0x25      7  mov rsp, rbp
;;     0x25      a  pop rbp
;;     0x25      b  ret
;;
;; func 1 $caller (i32) -> (i32)
;;
;; machine code, 41 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r10, [rdi+0x50]
;;               8  mov r10, [r10+0x30]
;;               c  add r10, 0x10
;;              10  cmp r10, rsp
;;              13  ja 0x27
;;     0x2c     19  mov edx, 1
;;     0x2c     1e  mov rsp, rbp
;;     0x2c     21  pop rbp
;;     0x2c     22  jmp $callee
;;              27  ud2                                       ; trap: call stack exhausted

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $callee (i32, i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movl %esi, %eax
;;     0x24  addl %edx, %eax
;;     0x25  popq %rbp
;;     0x25  retq
;;
;; func 1 $caller (i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x2c  movq entries(%rip), %rax
;;     0x2c  movl %esi, %ecx
;;     0x2c  movl %ecx, %ecx
;;     0x2c  movl %ecx, %esi
;;     0x2c  movl $1, %edx
;;     0x2c  popq %rbp
;;     0x2c  jmpq *%rax
