;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; A memory other than the first: where it is, is loaded.
(module
  (memory $a 1)
  (memory $b 1)
  (func $copy (param i32) (i32.store $b (local.get 0) (i32.load $a (local.get 0)))))

;; dump-jit --only code --bounds guard
;; func 0 $copy (i32) -> ()
;;
;; machine code, 35 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r9, [rdi+8]
;;     0x23      8  mov r8d, esi
;;     0x23      b  mov r9d, [r9+r8]                          ; trap: out of bounds memory access
;;               f  mov r10, [rdi+0x38]
;;              13  mov r10, [r10+8]
;;              17  mov r10, [r10]
;;     0x26     1a  mov [r10+r8], r9d                         ; trap: out of bounds memory access
;;     0x2a     1e  mov rsp, rbp
;;     0x2a     21  pop rbp
;;     0x2a     22  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $copy (i32) -> ()
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movq 8(%rdi), %rdx
;;           movq 56(%rdi), %rax
;;           movq 8(%rax), %rax
;;           movq (%rax), %rax
;;     0x23  movl %esi, %ecx
;;     0x23  movl (%rdx,%rcx), %edx
;;     0x23  movl %edx, %edx
;;     0x23  movl %edx, %esi
;;     0x23  movl %esi, %edx
;;     0x26  movl %edx, (%rax,%rcx)
;;     0x2a  popq %rbp
;;     0x2a  retq
