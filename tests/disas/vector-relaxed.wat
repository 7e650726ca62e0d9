;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; The choice of the deterministic profile: products are rounded, dot products saturate.
(module
  (func $madd (param v128 v128 v128) (result v128) (f32x4.relaxed_madd (local.get 0) (local.get 1) (local.get 2)))
  (func $swizzle (param v128 v128) (result v128) (i8x16.relaxed_swizzle (local.get 0) (local.get 1))))

;; dump-jit --only code --bounds guard
;; func 0 $madd (v128, v128, v128) -> (v128)
;;
;; machine code, 15 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x28      4  mulps xmm0, xmm1
;;     0x28      7  addps xmm0, xmm2
;;     0x2b      a  mov rsp, rbp
;;     0x2b      d  pop rbp
;;     0x2b      e  ret
;;
;; func 1 $swizzle (v128, v128) -> (v128)
;;
;; machine code, 48 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x32      4  paddusb xmm1, [rip+0x14]
;;     0x32      c  pshufb xmm0, xmm1
;;     0x35     11  mov rsp, rbp
;;     0x35     14  pop rbp
;;     0x35     15  ret
;;              16  .long 0x0
;;              1a  .long 0x0
;;              1e  .long 0x70700000
;;              22  .long 0x70707070
;;              26  .long 0x70707070
;;              2a  .long 0x70707070
;;              2e  .long 0x7070

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $madd (v128, v128, v128) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movaps %xmm2, -16(%rbp)
;;           movaps %xmm1, %xmm2
;;           movaps -16(%rbp), %xmm1
;;     0x28  mulps %xmm2, %xmm0
;;     0x28  addps %xmm1, %xmm0
;;     0x2b  popq %rbp
;;     0x2b  retq
;;
;; func 1 $swizzle (v128, v128) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x32  movaps .LCPI0_0(%rip), %xmm2
;;     0x32  paddusb %xmm2, %xmm1
;;     0x32  pshufb %xmm1, %xmm0
;;     0x35  popq %rbp
;;     0x35  retq
