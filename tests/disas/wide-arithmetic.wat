;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; Carries and borrows between halves; one multiplication for a product.
(module
  (func $add (param i64 i64 i64 i64) (result i64 i64) (i64.add128 (local.get 0) (local.get 1) (local.get 2) (local.get 3)))
  (func $sub (param i64 i64 i64 i64) (result i64) (i64.sub128 (local.get 0) (local.get 1) (local.get 2) (local.get 3)) drop)
  (func $signed (param i64 i64) (result i64) (i64.xor (i64.mul_wide_s (local.get 0) (local.get 1))))
  (func $unsigned (param i64 i64) (result i64) (i64.xor (i64.mul_wide_u (local.get 0) (local.get 1)))))

;; dump-jit --only code --bounds guard
;; func 0 $add (i64, i64, i64, i64) -> (i64, i64)
;;
;; machine code, 21 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov rax, rsi
;;     0x36      7  add rax, rcx
;;     0x36      a  mov rcx, rdx
;;     0x36      d  adc rcx, r8
;;     0x38     10  mov rsp, rbp
;;     0x38     13  pop rbp
;;     0x38     14  ret
;;
;; func 1 $sub (i64, i64, i64, i64) -> (i64)
;;
;; machine code, 18 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov rax, rsi
;;     0x43      7  sub rax, rcx
;;     0x43      a  sbb rdx, r8
;;     0x46      d  mov rsp, rbp
;;     0x46     10  pop rbp
;;     0x46     11  ret
;;
;; func 2 $signed (i64, i64) -> (i64)
;;
;; machine code, 18 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov rax, rsi
;;     0x4d      7  imul rdx
;;     0x4f      a  xor rax, rdx
;;     0x50      d  mov rsp, rbp
;;     0x50     10  pop rbp
;;     0x50     11  ret
;;
;; func 3 $unsigned (i64, i64) -> (i64)
;;
;; machine code, 18 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov rax, rsi
;;     0x57      7  mul rdx
;;     0x59      a  xor rax, rdx
;;     0x5a      d  mov rsp, rbp
;;     0x5a     10  pop rbp
;;     0x5a     11  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $add (i64, i64, i64, i64) -> (i64, i64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movq 16(%rsi), %rdi
;;           movq (%rsi), %rcx
;;     0x36  movq 8(%rsi), %rax
;;     0x36  movq 24(%rsi), %rdx
;;     0x36  addq %rdi, %rcx
;;     0x36  adcq %rdx, %rax
;;     0x38  movq %rcx, (%rsi)
;;     0x38  movq %rax, 8(%rsi)
;;     0x38  popq %rbp
;;     0x38  retq
;;
;; func 1 $sub (i64, i64, i64, i64) -> (i64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movq %rsi, %rax
;;     0x43  subq %rcx, %rax
;;     0x46  popq %rbp
;;     0x46  retq
;;
;; func 2 $signed (i64, i64) -> (i64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movq %rsi, %rax
;;     0x4d  imulq %rdx
;;     0x4f  xorq %rdx, %rax
;;     0x50  popq %rbp
;;     0x50  retq
;;
;; func 3 $unsigned (i64, i64) -> (i64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movq %rsi, %rax
;;     0x57  mulq %rdx
;;     0x59  xorq %rdx, %rax
;;     0x5a  popq %rbp
;;     0x5a  retq
