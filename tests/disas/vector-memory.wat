;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; Loads and stores: none claims that the address is aligned.
(module
  (memory 1)
  (func $copy (param i32 i32) (v128.store (local.get 0) (v128.load offset=16 (local.get 1))))
  (func $splat (param i32) (result v128) (v128.load32_splat (local.get 0)))
  (func $extend (param i32) (result v128) (v128.load8x8_s (local.get 0)))
  (func $lane (param i32 v128) (result v128) (v128.load16_lane 2 (local.get 0) (local.get 1)))
  (func $store_lane (param i32 v128) (v128.store64_lane 1 (local.get 0) (local.get 1))))

;; dump-jit --only code --bounds guard
;; func 0 $copy (i32, i32) -> ()
;;
;; machine code, 32 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov rdi, [rdi+8]
;;     0x36      8  mov r8d, edx
;;     0x36      b  movdqu xmm7, [rdi+r8+0x10]                ; trap: out of bounds memory access
;;     0x3a     12  mov r8d, esi
;;     0x3a     15  movdqu [rdi+r8], xmm7                     ; trap: out of bounds memory access
;;     0x3e     1b  mov rsp, rbp
;;     0x3e     1e  pop rbp
;;     0x3e     1f  ret
;;
;; func 1 $splat (i32) -> (v128)
;;
;; machine code, 28 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r8, rsi
;;               7  mov rsi, [rdi+8]
;;     0x43      b  mov edi, r8d
;;     0x43      e  movss xmm0, [rsi+rdi]                     ; trap: out of bounds memory access
;;     0x43     13  shufps xmm0, xmm0, 0
;;     0x47     17  mov rsp, rbp
;;     0x47     1a  pop rbp
;;     0x47     1b  ret
;;
;; func 2 $extend (i32) -> (v128)
;;
;; machine code, 27 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r8, rsi
;;               7  mov rsi, [rdi+8]
;;               b  mov rdi, r8
;;     0x4c      e  mov edi, edi
;;     0x4c     10  pmovsxbw xmm0, [rsi+rdi]                  ; trap: out of bounds memory access
;;     0x50     16  mov rsp, rbp
;;     0x50     19  pop rbp
;;     0x50     1a  ret
;;
;; func 3 $lane (i32, v128) -> (v128)
;;
;; machine code, 22 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r8, [rdi+8]
;;     0x57      8  mov edi, esi
;;     0x57      a  pinsrw xmm0, [r8+rdi], 2                  ; trap: out of bounds memory access
;;     0x5c     11  mov rsp, rbp
;;     0x5c     14  pop rbp
;;     0x5c     15  ret
;;
;; func 4 $store_lane (i32, v128) -> ()
;;
;; machine code, 29 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r8, rsi
;;               7  mov rsi, [rdi+8]
;;               b  mov rdi, r8
;;     0x63      e  mov edi, edi
;;     0x63     10  pextrq [rsi+rdi], xmm0, 1                 ; trap: out of bounds memory access
;;     0x68     18  mov rsp, rbp
;;     0x68     1b  pop rbp
;;     0x68     1c  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $copy (i32, i32) -> ()
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movq 8(%rdi), %rax
;;     0x36  movl %edx, %ecx
;;     0x36  movdqu 16(%rax,%rcx), %xmm0
;;     0x3a  movl %esi, %ecx
;;     0x3a  movdqu %xmm0, (%rax,%rcx)
;;     0x3e  popq %rbp
;;     0x3e  retq
;;
;; func 1 $splat (i32) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movq 8(%rdi), %rax
;;     0x43  movl %esi, %ecx
;;     0x43  movss (%rax,%rcx), %xmm0
;;     0x43  shufps $0, %xmm0, %xmm0
;;     0x47  popq %rbp
;;     0x47  retq
;;
;; func 2 $extend (i32) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movq 8(%rdi), %rax
;;     0x4c  movl %esi, %ecx
;;     0x4c  movsd (%rax,%rcx), %xmm0
;;     0x4c  pmovsxbw %xmm0, %xmm0
;;     0x50  popq %rbp
;;     0x50  retq
;;
;; func 3 $lane (i32, v128) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movq 8(%rdi), %rax
;;     0x57  movl %esi, %ecx
;;     0x57  movzwl (%rax,%rcx), %eax
;;     0x57  movl %eax, %ecx
;;     0x57  pinsrw $2, %eax, %xmm0
;;     0x5c  popq %rbp
;;     0x5c  retq
;;
;; func 4 $store_lane (i32, v128) -> ()
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movq 8(%rdi), %rax
;;     0x63  pshufd $238, %xmm0, %xmm0
;;     0x63  movl %esi, %ecx
;;     0x63  movsd %xmm0, (%rax,%rcx)
;;     0x68  popq %rbp
;;     0x68  retq
