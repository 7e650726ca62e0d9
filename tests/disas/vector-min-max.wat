;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; Minima of numbers with zeros and NaNs, and those of the one comparison.
(module
  (func $min (param v128 v128) (result v128) (f32x4.min (local.get 0) (local.get 1)))
  (func $pmin (param v128 v128) (result v128) (f32x4.pmin (local.get 0) (local.get 1)))
  (func $pmax (param v128 v128) (result v128) (f64x2.pmax (local.get 0) (local.get 1))))

;; dump-jit --only code --bounds guard
;; func 0 $min (v128, v128) -> (v128)
;;
;; machine code, 41 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  movdqa xmm7, xmm0
;;     0x20      8  minps xmm7, xmm1
;;     0x20      b  minps xmm1, xmm0
;;     0x20      e  orps xmm7, xmm1
;;     0x20     11  movdqa xmm0, xmm7
;;     0x20     15  cmpunordps xmm0, xmm1
;;     0x20     19  orps xmm7, xmm0
;;     0x20     1c  psrld xmm0, 0xa
;;     0x20     21  andnps xmm0, xmm7
;;     0x23     24  mov rsp, rbp
;;     0x23     27  pop rbp
;;     0x23     28  ret
;;
;; func 1 $pmin (v128, v128) -> (v128)
;;
;; machine code, 20 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  movdqa xmm4, xmm0
;;               8  movdqa xmm0, xmm1
;;     0x2a      c  minps xmm0, xmm4
;;     0x2d      f  mov rsp, rbp
;;     0x2d     12  pop rbp
;;     0x2d     13  ret
;;
;; func 2 $pmax (v128, v128) -> (v128)
;;
;; machine code, 21 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  movdqa xmm4, xmm0
;;               8  movdqa xmm0, xmm1
;;     0x34      c  maxpd xmm0, xmm4
;;     0x37     10  mov rsp, rbp
;;     0x37     13  pop rbp
;;     0x37     14  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $min (v128, v128) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movaps %xmm1, %xmm3
;;     0x20  movaps %xmm0, %xmm1
;;     0x20  minps %xmm3, %xmm1
;;     0x20  movaps %xmm3, %xmm2
;;     0x20  minps %xmm0, %xmm2
;;     0x20  por %xmm2, %xmm1
;;     0x20  movaps %xmm0, %xmm2
;;     0x20  addps %xmm3, %xmm2
;;     0x20  cmpunordps %xmm3, %xmm0
;;     0x20  blendvps %xmm0, %xmm2, %xmm1
;;     0x20  movaps %xmm1, %xmm0
;;     0x23  popq %rbp
;;     0x23  retq
;;
;; func 1 $pmin (v128, v128) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movaps %xmm1, -16(%rbp)
;;           movaps %xmm0, %xmm1
;;           movaps -16(%rbp), %xmm0
;;     0x2a  minps %xmm1, %xmm0
;;     0x2d  popq %rbp
;;     0x2d  retq
;;
;; func 2 $pmax (v128, v128) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movaps %xmm1, -16(%rbp)
;;           movaps %xmm0, %xmm1
;;           movaps -16(%rbp), %xmm0
;;     0x34  maxpd %xmm1, %xmm0
;;     0x37  popq %rbp
;;     0x37  retq
