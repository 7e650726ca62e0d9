;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; By the address of each, immutable ones too.
(module
  (global $outer (import "env" "g") (mut i32))
  (global $mutable (mut i64) (i64.const 1))
  (global $constant i64 (i64.const 5))
  (func $get (result i64) (i64.add (global.get $mutable) (global.get $constant)))
  (func $set (param i64) (global.set $mutable (local.get 0)))
  (func $imported (result i32) (global.get $outer)))

;; dump-jit --only code --bounds guard
;; func 0 $get () -> (i64)
;;
;; machine code, 27 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x3b      4  mov rsi, [rdi+0x20]
;;     0x3b      8  mov rdi, [rsi+8]
;;     0x3b      c  mov rax, [rdi]
;;     0x3d      f  mov rsi, [rsi+0x10]
;;     0x3f     13  add rax, [rsi]
;;     0x40     16  mov rsp, rbp
;;     0x40     19  pop rbp
;;     0x40     1a  ret
;;
;; func 1 $set (i64) -> ()
;;
;; machine code, 20 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x45      4  mov rdi, [rdi+0x20]
;;     0x45      8  mov rdi, [rdi+8]
;;     0x45      c  mov [rdi], rsi
;;     0x47      f  mov rsp, rbp
;;     0x47     12  pop rbp
;;     0x47     13  ret
;;
;; func 2 $imported () -> (i32)
;;
;; machine code, 18 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x4a      4  mov rsi, [rdi+0x20]
;;     0x4a      8  mov rsi, [rsi]
;;     0x4a      b  mov eax, [rsi]
;;     0x4c      d  mov rsp, rbp
;;     0x4c     10  pop rbp
;;     0x4c     11  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $get () -> (i64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x3b  movq 32(%rdi), %rcx
;;     0x3b  movq 8(%rcx), %rax
;;     0x3b  movq (%rax), %rax
;;     0x3d  movq 16(%rcx), %rcx
;;     0x3f  addq (%rcx), %rax
;;     0x40  popq %rbp
;;     0x40  retq
;;
;; func 1 $set (i64) -> ()
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x45  movq 32(%rdi), %rax
;;     0x45  movq 8(%rax), %rax
;;     0x45  movq %rsi, (%rax)
;;     0x47  popq %rbp
;;     0x47  retq
;;
;; func 2 $imported () -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x4a  movq 32(%rdi), %rax
;;     0x4a  movq (%rax), %rax
;;     0x4a  movl (%rax), %eax
;;     0x4c  popq %rbp
;;     0x4c  retq
