;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; Operations on the sign bit alone.
(module
  (func $copysign (param f64 f64) (result f64) (f64.copysign (local.get 0) (local.get 1)))
  (func $abs (param f32) (result f32) (f32.neg (f32.abs (local.get 0)))))

;; dump-jit --only code --bounds guard
;; func 0 $copysign (f64, f64) -> (f64)
;;
;; machine code, 44 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x24      4  mov rsi, 0x8000000000000000
;;     0x24      e  movq xmm7, rsi
;;     0x24     13  movdqa xmm2, xmm0
;;     0x24     17  movdqa xmm0, xmm7
;;     0x24     1b  andnpd xmm0, xmm2
;;     0x24     1f  andpd xmm7, xmm1
;;     0x24     23  orpd xmm0, xmm7
;;     0x25     27  mov rsp, rbp
;;     0x25     2a  pop rbp
;;     0x25     2b  ret
;;
;; func 1 $abs (f32) -> (f32)
;;
;; machine code, 33 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x2a      4  mov esi, 0x7fffffff
;;     0x2a      9  movd xmm7, esi
;;     0x2a      d  andps xmm0, xmm7
;;     0x2b     10  mov esi, 0x80000000
;;     0x2b     15  movd xmm7, esi
;;     0x2b     19  xorps xmm0, xmm7
;;     0x2c     1c  mov rsp, rbp
;;     0x2c     1f  pop rbp
;;     0x2c     20  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $copysign (f64, f64) -> (f64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x24  movaps .LCPI0_0(%rip), %xmm2
;;     0x24  pand %xmm2, %xmm1
;;     0x24  movaps .LCPI0_1(%rip), %xmm2
;;     0x24  pand %xmm2, %xmm0
;;     0x24  por %xmm1, %xmm0
;;     0x25  popq %rbp
;;     0x25  retq
;;
;; func 1 $abs (f32) -> (f32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x2a  movaps .LCPI0_0(%rip), %xmm1
;;     0x2a  pand %xmm1, %xmm0
;;     0x2b  movd %xmm0, %eax
;;     0x2b  xorl $2147483648, %eax
;;     0x2b  movd %eax, %xmm0
;;     0x2c  popq %rbp
;;     0x2c  retq
