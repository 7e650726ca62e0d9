;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; Constants of all kinds: zero, one, negative zero, a NaN.
(module
  (func $zero (result f64) (f64.const 0))
  (func $one (result f32) (f32.const 1))
  (func $negative (result f64) (f64.const -0))
  (func $nan (result f32) (f32.const nan:0x200000)))

;; dump-jit --only code --bounds guard
;; func 0 $zero () -> (f64)
;;
;; machine code, 13 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x28      4  xorpd xmm0, xmm0
;;     0x28      8  mov rsp, rbp
;;     0x28      b  pop rbp
;;     0x28      c  ret
;;
;; func 1 $one () -> (f32)
;;
;; machine code, 18 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x30      4  mov eax, 0x3f800000
;;     0x30      9  movd xmm0, eax
;;     0x30      d  mov rsp, rbp
;;     0x30     10  pop rbp
;;     0x30     11  ret
;;
;; func 2 $negative () -> (f64)
;;
;; machine code, 24 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x3c      4  mov rax, 0x8000000000000000
;;     0x3c      e  movq xmm0, rax
;;     0x3c     13  mov rsp, rbp
;;     0x3c     16  pop rbp
;;     0x3c     17  ret
;;
;; func 3 $nan () -> (f32)
;;
;; machine code, 18 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x44      4  mov eax, 0x7fa00000
;;     0x44      9  movd xmm0, eax
;;     0x44      d  mov rsp, rbp
;;     0x44     10  pop rbp
;;     0x44     11  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $zero () -> (f64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           xorps %xmm0, %xmm0
;;     0x28  popq %rbp
;;     0x28  retq
;;
;; func 1 $one () -> (f32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movss .LCPI0_0(%rip), %xmm0
;;     0x30  popq %rbp
;;     0x30  retq
;;
;; func 2 $negative () -> (f64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movsd .LCPI0_0(%rip), %xmm0
;;     0x3c  popq %rbp
;;     0x3c  retq
;;
;; func 3 $nan () -> (f32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movss .LCPI0_0(%rip), %xmm0
;;     0x44  popq %rbp
;;     0x44  retq
