;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; Zeros by their signs, NaNs first.
(module
  (func $min (param f64 f64) (result f64) (f64.min (local.get 0) (local.get 1)))
  (func $max (param f32 f32) (result f32) (f32.max (local.get 0) (local.get 1))))

;; dump-jit --only code --bounds guard
;; func 0 $min (f64, f64) -> (f64)
;;
;; machine code, 56 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  movdqa xmm4, xmm0
;;               8  movdqa xmm0, xmm1
;;     0x25      c  ucomisd xmm0, xmm4
;;     0x25     10  jne 0x2f
;;     0x25     16  jp 0x25
;;     0x25     1c  orpd xmm0, xmm4
;;     0x25     20  jmp 0x33
;;              25  .long 0xc4580ff2
;;              29  .long 0x48a0f
;;              2d  .long 0xff20000
;;              31  .long 0x8948c45d
;;              35  .long 0xc35dec
;;
;; func 1 $max (f32, f32) -> (f32)
;;
;; machine code, 54 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  movdqa xmm4, xmm0
;;               8  movdqa xmm0, xmm1
;;     0x2d      c  ucomiss xmm0, xmm4
;;     0x2d      f  jne 0x2d
;;     0x2d     15  jp 0x23
;;     0x2d     1b  andps xmm0, xmm4
;;     0x2d     1e  jmp 0x31
;;              23  .long 0xc4580ff3
;;              27  .long 0x48a0f
;;              2b  .long 0xff30000
;;              2f  .long 0x8948c45f
;;              33  .long 0xc35dec

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $min (f64, f64) -> (f64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x25  movq %xmm0, %rax
;;     0x25  movq %xmm1, %rcx
;;     0x25  orq %rcx, %rax
;;     0x25  movq %rax, %xmm6
;;     0x25  movaps %xmm0, %xmm3
;;     0x25  addsd %xmm1, %xmm3
;;     0x25  movaps %xmm0, %xmm5
;;     0x25  cmpltsd %xmm1, %xmm5
;;     0x25  movaps %xmm5, %xmm2
;;     0x25  andpd %xmm0, %xmm2
;;     0x25  andnpd %xmm1, %xmm5
;;     0x25  orpd %xmm2, %xmm5
;;     0x25  movaps %xmm0, %xmm2
;;     0x25  cmpeqsd %xmm1, %xmm2
;;     0x25  movaps %xmm2, %xmm4
;;     0x25  andpd %xmm6, %xmm4
;;     0x25  andnpd %xmm5, %xmm2
;;     0x25  orpd %xmm4, %xmm2
;;     0x25  cmpunordsd %xmm1, %xmm0
;;     0x25  movaps %xmm0, %xmm1
;;     0x25  andpd %xmm3, %xmm1
;;     0x25  andnpd %xmm2, %xmm0
;;     0x25  orpd %xmm1, %xmm0
;;     0x26  popq %rbp
;;     0x26  retq
;;
;; func 1 $max (f32, f32) -> (f32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x2d  movd %xmm0, %eax
;;     0x2d  movd %xmm1, %ecx
;;     0x2d  andl %ecx, %eax
;;     0x2d  movd %eax, %xmm6
;;     0x2d  movaps %xmm0, %xmm3
;;     0x2d  addss %xmm1, %xmm3
;;     0x2d  movaps %xmm1, %xmm5
;;     0x2d  cmpltss %xmm0, %xmm5
;;     0x2d  movaps %xmm5, %xmm2
;;     0x2d  andps %xmm0, %xmm2
;;     0x2d  andnps %xmm1, %xmm5
;;     0x2d  orps %xmm2, %xmm5
;;     0x2d  movaps %xmm0, %xmm2
;;     0x2d  cmpeqss %xmm1, %xmm2
;;     0x2d  movaps %xmm2, %xmm4
;;     0x2d  andps %xmm6, %xmm4
;;     0x2d  andnps %xmm5, %xmm2
;;     0x2d  orps %xmm4, %xmm2
;;     0x2d  cmpunordss %xmm1, %xmm0
;;     0x2d  movaps %xmm0, %xmm1
;;     0x2d  andps %xmm3, %xmm1
;;     0x2d  andnps %xmm2, %xmm0
;;     0x2d  orps %xmm1, %xmm0
;;     0x2e  popq %rbp
;;     0x2e  retq
