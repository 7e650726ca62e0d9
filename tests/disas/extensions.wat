;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; Sign and zero extension.
(module
  (func $narrow (param i32) (result i32) (i32.add (i32.extend8_s (local.get 0)) (i32.extend16_s (local.get 0))))
  (func $wide (param i32) (result i64) (i64.add (i64.extend_i32_s (local.get 0)) (i64.extend_i32_u (local.get 0))))
  (func $wrap (param i64) (result i32) (i32.wrap_i64 (i64.extend32_s (local.get 0)))))

;; dump-jit --only code --bounds guard
;; func 0 $narrow (i32) -> (i32)
;;
;; machine code, 19 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x27      4  movsx edi, sil
;;     0x2a      8  movsx esi, si
;;     0x2b      b  lea eax, [rdi+rsi]
;;     0x2c      e  mov rsp, rbp
;;     0x2c     11  pop rbp
;;     0x2c     12  ret
;;
;; func 1 $wide (i32) -> (i64)
;;
;; machine code, 18 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x31      4  movsxd rdi, esi
;;     0x34      7  mov esi, esi
;;     0x35      9  lea rax, [rdi+rsi]
;;     0x36      d  mov rsp, rbp
;;     0x36     10  pop rbp
;;     0x36     11  ret
;;
;; func 2 $wrap (i64) -> (i32)
;;
;; machine code, 12 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov rax, rsi
;;     0x3d      7  mov rsp, rbp
;;     0x3d      a  pop rbp
;;     0x3d      b  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $narrow (i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movl %esi, %ecx
;;     0x27  movl %ecx, %eax
;;     0x27  shll $24, %eax
;;     0x27  sarl $24, %eax
;;     0x2a  shll $16, %ecx
;;     0x2a  sarl $16, %ecx
;;     0x2b  addl %ecx, %eax
;;     0x2c  popq %rbp
;;     0x2c  retq
;;
;; func 1 $wide (i32) -> (i64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x31  movslq %esi, %rax
;;     0x34  movl %esi, %ecx
;;     0x35  addq %rcx, %rax
;;     0x36  popq %rbp
;;     0x36  retq
;;
;; func 2 $wrap (i64) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x3b  movl %esi, %eax
;;     0x3d  popq %rbp
;;     0x3d  retq
