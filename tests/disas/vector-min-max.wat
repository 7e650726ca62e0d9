;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; Minima of numbers with zeros and NaNs, and those of the one comparison.
(module
  (func $min (param v128 v128) (result v128) (f32x4.min (local.get 0) (local.get 1)))
  (func $pmin (param v128 v128) (result v128) (f32x4.pmin (local.get 0) (local.get 1))))

;; dump-jit --only code --bounds guard
;; func 0 $min (v128, v128) -> (v128)
;;
;; machine code, 41 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  movdqa xmm7, xmm0
;;     0x1f      8  minps xmm7, xmm1
;;     0x1f      b  minps xmm1, xmm0
;;     0x1f      e  orps xmm7, xmm1
;;     0x1f     11  movdqa xmm0, xmm7
;;     0x1f     15  cmpunordps xmm0, xmm1
;;     0x1f     19  orps xmm7, xmm0
;;     0x1f     1c  psrld xmm0, 0xa
;;     0x1f     21  andnps xmm0, xmm7
;;     0x22     24  mov rsp, rbp
;;     0x22     27  pop rbp
;;     0x22     28  ret
;;
;; func 1 $pmin (v128, v128) -> (v128)
;;
;; machine code, 20 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  movdqa xmm4, xmm0
;;               8  movdqa xmm0, xmm1
;;     0x29      c  minps xmm0, xmm4
;;     0x2c      f  mov rsp, rbp
;;     0x2c     12  pop rbp
;;     0x2c     13  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $min (v128, v128) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movaps %xmm1, %xmm3
;;     0x1f  movaps %xmm0, %xmm1
;;     0x1f  minps %xmm3, %xmm1
;;     0x1f  movaps %xmm3, %xmm2
;;     0x1f  minps %xmm0, %xmm2
;;     0x1f  por %xmm2, %xmm1
;;     0x1f  movaps %xmm0, %xmm2
;;     0x1f  addps %xmm3, %xmm2
;;     0x1f  cmpunordps %xmm3, %xmm0
;;     0x1f  blendvps %xmm0, %xmm2, %xmm1
;;     0x1f  movaps %xmm1, %xmm0
;;     0x22  popq %rbp
;;     0x22  retq
;;
;; func 1 $pmin (v128, v128) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movaps %xmm1, -16(%rbp)
;;           movaps %xmm0, %xmm1
;;           movaps -16(%rbp), %xmm0
;;     0x29  minps %xmm1, %xmm0
;;     0x2c  popq %rbp
;;     0x2c  retq
