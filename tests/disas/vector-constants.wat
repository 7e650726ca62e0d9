;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; Zero and all ones are made, others loaded.
(module
  (func $zero (result v128) (v128.const i64x2 0 0))
  (func $ones (result v128) (v128.const i64x2 -1 -1))
  (func $other (result v128) (v128.const i32x4 1 2 3 4)))

;; dump-jit --only code --bounds guard
;; func 0 $zero () -> (v128)
;;
;; machine code, 13 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x1a      4  pxor xmm0, xmm0
;;     0x2c      8  mov rsp, rbp
;;     0x2c      b  pop rbp
;;     0x2c      c  ret
;;
;; func 1 $ones () -> (v128)
;;
;; machine code, 13 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x2f      4  pcmpeqd xmm0, xmm0
;;     0x41      8  mov rsp, rbp
;;     0x41      b  pop rbp
;;     0x41      c  ret
;;
;; func 2 $other () -> (v128)
;;
;; machine code, 48 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x44      4  movdqu xmm0, [rip+0x14]
;;     0x56      c  mov rsp, rbp
;;     0x56      f  pop rbp
;;     0x56     10  ret
;;              11  .long 0x0
;;              15  .long 0x0
;;              19  .long 0x0
;;              1d  .long 0x1000000
;;              21  .long 0x2000000
;;              25  .long 0x3000000
;;              29  .long 0x4000000
;;              2d  .long 0x0

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $zero () -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x2c  xorps %xmm0, %xmm0
;;     0x2c  popq %rbp
;;     0x2c  retq
;;
;; func 1 $ones () -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x41  pcmpeqd %xmm0, %xmm0
;;     0x41  popq %rbp
;;     0x41  retq
;;
;; func 2 $other () -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x56  movaps .LCPI0_0(%rip), %xmm0
;;     0x56  popq %rbp
;;     0x56  retq
