;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; Masks, and what becomes of them.
(module
  (func $mask (param v128 v128) (result i32) (i8x16.bitmask (i8x16.eq (local.get 0) (local.get 1))))
  (func $unsigned (param v128 v128) (result v128) (i16x8.lt_u (local.get 0) (local.get 1)))
  (func $any (param v128) (result i32) (v128.any_true (local.get 0)))
  (func $all (param v128) (result i32) (i32x4.all_true (local.get 0))))

;; dump-jit --only code --bounds guard
;; func 0 $mask (v128, v128) -> (i32)
;;
;; machine code, 17 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x2c      4  pcmpeqb xmm0, xmm1
;;     0x2e      8  pmovmskb eax, xmm0
;;     0x30      c  mov rsp, rbp
;;     0x30      f  pop rbp
;;     0x30     10  ret
;;
;; func 1 $unsigned (v128, v128) -> (v128)
;;
;; machine code, 26 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x37      4  pminuw xmm0, xmm1
;;     0x37      9  pcmpeqw xmm0, xmm1
;;     0x37      d  pcmpeqd xmm1, xmm1
;;     0x37     11  pxor xmm0, xmm1
;;     0x39     15  mov rsp, rbp
;;     0x39     18  pop rbp
;;     0x39     19  ret
;;
;; func 2 $any (v128) -> (i32)
;;
;; machine code, 22 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x3e      4  ptest xmm0, xmm0
;;     0x3e      9  setne sil
;;     0x3e      d  movzx eax, sil
;;     0x40     11  mov rsp, rbp
;;     0x40     14  pop rbp
;;     0x40     15  ret
;;
;; func 3 $all (v128) -> (i32)
;;
;; machine code, 30 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x45      4  pxor xmm4, xmm4
;;     0x45      8  pcmpeqd xmm0, xmm4
;;     0x45      c  ptest xmm0, xmm0
;;     0x45     11  sete r10b
;;     0x45     15  movzx eax, r10b
;;     0x48     19  mov rsp, rbp
;;     0x48     1c  pop rbp
;;     0x48     1d  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $mask (v128, v128) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x2e  pcmpeqb %xmm1, %xmm0
;;     0x2e  pmovmskb %xmm0, %eax
;;     0x2e  movzwl %ax, %eax
;;     0x30  popq %rbp
;;     0x30  retq
;;
;; func 1 $unsigned (v128, v128) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movaps %xmm1, %xmm2
;;     0x37  movaps %xmm0, %xmm1
;;     0x37  pmaxuw %xmm2, %xmm1
;;     0x37  pcmpeqw %xmm1, %xmm0
;;     0x37  pcmpeqd %xmm1, %xmm1
;;     0x37  pxor %xmm1, %xmm0
;;     0x39  popq %rbp
;;     0x39  retq
;;
;; func 2 $any (v128) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x3e  ptest %xmm0, %xmm0
;;     0x3e  setne %al
;;     0x3e  andb $1, %al
;;     0x3e  movzbl %al, %eax
;;     0x40  popq %rbp
;;     0x40  retq
;;
;; func 3 $all (v128) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x45  xorps %xmm1, %xmm1
;;     0x45  pcmpeqd %xmm1, %xmm0
;;     0x45  movmskps %xmm0, %eax
;;     0x45  testl %eax, %eax
;;     0x45  sete %al
;;     0x45  andb $1, %al
;;     0x45  movzbl %al, %eax
;;     0x48  popq %rbp
;;     0x48  retq
