;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; Integers by a conditional move, floats and references too.
(module
  (func $i64 (param i64 i64 i32) (result i64) (select (local.get 0) (local.get 1) (local.get 2)))
  (func $f64 (param f64 f64 i32) (result f64) (select (local.get 0) (local.get 1) (local.get 2)))
  (func $compared (param i32 i32) (result i32) (select (local.get 0) (local.get 1) (i32.gt_s (local.get 0) (local.get 1)))))

;; dump-jit --only code --bounds guard
;; func 0 $i64 (i64, i64, i32) -> (i64)
;;
;; machine code, 18 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x30      4  test ecx, ecx
;;     0x30      6  mov rax, rdx
;;     0x30      9  cmovne rax, rsi
;;     0x31      d  mov rsp, rbp
;;     0x31     10  pop rbp
;;     0x31     11  ret
;;
;; func 1 $f64 (f64, f64, i32) -> (f64)
;;
;; machine code, 28 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x3a      4  test esi, esi
;;     0x3a      6  movdqa xmm6, xmm0
;;     0x3a      a  movdqa xmm0, xmm1
;;     0x3a      e  je 0x17
;;     0x3a     14  movaps xmm0, xmm6
;;     0x3b     17  mov rsp, rbp
;;     0x3b     1a  pop rbp
;;     0x3b     1b  ret
;;
;; func 2 $compared (i32, i32) -> (i32)
;;
;; machine code, 17 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  cmp edx, esi
;;               6  mov rax, rsi
;;               9  cmovge eax, edx
;;     0x48      c  mov rsp, rbp
;;     0x48      f  pop rbp
;;     0x48     10  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $i64 (i64, i64, i32) -> (i64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movq %rsi, %rax
;;     0x30  cmpl $0, %ecx
;;     0x30  cmoveq %rdx, %rax
;;     0x31  popq %rbp
;;     0x31  retq
;;
;; func 1 $f64 (f64, f64, i32) -> (f64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movsd %xmm1, -24(%rbp)
;;           movaps %xmm0, %xmm1
;;           movsd -24(%rbp), %xmm0
;;           movsd %xmm1, -16(%rbp)
;;     0x3a  cmpl $0, %esi
;;     0x3a  movsd %xmm0, -8(%rbp)
;;     0x3a  je .LBB0_2
;;           movsd -16(%rbp), %xmm0
;;           movsd %xmm0, -8(%rbp)
;;           .LBB0_2:
;;           movsd -8(%rbp), %xmm0
;;     0x3b  popq %rbp
;;     0x3b  retq
;;
;; func 2 $compared (i32, i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movl %edx, %eax
;;     0x47  movl %esi, %ecx
;;     0x47  subl %eax, %ecx
;;     0x47  cmovgl %esi, %eax
;;     0x48  popq %rbp
;;     0x48  retq
