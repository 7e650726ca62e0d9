;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; Conversions: saturating, of fewer lanes.
(module
  (func $trunc (param v128) (result v128) (i32x4.trunc_sat_f32x4_s (local.get 0)))
  (func $extend (param v128) (result v128) (i16x8.extend_low_i8x16_u (local.get 0)))
  (func $narrow (param v128 v128) (result v128) (i8x16.narrow_i16x8_s (local.get 0) (local.get 1))))

;; dump-jit --only code --bounds guard
;; func 0 $trunc (v128) -> (v128)
;;
;; machine code, 45 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  movdqa xmm4, xmm0
;;     0x23      8  cmpeqps xmm4, xmm0
;;     0x23      c  andps xmm0, xmm4
;;     0x23      f  pxor xmm4, xmm0
;;     0x23     13  cvttps2dq xmm1, xmm0
;;     0x23     17  movdqa xmm0, xmm1
;;     0x23     1b  pand xmm0, xmm4
;;     0x23     1f  psrad xmm0, 0x1f
;;     0x23     24  pxor xmm0, xmm1
;;     0x26     28  mov rsp, rbp
;;     0x26     2b  pop rbp
;;     0x26     2c  ret
;;
;; func 1 $extend (v128) -> (v128)
;;
;; machine code, 14 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x2b      4  pmovzxbw xmm0, xmm0
;;     0x2e      9  mov rsp, rbp
;;     0x2e      c  pop rbp
;;     0x2e      d  ret
;;
;; func 2 $narrow (v128, v128) -> (v128)
;;
;; machine code, 13 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x35      4  packsswb xmm0, xmm1
;;     0x37      8  mov rsp, rbp
;;     0x37      b  pop rbp
;;     0x37      c  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $trunc (v128) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x23  cvttps2dq %xmm0, %xmm1
;;     0x23  movaps .LCPI0_0(%rip), %xmm2
;;     0x23  cmpleps %xmm0, %xmm2
;;     0x23  pxor %xmm2, %xmm1
;;     0x23  xorps %xmm2, %xmm2
;;     0x23  cmpordps %xmm2, %xmm0
;;     0x23  pand %xmm1, %xmm0
;;     0x26  popq %rbp
;;     0x26  retq
;;
;; func 1 $extend (v128) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x2b  pmovzxbw %xmm0, %xmm0
;;     0x2e  popq %rbp
;;     0x2e  retq
;;
;; func 2 $narrow (v128, v128) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x35  packsswb %xmm1, %xmm0
;;     0x37  popq %rbp
;;     0x37  retq
