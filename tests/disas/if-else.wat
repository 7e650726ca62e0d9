;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; Values of both arms meet in a register.
(module
  (func $choose (param i32 i64 i64) (result i64) (if (result i64) (local.get 0) (then (i64.mul (local.get 1) (i64.const 3))) (else (i64.sub (local.get 2) (local.get 1))))))

;; dump-jit --only code --bounds guard
;; func 0 $choose (i32, i64, i64) -> (i64)
;;
;; machine code, 32 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x1d      4  test esi, esi
;;     0x1d      6  jne 0x17
;;     0x29      c  sub rcx, rdx
;;     0x29      f  mov rax, rcx
;;     0x2a     12  jmp 0x1b
;;     0x23     17  imul rax, rdx, 3
;;     0x2b     1b  mov rsp, rbp
;;     0x2b     1e  pop rbp
;;     0x2b     1f  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $choose (i32, i64, i64) -> (i64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x1d  subq %rdx, %rcx
;;     0x1d  testl %esi, %esi
;;     0x1d  leaq (%rdx,%rdx,2), %rax
;;     0x1d  cmoveq %rcx, %rax
;;     0x2b  popq %rbp
;;     0x2b  retq
