;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; Known lanes, and lanes by numbers; those out of range are 0.
(module
  (func $shuffle (param v128 v128) (result v128) (i8x16.shuffle 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 23 (local.get 0) (local.get 1)))
  (func $swizzle (param v128 v128) (result v128) (i8x16.swizzle (local.get 0) (local.get 1))))

;; dump-jit --only code --bounds guard
;; func 0 $shuffle (v128, v128) -> (v128)
;;
;; machine code, 13 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x1f      4  punpcklbw xmm0, xmm1
;;     0x31      8  mov rsp, rbp
;;     0x31      b  pop rbp
;;     0x31      c  ret
;;
;; func 1 $swizzle (v128, v128) -> (v128)
;;
;; machine code, 48 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x38      4  paddusb xmm1, [rip+0x14]
;;     0x38      c  pshufb xmm0, xmm1
;;     0x3a     11  mov rsp, rbp
;;     0x3a     14  pop rbp
;;     0x3a     15  ret
;;              16  .long 0x0
;;              1a  .long 0x0
;;              1e  .long 0x70700000
;;              22  .long 0x70707070
;;              26  .long 0x70707070
;;              2a  .long 0x70707070
;;              2e  .long 0x7070

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $shuffle (v128, v128) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x1f  punpcklbw %xmm1, %xmm0
;;     0x31  popq %rbp
;;     0x31  retq
;;
;; func 1 $swizzle (v128, v128) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x38  movaps .LCPI0_0(%rip), %xmm2
;;     0x38  paddusb %xmm2, %xmm1
;;     0x38  pshufb %xmm1, %xmm0
;;     0x3a  popq %rbp
;;     0x3a  retq
