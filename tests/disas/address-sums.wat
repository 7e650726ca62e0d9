;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; Constant parts of an address, folded where no carry is lost.
(module
  (memory 1)
  (func $sum (param i32) (result i32) (i32.load offset=8 (i32.add (local.get 0) (i32.const 16))))
  (func $index (param i32 i32) (result i32) (i32.load (i32.add (local.get 0) (i32.shl (local.get 1) (i32.const 2))))))

;; dump-jit --only code --bounds guard
;; func 0 $sum (i32) -> (i32)
;;
;; machine code, 29 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r8, rsi
;;               7  mov rsi, [rdi+8]
;;               b  mov rdi, r8
;;     0x29      e  add edi, 0x10
;;     0x2a     14  mov eax, [rsi+rdi+8]                      ; trap: out of bounds memory access
;;     0x2d     18  mov rsp, rbp
;;     0x2d     1b  pop rbp
;;     0x2d     1c  ret
;;
;; func 1 $index (i32, i32) -> (i32)
;;
;; machine code, 23 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r8, rsi
;;               7  mov rsi, [rdi+8]
;;     0x37      b  lea edi, [r8+rdx*4]
;;     0x38      f  mov eax, [rsi+rdi]                        ; trap: out of bounds memory access
;;     0x3b     12  mov rsp, rbp
;;     0x3b     15  pop rbp
;;     0x3b     16  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $sum (i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movq 8(%rdi), %rax
;;     0x29  addl $16, %esi
;;     0x2a  movl %esi, %ecx
;;     0x2a  movl 8(%rax,%rcx), %eax
;;     0x2a  movl %eax, %eax
;;     0x2a  movl %eax, %ecx
;;     0x2a  movl %ecx, %eax
;;     0x2d  popq %rbp
;;     0x2d  retq
;;
;; func 1 $index (i32, i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movl %edx, %ecx
;;           movq 8(%rdi), %rax
;;     0x36  shll $2, %ecx
;;     0x37  addl %esi, %ecx
;;     0x38  movl %ecx, %ecx
;;     0x38  movl (%rax,%rcx), %eax
;;     0x38  movl %eax, %eax
;;     0x38  movl %eax, %ecx
;;     0x38  movl %ecx, %eax
;;     0x3b  popq %rbp
;;     0x3b  retq
