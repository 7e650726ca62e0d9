;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; Stores of each width; a constant.
(module
  (memory 1)
  (func $i32 (param i32 i32) (i32.store (local.get 0) (local.get 1)))
  (func $narrow (param i32 i64) (i64.store16 offset=2 (local.get 0) (local.get 1)))
  (func $constant (param i32) (i64.store (local.get 0) (i64.const -1)))
  (func $f64 (param i32 f64) (f64.store (local.get 0) (local.get 1))))

;; dump-jit --only code --bounds guard
;; func 0 $i32 (i32, i32) -> ()
;;
;; machine code, 24 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r8, rsi
;;               7  mov rsi, [rdi+8]
;;               b  mov rdi, r8
;;     0x33      e  mov edi, edi
;;     0x33     10  mov [rsi+rdi], edx                        ; trap: out of bounds memory access
;;     0x36     13  mov rsp, rbp
;;     0x36     16  pop rbp
;;     0x36     17  ret
;;
;; func 1 $narrow (i32, i64) -> ()
;;
;; machine code, 26 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r8, rsi
;;               7  mov rsi, [rdi+8]
;;               b  mov rdi, r8
;;     0x3d      e  mov edi, edi
;;     0x3d     10  mov [rsi+rdi+2], dx                       ; trap: out of bounds memory access
;;     0x40     15  mov rsp, rbp
;;     0x40     18  pop rbp
;;     0x40     19  ret
;;
;; func 2 $constant (i32) -> ()
;;
;; machine code, 29 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r8, rsi
;;               7  mov rsi, [rdi+8]
;;               b  mov rdi, r8
;;     0x47      e  mov edi, edi
;;     0x47     10  mov qword ptr [rsi+rdi], 0xffffffffffffffff  ; trap: out of bounds memory access
;;     0x4a     18  mov rsp, rbp
;;     0x4a     1b  pop rbp
;;     0x4a     1c  ret
;;
;; func 3 $f64 (i32, f64) -> ()
;;
;; machine code, 26 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r8, rsi
;;               7  mov rsi, [rdi+8]
;;               b  mov rdi, r8
;;     0x51      e  mov edi, edi
;;     0x51     10  movsd [rsi+rdi], xmm0                     ; trap: out of bounds memory access
;;     0x54     15  mov rsp, rbp
;;     0x54     18  pop rbp
;;     0x54     19  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $i32 (i32, i32) -> ()
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movq 8(%rdi), %rax
;;     0x33  movl %esi, %ecx
;;     0x33  movl %edx, (%rax,%rcx)
;;     0x36  popq %rbp
;;     0x36  retq
;;
;; func 1 $narrow (i32, i64) -> ()
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movq 8(%rdi), %rax
;;     0x3d  movl %esi, %ecx
;;     0x3d  movw %dx, 2(%rax,%rcx)
;;     0x40  popq %rbp
;;     0x40  retq
;;
;; func 2 $constant (i32) -> ()
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movq 8(%rdi), %rax
;;     0x47  movl %esi, %ecx
;;     0x47  movq $-1, (%rax,%rcx)
;;     0x4a  popq %rbp
;;     0x4a  retq
;;
;; func 3 $f64 (i32, f64) -> ()
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movq 8(%rdi), %rax
;;     0x51  movl %esi, %ecx
;;     0x51  movsd %xmm0, (%rax,%rcx)
;;     0x54  popq %rbp
;;     0x54  retq
