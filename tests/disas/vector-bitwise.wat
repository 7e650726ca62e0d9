;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; Bits, and a choice bit by bit.
(module
  (func $andnot (param v128 v128) (result v128) (v128.andnot (local.get 0) (local.get 1)))
  (func $bitselect (param v128 v128 v128) (result v128) (v128.bitselect (local.get 0) (local.get 1) (local.get 2)))
  (func $not (param v128) (result v128) (v128.not (local.get 0))))

;; dump-jit --only code --bounds guard
;; func 0 $andnot (v128, v128) -> (v128)
;;
;; machine code, 21 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  movdqa xmm4, xmm0
;;               8  movdqa xmm0, xmm1
;;     0x2c      c  pandn xmm0, xmm4
;;     0x2e     10  mov rsp, rbp
;;     0x2e     13  pop rbp
;;     0x2e     14  ret
;;
;; func 1 $bitselect (v128, v128, v128) -> (v128)
;;
;; machine code, 33 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x37      4  pand xmm0, xmm2
;;     0x37      8  movdqa xmm7, xmm0
;;     0x37      c  pandn xmm2, xmm1
;;     0x37     10  movdqa xmm1, xmm7
;;     0x37     14  movdqa xmm0, xmm2
;;     0x37     18  por xmm0, xmm1
;;     0x39     1c  mov rsp, rbp
;;     0x39     1f  pop rbp
;;     0x39     20  ret
;;
;; func 2 $not (v128) -> (v128)
;;
;; machine code, 17 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x3e      4  pcmpeqd xmm3, xmm3
;;     0x3e      8  pxor xmm0, xmm3
;;     0x40      c  mov rsp, rbp
;;     0x40      f  pop rbp
;;     0x40     10  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $andnot (v128, v128) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movaps %xmm1, -16(%rbp)
;;           movaps %xmm0, %xmm1
;;           movaps -16(%rbp), %xmm0
;;     0x2c  pcmpeqd %xmm2, %xmm2
;;     0x2c  pxor %xmm2, %xmm0
;;     0x2c  pand %xmm1, %xmm0
;;     0x2e  popq %rbp
;;     0x2e  retq
;;
;; func 1 $bitselect (v128, v128, v128) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movaps %xmm2, -16(%rbp)
;;           movaps %xmm1, %xmm2
;;           movaps -16(%rbp), %xmm1
;;     0x37  pand %xmm1, %xmm0
;;     0x37  pcmpeqd %xmm3, %xmm3
;;     0x37  pxor %xmm3, %xmm1
;;     0x37  pand %xmm2, %xmm1
;;     0x37  por %xmm1, %xmm0
;;     0x39  popq %rbp
;;     0x39  retq
;;
;; func 2 $not (v128) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x3e  pcmpeqd %xmm1, %xmm1
;;     0x3e  pxor %xmm1, %xmm0
;;     0x40  popq %rbp
;;     0x40  retq
