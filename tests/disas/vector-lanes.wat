;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; Lanes in and out.
(module
  (func $splat (param i32) (result v128) (i8x16.splat (local.get 0)))
  (func $extract (param v128) (result i32) (i16x8.extract_lane_s 3 (local.get 0)))
  (func $replace (param v128 f64) (result v128) (f64x2.replace_lane 1 (local.get 0) (local.get 1))))

;; dump-jit --only code --bounds guard
;; func 0 $splat (i32) -> (v128)
;;
;; machine code, 22 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x28      4  movd xmm0, esi
;;     0x28      8  pxor xmm5, xmm5
;;     0x28      c  pshufb xmm0, xmm5
;;     0x2a     11  mov rsp, rbp
;;     0x2a     14  pop rbp
;;     0x2a     15  ret
;;
;; func 1 $extract (v128) -> (i32)
;;
;; machine code, 17 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x2f      4  pextrw esi, xmm0, 3
;;     0x2f      9  movsx eax, si
;;     0x32      c  mov rsp, rbp
;;     0x32      f  pop rbp
;;     0x32     10  ret
;;
;; func 2 $replace (v128, f64) -> (v128)
;;
;; machine code, 12 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x39      4  movlhps xmm0, xmm1
;;     0x3c      7  mov rsp, rbp
;;     0x3c      a  pop rbp
;;     0x3c      b  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $splat (i32) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x28  movd %esi, %xmm0
;;     0x28  xorps %xmm1, %xmm1
;;     0x28  pshufb %xmm1, %xmm0
;;     0x2a  popq %rbp
;;     0x2a  retq
;;
;; func 1 $extract (v128) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x2f  pextrw $3, %xmm0, %eax
;;     0x2f  cwtl
;;     0x32  popq %rbp
;;     0x32  retq
;;
;; func 2 $replace (v128, f64) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x39  unpcklpd %xmm1, %xmm0
;;     0x3c  popq %rbp
;;     0x3c  retq
