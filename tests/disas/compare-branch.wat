;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; A comparison that a branch consumes, either way.
(module
  (func $taken (param i32 i32) (result i32) (block (br_if 0 (i32.lt_u (local.get 0) (local.get 1))) (return (i32.const 1))) (i32.const 2))
  (func $negated (param i32) (result i32) (if (result i32) (i32.eqz (local.get 0)) (then (i32.const 1)) (else (i32.const 2)))))

;; dump-jit --only code --bounds guard
;; func 0 $taken (i32, i32) -> (i32)
;;
;; machine code, 32 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x27      4  cmp esi, edx
;;     0x27      6  jb 0x16
;;     0x2b      c  mov eax, 1
;;     0x2b     11  mov rsp, rbp
;;     0x2b     14  pop rbp
;;     0x2b     15  ret
;;     0x2f     16  mov eax, 2
;;     0x2f     1b  mov rsp, rbp
;;     0x2f     1e  pop rbp
;;     0x2f     1f  ret
;;
;; func 1 $negated (i32) -> (i32)
;;
;; machine code, 32 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x35      4  test esi, esi
;;     0x35      6  je 0x16
;;     0x3c      c  mov eax, 2
;;     0x3c     11  jmp 0x1b
;;     0x39     16  mov eax, 1
;;     0x3d     1b  mov rsp, rbp
;;     0x3d     1e  pop rbp
;;     0x3d     1f  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $taken (i32, i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           xorl %eax, %eax
;;     0x26  cmpl %edx, %esi
;;     0x27  adcl $1, %eax
;;           popq %rbp
;;           retq
;;
;; func 1 $negated (i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x35  cmpl $1, %esi
;;     0x35  movl $2, %eax
;;     0x35  sbbl $0, %eax
;;     0x3d  popq %rbp
;;     0x3d  retq
