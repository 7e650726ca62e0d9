;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; As for i32, with constants that do not fit an instruction.
(module
  (func $registers (param i64 i64) (result i64) (i64.or (i64.sub (local.get 0) (local.get 1)) (i64.mul (local.get 0) (local.get 1))))
  (func $constants (param i64) (result i64) (i64.add (local.get 0) (i64.const 0x123456789abcdef))))

;; dump-jit --only code --bounds guard
;; func 0 $registers (i64, i64) -> (i64)
;;
;; machine code, 22 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov rax, rsi
;;     0x24      7  sub rax, rdx
;;     0x29      a  imul rsi, rdx
;;     0x2a      e  or rax, rsi
;;     0x2b     11  mov rsp, rbp
;;     0x2b     14  pop rbp
;;     0x2b     15  ret
;;
;; func 1 $constants (i64) -> (i64)
;;
;; machine code, 23 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x3a      4  mov rdi, 0x123456789abcdef
;;     0x3a      e  lea rax, [rsi+rdi]
;;     0x3b     12  mov rsp, rbp
;;     0x3b     15  pop rbp
;;     0x3b     16  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $registers (i64, i64) -> (i64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x24  movq %rsi, %rax
;;     0x24  subq %rdx, %rax
;;     0x29  imulq %rdx, %rsi
;;     0x2a  orq %rsi, %rax
;;     0x2b  popq %rbp
;;     0x2b  retq
;;
;; func 1 $constants (i64) -> (i64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movq %rsi, %rax
;;     0x3a  movabsq $81985529216486895, %rcx
;;     0x3a  addq %rcx, %rax
;;     0x3b  popq %rbp
;;     0x3b  retq
