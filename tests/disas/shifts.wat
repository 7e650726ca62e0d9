;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; Counts in registers and constant ones; rotations.
(module
  (func $count (param i32 i32) (result i32) (i32.shl (local.get 0) (local.get 1)))
  (func $constant (param i64) (result i64) (i64.rotl (i64.shr_s (local.get 0) (i64.const 3)) (i64.const 67))))

;; dump-jit --only code --bounds guard
;; func 0 $count (i32, i32) -> (i32)
;;
;; machine code, 17 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov rcx, rdx
;;               7  mov rax, rsi
;;     0x24      a  shl eax, cl
;;     0x25      c  mov rsp, rbp
;;     0x25      f  pop rbp
;;     0x25     10  ret
;;
;; func 1 $constant (i64) -> (i64)
;;
;; machine code, 20 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x2c      4  sar rsi, 3
;;     0x2c      8  mov rax, rsi
;;               b  rol rax, 3
;;     0x31      f  mov rsp, rbp
;;     0x31     12  pop rbp
;;     0x31     13  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $count (i32, i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movl %edx, %ecx
;;           movl %esi, %eax
;;     0x24  andl $31, %ecx
;;     0x24  shll %cl, %eax
;;     0x25  popq %rbp
;;     0x25  retq
;;
;; func 1 $constant (i64) -> (i64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movq %rsi, %rax
;;     0x2c  sarq $3, %rax
;;     0x30  rolq $3, %rax
;;     0x31  popq %rbp
;;     0x31  retq
