;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; dump-jit --only tier-ir --bounds guard
;; A memory of 32-bit addresses with guard pages: no check.
(module
  (memory 1)
  (func $plain (param i32) (result i32) (i32.load (local.get 0)))
  (func $offset (param i32) (result i64) (i64.load offset=4096 (local.get 0)))
  (func $constant (result i32) (i32.load8_s (i32.const 16))))

;; dump-jit --only code --bounds guard
;; func 0 $plain (i32) -> (i32)
;;
;; machine code, 24 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r8, rsi
;;               7  mov rsi, [rdi+8]
;;               b  mov rdi, r8
;;     0x2b      e  mov edi, edi
;;     0x2b     10  mov eax, [rsi+rdi]                        ; trap: out of bounds memory access
;;     0x2e     13  mov rsp, rbp
;;     0x2e     16  pop rbp
;;     0x2e     17  ret
;;
;; func 1 $offset (i32) -> (i64)
;;
;; machine code, 29 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r8, rsi
;;               7  mov rsi, [rdi+8]
;;               b  mov rdi, r8
;;     0x33      e  mov edi, edi
;;     0x33     10  mov rax, [rsi+rdi+0x1000]                 ; trap: out of bounds memory access
;;     0x37     18  mov rsp, rbp
;;     0x37     1b  pop rbp
;;     0x37     1c  ret
;;
;; func 2 $constant () -> (i32)
;;
;; machine code, 18 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov rsi, [rdi+8]
;;     0x3c      8  movsx rax, byte ptr [rsi+0x10]            ; trap: out of bounds memory access
;;     0x3f      d  mov rsp, rbp
;;     0x3f     10  pop rbp
;;     0x3f     11  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $plain (i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movq 8(%rdi), %rax
;;     0x2b  movl %esi, %ecx
;;     0x2b  movl (%rax,%rcx), %eax
;;     0x2b  movl %eax, %eax
;;     0x2b  movl %eax, %ecx
;;     0x2b  movl %ecx, %eax
;;     0x2e  popq %rbp
;;     0x2e  retq
;;
;; func 1 $offset (i32) -> (i64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movq 8(%rdi), %rax
;;     0x33  movl %esi, %ecx
;;     0x33  movq 4096(%rax,%rcx), %rax
;;     0x33  movq %rax, %rcx
;;     0x37  popq %rbp
;;     0x37  retq
;;
;; func 2 $constant () -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movq 8(%rdi), %rax
;;     0x3c  movb 16(%rax), %al
;;     0x3c  movsbq %al, %rax
;;     0x3c  movl %eax, %ecx
;;     0x3f  popq %rbp
;;     0x3f  retq

;; dump-jit --only tier-ir --bounds guard
;; func 0 $plain (i32) -> (i32)
;;
;; CLIF
;;           function u0:0(i64 vmctx, i32) -> i32 tail {
;;               region0 = 0 "memory"
;;               gv0 = vmctx
;;               gv1 = load.i64 notrap aligned readonly gv0+80
;;               gv2 = load.i64 notrap aligned readonly gv1+48
;;               stack_limit = gv2
;;           block0(v0: i64, v1: i32):
;;               v3 = load.i64 notrap aligned readonly can_move v0+8
;;     0x2b      v2 = uextend.i64 v1
;;     0x2b      v4 = iadd v3, v2
;;     0x2b      v5 = load.i32 user32 region0 v4
;;     0x2e      return v5
;;           }
;;
;; func 1 $offset (i32) -> (i64)
;;
;; CLIF
;;           function u0:1(i64 vmctx, i32) -> i64 tail {
;;               region0 = 0 "memory"
;;               gv0 = vmctx
;;               gv1 = load.i64 notrap aligned readonly gv0+80
;;               gv2 = load.i64 notrap aligned readonly gv1+48
;;               stack_limit = gv2
;;           block0(v0: i64, v1: i32):
;;               v3 = load.i64 notrap aligned readonly can_move v0+8
;;     0x33      v2 = uextend.i64 v1
;;     0x33      v4 = iadd v3, v2
;;     0x33      v5 = load.i64 user32 region0 v4+4096
;;     0x37      return v5
;;           }
;;
;; func 2 $constant () -> (i32)
;;
;; CLIF
;;           function u0:2(i64 vmctx) -> i32 tail {
;;               region0 = 0 "memory"
;;               gv0 = vmctx
;;               gv1 = load.i64 notrap aligned readonly gv0+80
;;               gv2 = load.i64 notrap aligned readonly gv1+48
;;               stack_limit = gv2
;;           block0(v0: i64):
;;               v2 = load.i64 notrap aligned readonly can_move v0+8
;;     0x3c      v1 = iconst.i64 16
;;     0x3c      v3 = iadd v2, v1  ; v1 = 16
;;     0x3c      v4 = sload8.i32 user32 region0 v3
;;     0x3f      return v4
;;           }
