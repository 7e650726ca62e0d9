;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; Each result is that of IEEE 754; NaNs that come in signalling go out quiet.
(module
  (func $f32 (param f32 f32) (result f32) (f32.div (f32.mul (local.get 0) (local.get 1)) (local.get 1)))
  (func $f64 (param f64 f64) (result f64) (f64.sqrt (f64.sub (local.get 0) (local.get 1)))))

;; dump-jit --only code --bounds guard
;; func 0 $f32 (f32, f32) -> (f32)
;;
;; machine code, 17 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x25      4  mulss xmm0, xmm1
;;     0x28      8  divss xmm0, xmm1
;;     0x29      c  mov rsp, rbp
;;     0x29      f  pop rbp
;;     0x29     10  ret
;;
;; func 1 $f64 (f64, f64) -> (f64)
;;
;; machine code, 25 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x30      4  subsd xmm0, xmm1
;;     0x30      8  movdqa xmm1, xmm0
;;     0x31      c  xorpd xmm0, xmm0
;;     0x31     10  sqrtsd xmm0, xmm1
;;     0x32     14  mov rsp, rbp
;;     0x32     17  pop rbp
;;     0x32     18  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $f32 (f32, f32) -> (f32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x25  mulss %xmm1, %xmm0
;;     0x28  divss %xmm1, %xmm0
;;     0x29  popq %rbp
;;     0x29  retq
;;
;; func 1 $f64 (f64, f64) -> (f64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x30  subsd %xmm1, %xmm0
;;     0x31  sqrtsd %xmm0, %xmm0
;;     0x32  popq %rbp
;;     0x32  retq
