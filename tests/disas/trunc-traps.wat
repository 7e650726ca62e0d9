;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; Truncation that traps: for a NaN, and beyond the range.
(module
  (func $s (param f64) (result i32) (i32.trunc_f64_s (local.get 0)))
  (func $u (param f32) (result i64) (i64.trunc_f32_u (local.get 0))))

;; dump-jit --only code --bounds guard
;; func 0 $s (f64) -> (i32)
;;
;; machine code, 77 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x21      4  cvttsd2si eax, xmm0
;;     0x21      8  cmp eax, 1
;;     0x21      b  jno 0x42
;;     0x21     11  ucomisd xmm0, xmm0
;;     0x21     15  jp 0x47
;;     0x21     1b  mov rsi, 0xc1e0000000200000
;;     0x21     25  movq xmm3, rsi
;;     0x21     2a  ucomisd xmm0, xmm3
;;     0x21     2e  jbe 0x49
;;     0x21     34  xorpd xmm3, xmm3
;;     0x21     38  ucomisd xmm3, xmm0
;;     0x21     3c  jb 0x4b
;;     0x22     42  mov rsp, rbp
;;     0x22     45  pop rbp
;;     0x22     46  ret
;;     0x21     47  ud2                                       ; trap: invalid conversion to integer
;;     0x21     49  ud2                                       ; trap: integer overflow
;;     0x21     4b  ud2                                       ; trap: integer overflow
;;
;; func 1 $u (f32) -> (i64)
;;
;; machine code, 89 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x27      4  mov esi, 0x5f000000
;;     0x27      9  movd xmm3, esi
;;     0x27      d  ucomiss xmm0, xmm3
;;     0x27     10  jae 0x2d
;;     0x27     16  jp 0x55
;;     0x27     1c  cvttss2si rax, xmm0
;;     0x27     21  cmp rax, 0
;;     0x27     25  jge 0x50
;;     0x27     2b  ud2                                       ; trap: integer overflow
;;              2d  .long 0xf3e0280f
;;              31  .long 0xf3e35c0f
;;              35  .long 0xc42c0f48
;;              39  .long 0xf88348
;;              3d  .long 0x148c0f
;;              41  .long 0xbe480000
;;              45  .long 0x0
;;              49  .long 0x80000000
;;              4d  .long 0x48c60348
;;              51  .long 0xc35dec89
;;     0x27     55  ud2                                       ; trap: invalid conversion to integer
;;     0x27     57  ud2                                       ; trap: integer overflow

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $s (f64) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x21  ucomisd %xmm0, %xmm0
;;     0x21  jp .LBB0_4
;;     0x21  ucomisd .LCPI0_0(%rip), %xmm0
;;     0x21  jbe .LBB0_5
;;           movsd .LCPI0_1(%rip), %xmm1
;;     0x21  ucomisd %xmm0, %xmm1
;;     0x21  jbe .LBB0_5
;;     0x21  cvttsd2si %xmm0, %eax
;;     0x22  popq %rbp
;;     0x22  retq
;;           .LBB0_4:
;;     0x21  ud1l 9(%eax), %eax
;;           .LBB0_5:
;;     0x21  ud1l 8(%eax), %eax
;;
;; func 1 $u (f32) -> (i64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x27  ucomiss %xmm0, %xmm0
;;     0x27  jp .LBB0_4
;;     0x27  ucomiss .LCPI0_0(%rip), %xmm0
;;     0x27  jbe .LBB0_5
;;           movss .LCPI0_1(%rip), %xmm1
;;     0x27  ucomiss %xmm0, %xmm1
;;     0x27  jbe .LBB0_5
;;     0x27  cvttss2si %xmm0, %rcx
;;     0x27  movq %rcx, %rdx
;;     0x27  subss .LCPI0_2(%rip), %xmm0
;;     0x27  cvttss2si %xmm0, %rax
;;     0x27  sarq $63, %rdx
;;     0x27  andq %rdx, %rax
;;     0x27  orq %rcx, %rax
;;     0x28  popq %rbp
;;     0x28  retq
;;           .LBB0_4:
;;     0x27  ud1l 9(%eax), %eax
;;           .LBB0_5:
;;     0x27  ud1l 8(%eax), %eax
