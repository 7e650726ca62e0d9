;; dump-jit --only code --bounds guard --relaxed-simd machine
;; dump-jit --tier llvm --only code --bounds guard --relaxed-simd machine
;; The machine's own choice: an instruction or two. Without FMA, products are rounded.
(module
  (func $swizzle (param v128 v128) (result v128) (i8x16.relaxed_swizzle (local.get 0) (local.get 1)))
  (func $select8 (param v128 v128 v128) (result v128)
    (i8x16.relaxed_laneselect (local.get 0) (local.get 1) (local.get 2)))
  (func $select16 (param v128 v128 v128) (result v128)
    (i16x8.relaxed_laneselect (local.get 0) (local.get 1) (local.get 2)))
  (func $select32 (param v128 v128 v128) (result v128)
    (i32x4.relaxed_laneselect (local.get 0) (local.get 1) (local.get 2)))
  (func $select64 (param v128 v128 v128) (result v128)
    (i64x2.relaxed_laneselect (local.get 0) (local.get 1) (local.get 2)))
  (func $trunc32 (param v128) (result v128) (i32x4.relaxed_trunc_f32x4_s (local.get 0)))
  (func $trunc64 (param v128) (result v128) (i32x4.relaxed_trunc_f64x2_s_zero (local.get 0)))
  (func $min (param v128 v128) (result v128) (f32x4.relaxed_min (local.get 0) (local.get 1)))
  (func $max (param v128 v128) (result v128) (f64x2.relaxed_max (local.get 0) (local.get 1)))
  (func $q15mulr (param v128 v128) (result v128) (i16x8.relaxed_q15mulr_s (local.get 0) (local.get 1)))
  (func $dot (param v128 v128) (result v128) (i16x8.relaxed_dot_i8x16_i7x16_s (local.get 0) (local.get 1)))
  (func $dot_add (param v128 v128 v128) (result v128)
    (i32x4.relaxed_dot_i8x16_i7x16_add_s (local.get 0) (local.get 1) (local.get 2)))
  (func $madd (param v128 v128 v128) (result v128) (f32x4.relaxed_madd (local.get 0) (local.get 1) (local.get 2))))

