;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; Truncation that does not trap.
(module
  (func $s (param f64) (result i32) (i32.trunc_sat_f64_s (local.get 0)))
  (func $u (param f32) (result i64) (i64.trunc_sat_f32_u (local.get 0))))

;; dump-jit --only code --bounds guard
;; func 0 $s (f64) -> (i32)
;;
;; machine code, 58 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x21      4  cvttsd2si eax, xmm0
;;     0x21      8  cmp eax, 1
;;     0x21      b  jno 0x35
;;     0x21     11  ucomisd xmm0, xmm0
;;     0x21     15  jnp 0x22
;;     0x21     1b  xor eax, eax
;;     0x21     1d  jmp 0x35
;;              22  .long 0xdb570f66
;;              26  .long 0xd82e0f66
;;              2a  .long 0x5830f
;;              2e  .long 0xffb80000
;;              32  .long 0x487fffff
;;              36  .long 0xc35dec89
;;
;; func 1 $u (f32) -> (i64)
;;
;; machine code, 111 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x28      4  mov esi, 0x5f000000
;;     0x28      9  movd xmm3, esi
;;     0x28      d  ucomiss xmm0, xmm3
;;     0x28     10  jae 0x3b
;;     0x28     16  jnp 0x24
;;     0x28     1c  xor rax, rax
;;     0x28     1f  jmp 0x6a
;;              24  .long 0x2c0f48f3
;;              28  .long 0xf88348c0
;;              2c  .long 0x378d0f00
;;              30  .long 0x48000000
;;              34  .long 0x2fe9c033
;;              38  .long 0xf000000
;;              3c  .long 0xff3e028
;;              40  .long 0x48f3e35c
;;              44  .long 0x48c42c0f
;;              48  .long 0xf00f883
;;              4c  .long 0xc8d
;;              50  .long 0xc0c74800
;;              54  .long 0xffffffff
;;              58  .long 0xde9
;;              5c  .long 0xbe4800
;;              60  .long 0x0
;;              64  .long 0x48800000
;;              68  .long 0x8948c603
;;              6c  .long 0xc35dec

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $s (f64) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movsd .LCPI0_0(%rip), %xmm2
;;     0x21  movaps %xmm0, %xmm1
;;     0x21  maxsd %xmm2, %xmm1
;;     0x21  movsd .LCPI0_1(%rip), %xmm2
;;     0x21  minsd %xmm2, %xmm1
;;     0x21  cvttsd2si %xmm1, %eax
;;     0x21  xorl %ecx, %ecx
;;     0x21  ucomisd %xmm0, %xmm0
;;     0x21  cmovpl %ecx, %eax
;;     0x23  popq %rbp
;;     0x23  retq
;;
;; func 1 $u (f32) -> (i64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movss .LCPI0_0(%rip), %xmm2
;;     0x28  movaps %xmm0, %xmm1
;;     0x28  subss %xmm2, %xmm1
;;     0x28  cvttss2si %xmm1, %rcx
;;     0x28  movaps %xmm0, %xmm1
;;     0x28  cvttss2si %xmm1, %rax
;;     0x28  movq %rax, %rdx
;;     0x28  sarq $63, %rdx
;;     0x28  andq %rdx, %rcx
;;     0x28  orq %rcx, %rax
;;     0x28  xorl %ecx, %ecx
;;     0x28  xorps %xmm1, %xmm1
;;     0x28  ucomiss %xmm1, %xmm0
;;     0x28  cmovbq %rcx, %rax
;;     0x28  movss .LCPI0_1(%rip), %xmm1
;;     0x28  ucomiss %xmm1, %xmm0
;;     0x28  movq $-1, %rcx
;;     0x28  cmovaq %rcx, %rax
;;     0x2a  popq %rbp
;;     0x2a  retq
