;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; One instruction each, or two.
(module
  (func $i32x4 (param v128 v128) (result v128) (i32x4.add (local.get 0) (i32x4.mul (local.get 0) (local.get 1))))
  (func $f64x2 (param v128 v128) (result v128) (f64x2.sub (local.get 0) (f64x2.sqrt (local.get 1))))
  (func $i64x2 (param v128 v128) (result v128) (i64x2.mul (local.get 0) (local.get 1))))

;; dump-jit --only code --bounds guard
;; func 0 $i32x4 (v128, v128) -> (v128)
;;
;; machine code, 22 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  movdqa xmm4, xmm0
;;     0x22      8  pmulld xmm4, xmm1
;;     0x25      d  paddd xmm0, xmm4
;;     0x28     11  mov rsp, rbp
;;     0x28     14  pop rbp
;;     0x28     15  ret
;;
;; func 1 $f64x2 (v128, v128) -> (v128)
;;
;; machine code, 17 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x2f      4  sqrtpd xmm4, xmm1
;;     0x32      8  subpd xmm0, xmm4
;;     0x35      c  mov rsp, rbp
;;     0x35      f  pop rbp
;;     0x35     10  ret
;;
;; func 2 $i64x2 (v128, v128) -> (v128)
;;
;; machine code, 60 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  movdqa xmm2, xmm1
;;               8  movdqa xmm1, xmm0
;;     0x3c      c  psrlq xmm1, 0x20
;;     0x3c     11  pmuludq xmm1, xmm2
;;     0x3c     15  movdqa xmm7, xmm2
;;     0x3c     19  psrlq xmm7, 0x20
;;     0x3c     1e  movdqa xmm3, xmm0
;;     0x3c     22  pmuludq xmm3, xmm7
;;     0x3c     26  paddq xmm1, xmm3
;;     0x3c     2a  psllq xmm1, 0x20
;;     0x3c     2f  pmuludq xmm0, xmm2
;;     0x3c     33  paddq xmm0, xmm1
;;     0x3f     37  mov rsp, rbp
;;     0x3f     3a  pop rbp
;;     0x3f     3b  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $i32x4 (v128, v128) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movaps %xmm1, -16(%rbp)
;;           movaps %xmm0, %xmm1
;;           movaps -16(%rbp), %xmm0
;;     0x25  pcmpeqd %xmm2, %xmm2
;;     0x25  psubd %xmm2, %xmm0
;;     0x25  pmulld %xmm1, %xmm0
;;     0x28  popq %rbp
;;     0x28  retq
;;
;; func 1 $f64x2 (v128, v128) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x2f  sqrtpd %xmm1, %xmm1
;;     0x32  subpd %xmm1, %xmm0
;;     0x35  popq %rbp
;;     0x35  retq
;;
;; func 2 $i64x2 (v128, v128) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movaps %xmm1, %xmm2
;;     0x3c  movaps %xmm0, %xmm3
;;     0x3c  psrlq $32, %xmm3
;;     0x3c  pmuludq %xmm2, %xmm3
;;     0x3c  movaps %xmm2, %xmm4
;;     0x3c  psrlq $32, %xmm4
;;     0x3c  movaps %xmm0, %xmm1
;;     0x3c  pmuludq %xmm4, %xmm1
;;     0x3c  paddq %xmm3, %xmm1
;;     0x3c  psllq $32, %xmm1
;;     0x3c  pmuludq %xmm2, %xmm0
;;     0x3c  paddq %xmm1, %xmm0
;;     0x3f  popq %rbp
;;     0x3f  retq