;; dump-jit --only code --bounds guard --relaxed-simd machine
;; func 0 $swizzle (v128, v128) -> (v128)
;;
;; machine code, 14 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x37      4  pshufb xmm0, xmm1
;;     0x3a      9  mov rsp, rbp
;;     0x3a      c  pop rbp
;;     0x3a      d  ret
;;
;; func 1 $select8 (v128, v128, v128) -> (v128)
;;
;; machine code, 30 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  movdqa xmm6, xmm0
;;               8  movdqa xmm0, xmm2
;;               c  movdqa xmm4, xmm1
;;     0x43     10  pblendvb xmm4, xmm6
;;     0x43     15  movdqa xmm0, xmm4
;;     0x46     19  mov rsp, rbp
;;     0x46     1c  pop rbp
;;     0x46     1d  ret
;;
;; func 2 $select16 (v128, v128, v128) -> (v128)
;;
;; machine code, 39 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  movdqa xmm6, xmm0
;;               8  movdqa xmm0, xmm2
;;     0x4f      c  psraw xmm0, 0xf
;;     0x4f     11  movdqa xmm7, xmm6
;;     0x4f     15  movdqa xmm5, xmm1
;;     0x4f     19  pblendvb xmm5, xmm7
;;     0x4f     1e  movdqa xmm0, xmm5
;;     0x52     22  mov rsp, rbp
;;     0x52     25  pop rbp
;;     0x52     26  ret
;;
;; func 3 $select32 (v128, v128, v128) -> (v128)
;;
;; machine code, 30 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  movdqa xmm6, xmm0
;;               8  movdqa xmm0, xmm2
;;               c  movdqa xmm4, xmm1
;;     0x5b     10  blendvps xmm4, xmm6
;;     0x5b     15  movdqa xmm0, xmm4
;;     0x5e     19  mov rsp, rbp
;;     0x5e     1c  pop rbp
;;     0x5e     1d  ret
;;
;; func 4 $select64 (v128, v128, v128) -> (v128)
;;
;; machine code, 30 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  movdqa xmm6, xmm0
;;               8  movdqa xmm0, xmm2
;;               c  movdqa xmm4, xmm1
;;     0x67     10  blendvpd xmm4, xmm6
;;     0x67     15  movdqa xmm0, xmm4
;;     0x6a     19  mov rsp, rbp
;;     0x6a     1c  pop rbp
;;     0x6a     1d  ret
;;
;; func 5 $trunc32 (v128) -> (v128)
;;
;; machine code, 13 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x6f      4  cvttps2dq xmm0, xmm0
;;     0x72      8  mov rsp, rbp
;;     0x72      b  pop rbp
;;     0x72      c  ret
;;
;; func 6 $trunc64 (v128) -> (v128)
;;
;; machine code, 13 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x77      4  cvttpd2dq xmm0, xmm0
;;     0x7a      8  mov rsp, rbp
;;     0x7a      b  pop rbp
;;     0x7a      c  ret
;;
;; func 7 $min (v128, v128) -> (v128)
;;
;; machine code, 20 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  movdqa xmm4, xmm0
;;               8  movdqa xmm0, xmm1
;;     0x81      c  minps xmm0, xmm4
;;     0x84      f  mov rsp, rbp
;;     0x84     12  pop rbp
;;     0x84     13  ret
;;
;; func 8 $max (v128, v128) -> (v128)
;;
;; machine code, 21 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  movdqa xmm4, xmm0
;;               8  movdqa xmm0, xmm1
;;     0x8b      c  maxpd xmm0, xmm4
;;     0x8e     10  mov rsp, rbp
;;     0x8e     13  pop rbp
;;     0x8e     14  ret
;;
;; func 9 $q15mulr (v128, v128) -> (v128)
;;
;; machine code, 14 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x95      4  pmulhrsw xmm0, xmm1
;;     0x98      9  mov rsp, rbp
;;     0x98      c  pop rbp
;;     0x98      d  ret
;;
;; func 10 $dot (v128, v128) -> (v128)
;;
;; machine code, 22 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  movdqa xmm4, xmm0
;;               8  movdqa xmm0, xmm1
;;     0x9f      c  pmaddubsw xmm0, xmm4
;;     0xa2     11  mov rsp, rbp
;;     0xa2     14  pop rbp
;;     0xa2     15  ret
;;
;; func 11 $dot_add (v128, v128, v128) -> (v128)
;;
;; machine code, 48 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0xab      4  pmaddubsw xmm1, xmm0
;;     0xab      9  pmaddwd xmm1, [rip+0xf]
;;     0xab     11  movdqa xmm0, xmm1
;;     0xab     15  paddd xmm0, xmm2
;;     0xae     19  mov rsp, rbp
;;     0xae     1c  pop rbp
;;     0xae     1d  ret
;;              1e  .long 0x10000
;;              22  .long 0x10001
;;              26  .long 0x10001
;;              2a  .long 0x10001
;;              2e  .long 0x1
;;
;; func 12 $madd (v128, v128, v128) -> (v128)
;;
;; machine code, 15 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0xb7      4  mulps xmm0, xmm1
;;     0xb7      7  addps xmm0, xmm2
;;     0xba      a  mov rsp, rbp
;;     0xba      d  pop rbp
;;     0xba      e  ret

