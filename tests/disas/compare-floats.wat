;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; Comparisons that a NaN makes false, and the one that it makes true.
(module
  (func $lt (param f64 f64) (result i32) (f64.lt (local.get 0) (local.get 1)))
  (func $eq (param f32 f32) (result i32) (f32.eq (local.get 0) (local.get 1)))
  (func $ne (param f64 f64) (result i32) (f64.ne (local.get 0) (local.get 1))))

;; dump-jit --only code --bounds guard
;; func 0 $lt (f64, f64) -> (i32)
;;
;; machine code, 21 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x26      4  ucomisd xmm1, xmm0
;;     0x26      8  seta sil
;;     0x26      c  movzx eax, sil
;;     0x27     10  mov rsp, rbp
;;     0x27     13  pop rbp
;;     0x27     14  ret
;;
;; func 1 $eq (f32, f32) -> (i32)
;;
;; machine code, 27 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x2e      4  ucomiss xmm0, xmm1
;;     0x2e      7  setnp dil
;;     0x2e      b  sete r8b
;;     0x2e      f  and edi, r8d
;;     0x2e     12  movzx eax, dil
;;     0x2f     16  mov rsp, rbp
;;     0x2f     19  pop rbp
;;     0x2f     1a  ret
;;
;; func 2 $ne (f64, f64) -> (i32)
;;
;; machine code, 28 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x36      4  ucomisd xmm0, xmm1
;;     0x36      8  setp dil
;;     0x36      c  setne r8b
;;     0x36     10  or edi, r8d
;;     0x36     13  movzx eax, dil
;;     0x37     17  mov rsp, rbp
;;     0x37     1a  pop rbp
;;     0x37     1b  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $lt (f64, f64) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x26  ucomisd %xmm0, %xmm1
;;     0x26  seta %al
;;     0x26  andb $1, %al
;;     0x26  movzbl %al, %eax
;;     0x27  popq %rbp
;;     0x27  retq
;;
;; func 1 $eq (f32, f32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x2e  ucomiss %xmm1, %xmm0
;;     0x2e  sete %al
;;     0x2e  setnp %cl
;;     0x2e  andb %cl, %al
;;     0x2e  andb $1, %al
;;     0x2e  movzbl %al, %eax
;;     0x2f  popq %rbp
;;     0x2f  retq
;;
;; func 2 $ne (f64, f64) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x36  ucomisd %xmm1, %xmm0
;;     0x36  setne %al
;;     0x36  setp %cl
;;     0x36  orb %cl, %al
;;     0x36  andb $1, %al
;;     0x36  movzbl %al, %eax
;;     0x37  popq %rbp
;;     0x37  retq
