;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; What follows a branch is not compiled.
(module
  (func $after (param i32) (result i32) (return (local.get 0)) (i32.add (i32.const 1) (i32.const 2))))

;; dump-jit --only code --bounds guard
;; func 0 $after (i32) -> (i32)
;;
;; machine code, 12 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov rax, rsi
;;     0x1b      7  mov rsp, rbp
;;     0x1b      a  pop rbp
;;     0x1b      b  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $after (i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movl %esi, %eax
;;     0x1b  popq %rbp
;;     0x1b  retq
