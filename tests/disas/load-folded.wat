;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; A load whose only use is an operation: one instruction, at the position of the load.
(module
  (memory 1)
  (func $sum (param i32 i32) (result i32) (i32.add (local.get 1) (i32.load (local.get 0))))
  (func $scaled (param f64 i32) (result f64) (f64.mul (local.get 0) (f64.load offset=8 (local.get 1)))))

;; dump-jit --only code --bounds guard
;; func 0 $sum (i32, i32) -> (i32)
;;
;; machine code, 22 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r8, [rdi+8]
;;     0x2a      8  mov edi, esi
;;     0x2a      a  mov rax, rdx
;;     0x2a      d  add eax, [r8+rdi]                         ; trap: out of bounds memory access
;;     0x2e     11  mov rsp, rbp
;;     0x2e     14  pop rbp
;;     0x2e     15  ret
;;
;; func 1 $scaled (f64, i32) -> (f64)
;;
;; machine code, 22 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r8, [rdi+8]
;;     0x35      8  mov edi, esi
;;     0x35      a  mulsd xmm0, [r8+rdi+8]                    ; trap: out of bounds memory access
;;     0x39     11  mov rsp, rbp
;;     0x39     14  pop rbp
;;     0x39     15  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $sum (i32, i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movq 8(%rdi), %rax
;;     0x2a  movl %esi, %ecx
;;     0x2a  movl (%rax,%rcx), %eax
;;     0x2a  movl %eax, %eax
;;     0x2a  movl %eax, %ecx
;;     0x2a  movl %ecx, %eax
;;     0x2d  addl %edx, %eax
;;     0x2e  popq %rbp
;;     0x2e  retq
;;
;; func 1 $scaled (f64, i32) -> (f64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movaps %xmm0, %xmm1
;;           movq 8(%rdi), %rax
;;     0x35  movl %esi, %ecx
;;     0x35  movsd 8(%rax,%rcx), %xmm0
;;     0x38  mulsd %xmm1, %xmm0
;;     0x39  popq %rbp
;;     0x39  retq
