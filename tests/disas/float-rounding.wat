;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; Rounding in one instruction each.
(module
  (func $ceil (param f64) (result f64) (f64.ceil (local.get 0)))
  (func $nearest (param f32) (result f32) (f32.nearest (local.get 0))))

;; dump-jit --only code --bounds guard
;; func 0 $ceil (f64) -> (f64)
;;
;; machine code, 15 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x21      4  roundsd xmm0, xmm0, 2
;;     0x22      a  mov rsp, rbp
;;     0x22      d  pop rbp
;;     0x22      e  ret
;;
;; func 1 $nearest (f32) -> (f32)
;;
;; machine code, 15 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x27      4  roundss xmm0, xmm0, 0
;;     0x28      a  mov rsp, rbp
;;     0x28      d  pop rbp
;;     0x28      e  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $ceil (f64) -> (f64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x21  roundsd $10, %xmm0, %xmm0
;;     0x22  popq %rbp
;;     0x22  retq
;;
;; func 1 $nearest (f32) -> (f32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x27  roundss $8, %xmm0, %xmm0
;;     0x28  popq %rbp
;;     0x28  retq
