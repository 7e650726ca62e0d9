;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; Loads that extend.
(module
  (memory 1)
  (func $s8 (param i32) (result i64) (i64.load8_s (local.get 0)))
  (func $u16 (param i32) (result i32) (i32.load16_u (local.get 0)))
  (func $s32 (param i32) (result i64) (i64.load32_s (local.get 0)))
  (func $f32 (param i32) (result f32) (f32.load (local.get 0))))

;; dump-jit --only code --bounds guard
;; func 0 $s8 (i32) -> (i64)
;;
;; machine code, 26 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r8, rsi
;;               7  mov rsi, [rdi+8]
;;               b  mov rdi, r8
;;     0x2d      e  mov edi, edi
;;     0x2d     10  movsx rax, byte ptr [rsi+rdi]             ; trap: out of bounds memory access
;;     0x30     15  mov rsp, rbp
;;     0x30     18  pop rbp
;;     0x30     19  ret
;;
;; func 1 $u16 (i32) -> (i32)
;;
;; machine code, 26 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r8, rsi
;;               7  mov rsi, [rdi+8]
;;               b  mov rdi, r8
;;     0x35      e  mov edi, edi
;;     0x35     10  movzx rax, word ptr [rsi+rdi]             ; trap: out of bounds memory access
;;     0x38     15  mov rsp, rbp
;;     0x38     18  pop rbp
;;     0x38     19  ret
;;
;; func 2 $s32 (i32) -> (i64)
;;
;; machine code, 25 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r8, rsi
;;               7  mov rsi, [rdi+8]
;;               b  mov rdi, r8
;;     0x3d      e  mov edi, edi
;;     0x3d     10  movsxd rax, [rsi+rdi]                     ; trap: out of bounds memory access
;;     0x40     14  mov rsp, rbp
;;     0x40     17  pop rbp
;;     0x40     18  ret
;;
;; func 3 $f32 (i32) -> (f32)
;;
;; machine code, 26 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r8, rsi
;;               7  mov rsi, [rdi+8]
;;               b  mov rdi, r8
;;     0x45      e  mov edi, edi
;;     0x45     10  movss xmm0, [rsi+rdi]                     ; trap: out of bounds memory access
;;     0x48     15  mov rsp, rbp
;;     0x48     18  pop rbp
;;     0x48     19  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $s8 (i32) -> (i64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movq 8(%rdi), %rax
;;     0x2d  movl %esi, %ecx
;;     0x2d  movb (%rax,%rcx), %al
;;     0x2d  movsbq %al, %rax
;;     0x2d  movq %rax, %rcx
;;     0x30  popq %rbp
;;     0x30  retq
;;
;; func 1 $u16 (i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movq 8(%rdi), %rax
;;     0x35  movl %esi, %ecx
;;     0x35  movw (%rax,%rcx), %ax
;;     0x35  movzwl %ax, %eax
;;     0x35  movl %eax, %ecx
;;     0x38  popq %rbp
;;     0x38  retq
;;
;; func 2 $s32 (i32) -> (i64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movq 8(%rdi), %rax
;;     0x3d  movl %esi, %ecx
;;     0x3d  movl (%rax,%rcx), %eax
;;     0x3d  cltq
;;     0x3d  movq %rax, %rcx
;;     0x40  popq %rbp
;;     0x40  retq
;;
;; func 3 $f32 (i32) -> (f32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movq 8(%rdi), %rax
;;     0x45  movl %esi, %ecx
;;     0x45  movss (%rax,%rcx), %xmm0
;;     0x48  popq %rbp
;;     0x48  retq