;; dump-jit --tier llvm --only code --bounds guard --relaxed-simd machine
;; func 0 $swizzle (v128, v128) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x37  pshufb %xmm1, %xmm0
;;     0x3a  popq %rbp
;;     0x3a  retq
;;
;; func 1 $select8 (v128, v128, v128) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movaps %xmm2, -16(%rbp)
;;           movaps %xmm0, %xmm2
;;           movaps -16(%rbp), %xmm0
;;     0x43  pblendvb %xmm0, %xmm2, %xmm1
;;     0x43  movaps %xmm1, %xmm0
;;     0x46  popq %rbp
;;     0x46  retq
;;
;; func 2 $select16 (v128, v128, v128) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movaps %xmm2, -16(%rbp)
;;           movaps %xmm0, %xmm2
;;           movaps -16(%rbp), %xmm0
;;     0x4f  psraw $15, %xmm0
;;     0x4f  pblendvb %xmm0, %xmm2, %xmm1
;;     0x4f  movaps %xmm1, %xmm0
;;     0x52  popq %rbp
;;     0x52  retq
;;
;; func 3 $select32 (v128, v128, v128) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movaps %xmm2, -16(%rbp)
;;           movaps %xmm0, %xmm2
;;           movaps -16(%rbp), %xmm0
;;     0x5b  blendvps %xmm0, %xmm2, %xmm1
;;     0x5b  movaps %xmm1, %xmm0
;;     0x5e  popq %rbp
;;     0x5e  retq
;;
;; func 4 $select64 (v128, v128, v128) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movaps %xmm2, -16(%rbp)
;;           movaps %xmm0, %xmm2
;;           movaps -16(%rbp), %xmm0
;;     0x67  blendvpd %xmm0, %xmm2, %xmm1
;;     0x67  movaps %xmm1, %xmm0
;;     0x6a  popq %rbp
;;     0x6a  retq
;;
;; func 5 $trunc32 (v128) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x6f  cvttps2dq %xmm0, %xmm0
;;     0x72  popq %rbp
;;     0x72  retq
;;
;; func 6 $trunc64 (v128) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x77  cvttpd2dq %xmm0, %xmm0
;;     0x7a  popq %rbp
;;     0x7a  retq
;;
;; func 7 $min (v128, v128) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movaps %xmm1, -16(%rbp)
;;           movaps %xmm0, %xmm1
;;           movaps -16(%rbp), %xmm0
;;     0x81  minps %xmm1, %xmm0
;;     0x84  popq %rbp
;;     0x84  retq
;;
;; func 8 $max (v128, v128) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movaps %xmm1, -16(%rbp)
;;           movaps %xmm0, %xmm1
;;           movaps -16(%rbp), %xmm0
;;     0x8b  maxpd %xmm1, %xmm0
;;     0x8e  popq %rbp
;;     0x8e  retq
;;
;; func 9 $q15mulr (v128, v128) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x95  pmulhrsw %xmm1, %xmm0
;;     0x98  popq %rbp
;;     0x98  retq
;;
;; func 10 $dot (v128, v128) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movaps %xmm1, -16(%rbp)
;;           movaps %xmm0, %xmm1
;;           movaps -16(%rbp), %xmm0
;;     0x9f  pmaddubsw %xmm1, %xmm0
;;     0xa2  popq %rbp
;;     0xa2  retq
;;
;; func 11 $dot_add (v128, v128, v128) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movaps %xmm1, -16(%rbp)
;;           movaps %xmm0, %xmm1
;;           movaps -16(%rbp), %xmm0
;;     0xab  pmaddubsw %xmm1, %xmm0
;;     0xab  movaps .LCPI0_0(%rip), %xmm1
;;     0xab  pmaddwd %xmm1, %xmm0
;;     0xab  paddd %xmm2, %xmm0
;;     0xae  popq %rbp
;;     0xae  retq
;;
;; func 12 $madd (v128, v128, v128) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movaps %xmm2, -16(%rbp)
;;           movaps %xmm1, %xmm2
;;           movaps -16(%rbp), %xmm1
;;     0xb7  mulps %xmm2, %xmm0
;;     0xb7  addps %xmm1, %xmm0
;;     0xba  popq %rbp
;;     0xba  retq
