;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; What traps, and what cannot: a constant divisor.
(module
  (func $div_s (param i32 i32) (result i32) (i32.div_s (local.get 0) (local.get 1)))
  (func $rem_s (param i64 i64) (result i64) (i64.rem_s (local.get 0) (local.get 1)))
  (func $div_u (param i32 i32) (result i32) (i32.div_u (local.get 0) (local.get 1)))
  (func $by_ten (param i32) (result i32) (i32.div_u (local.get 0) (i32.const 10))))

;; dump-jit --only code --bounds guard
;; func 0 $div_s (i32, i32) -> (i32)
;;
;; machine code, 30 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov rax, rsi
;;               7  mov r11, rdx
;;     0x2c      a  cdq
;;     0x2c      b  test r11d, r11d
;;     0x2c      e  je 0x1c
;;     0x2c     14  idiv r11d                                 ; trap: integer overflow
;;     0x2d     17  mov rsp, rbp
;;     0x2d     1a  pop rbp
;;     0x2d     1b  ret
;;     0x2c     1c  ud2                                       ; trap: integer divide by zero
;;
;; func 1 $rem_s (i64, i64) -> (i64)
;;
;; machine code, 43 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov rax, rsi
;;               7  mov r9, rdx
;;     0x34      a  cqo
;;     0x34      c  cmp r9, 0xffffffffffffffff
;;     0x34     10  jne 0x20
;;     0x34     16  mov edx, 0
;;     0x34     1b  jmp 0x23
;;     0x34     20  idiv r9                                   ; trap: integer divide by zero
;;     0x34     23  mov rax, rdx
;;     0x35     26  mov rsp, rbp
;;     0x35     29  pop rbp
;;     0x35     2a  ret
;;
;; func 2 $div_u (i32, i32) -> (i32)
;;
;; machine code, 21 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r10, rdx
;;     0x3c      7  xor rdx, rdx
;;     0x3c      a  mov rax, rsi
;;     0x3c      d  div r10d                                  ; trap: integer divide by zero
;;     0x3d     10  mov rsp, rbp
;;     0x3d     13  pop rbp
;;     0x3d     14  ret
;;
;; func 3 $by_ten (i32) -> (i32)
;;
;; machine code, 32 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov rax, rsi
;;               7  mul dword ptr [rip+0xb]
;;               d  mov rax, rdx
;;              10  shr eax, 3
;;     0x45     13  mov rsp, rbp
;;     0x45     16  pop rbp
;;     0x45     17  ret
;;              18  .long 0xcccccccd
;;              1c  .long 0x0

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $div_s (i32, i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x2c  testl %edx, %edx
;;     0x2c  je .LBB0_3
;;           movl %edx, %ecx
;;     0x2c  leal -2147483648(%rsi), %eax
;;     0x2c  notl %edx
;;     0x2c  orl %eax, %edx
;;     0x2c  je .LBB0_4
;;     0x2c  movl %esi, %eax
;;     0x2c  cltd
;;     0x2c  idivl %ecx
;;     0x2d  popq %rbp
;;     0x2d  retq
;;           .LBB0_3:
;;     0x2c  ud1l 7(%eax), %eax
;;           .LBB0_4:
;;     0x2c  ud1l 8(%eax), %eax
;;
;; func 1 $rem_s (i64, i64) -> (i64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x34  testq %rdx, %rdx
;;     0x34  je .LBB0_5
;;     0x34  cmpq $-1, %rdx
;;     0x34  movl $1, %ecx
;;     0x34  cmovneq %rdx, %rcx
;;     0x34  movq %rsi, %rax
;;     0x34  orq %rcx, %rax
;;     0x34  shrq $32, %rax
;;     0x34  je .LBB0_2
;;     0x34  movq %rsi, %rax
;;     0x34  cqto
;;     0x34  idivq %rcx
;;     0x34  movq %rdx, %rax
;;     0x35  popq %rbp
;;     0x35  retq
;;           .LBB0_2:
;;     0x34  movl %esi, %eax
;;     0x34  xorl %edx, %edx
;;     0x34  divl %ecx
;;     0x34  movl %edx, %eax
;;     0x35  popq %rbp
;;     0x35  retq
;;           .LBB0_5:
;;     0x34  ud1l 7(%eax), %eax
;;
;; func 2 $div_u (i32, i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x3c  testl %edx, %edx
;;     0x3c  je .LBB0_1
;;           movl %edx, %ecx
;;     0x3c  movl %esi, %eax
;;     0x3c  xorl %edx, %edx
;;     0x3c  divl %ecx
;;     0x3d  popq %rbp
;;     0x3d  retq
;;           .LBB0_1:
;;     0x3c  ud1l 7(%eax), %eax
;;
;; func 3 $by_ten (i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x44  movl %esi, %ecx
;;     0x44  movl $3435973837, %eax
;;     0x44  imulq %rcx, %rax
;;     0x44  shrq $35, %rax
;;     0x45  popq %rbp
;;     0x45  retq
