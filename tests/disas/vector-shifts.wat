;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; Lanes of 8 bits have no shift of their own.
(module
  (func $i8x16 (param v128 i32) (result v128) (i8x16.shr_s (local.get 0) (local.get 1)))
  (func $i64x2 (param v128) (result v128) (i64x2.shl (local.get 0) (i32.const 3))))

;; dump-jit --only code --bounds guard
;; func 0 $i8x16 (v128, i32) -> (v128)
;;
;; machine code, 60 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x24      4  and rsi, 7
;;     0x24      8  movdqa xmm1, xmm0
;;     0x24      c  punpcklbw xmm1, xmm0
;;     0x24     10  movdqa xmm2, xmm1
;;     0x24     14  punpckhbw xmm0, xmm0
;;     0x24     18  movdqa xmm3, xmm0
;;     0x24     1c  add esi, 8
;;     0x24     1f  movd xmm1, esi
;;     0x24     23  movdqa xmm0, xmm2
;;     0x24     27  psraw xmm0, xmm1
;;     0x24     2b  movdqa xmm2, xmm3
;;     0x24     2f  psraw xmm2, xmm1
;;     0x24     33  packsswb xmm0, xmm2
;;     0x26     37  mov rsp, rbp
;;     0x26     3a  pop rbp
;;     0x26     3b  ret
;;
;; func 1 $i64x2 (v128) -> (v128)
;;
;; machine code, 14 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x2d      4  psllq xmm0, 3
;;     0x30      9  mov rsp, rbp
;;     0x30      c  pop rbp
;;     0x30      d  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $i8x16 (v128, i32) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x24  movb %sil, %al
;;     0x24  andb $7, %al
;;     0x24  movzbl %al, %eax
;;     0x24  movd %eax, %xmm1
;;     0x24  xorps %xmm2, %xmm2
;;     0x24  pshufb %xmm2, %xmm1
;;     0x24  andl $7, %esi
;;     0x24  movd %esi, %xmm2
;;     0x24  psrlw %xmm2, %xmm0
;;     0x24  pcmpeqd %xmm1, %xmm1
;;     0x24  psrlw %xmm2, %xmm1
;;     0x24  movaps .LCPI0_0(%rip), %xmm3
;;     0x24  pshufb %xmm3, %xmm1
;;     0x24  pand %xmm1, %xmm0
;;     0x24  movaps .LCPI0_1(%rip), %xmm1
;;     0x24  psrlw %xmm2, %xmm1
;;     0x24  pxor %xmm1, %xmm0
;;     0x24  psubb %xmm1, %xmm0
;;     0x26  popq %rbp
;;     0x26  retq
;;
;; func 1 $i64x2 (v128) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x2d  psllq $3, %xmm0
;;     0x30  popq %rbp
;;     0x30  retq
