;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; 64-bit addresses are checked, whatever the bounds.
(module
  (memory i64 1)
  (func $load (param i64) (result i32) (i32.load offset=8 (local.get 0)))
  (func $store (param i64 i64) (i64.store (local.get 0) (local.get 1))))

;; dump-jit --only code --bounds guard
;; func 0 $load (i64) -> (i32)
;;
;; machine code, 77 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x26      4  mov rax, [rdi]
;;     0x26      7  mov rdi, [rax+8]
;;     0x26      b  mov rdx, rsi
;;     0x26      e  add rdx, 0xc
;;     0x26     12  jb 0x49
;;     0x26     18  cmp rdx, rdi
;;     0x26     1b  seta cl
;;     0x26     1e  cmp rdx, rdi
;;     0x26     21  ja 0x4b
;;     0x26     27  cmp rdx, rsi
;;     0x26     2a  setb dl
;;     0x26     2d  or ecx, edx
;;     0x26     2f  xor rdx, rdx
;;     0x26     32  add rsi, 8
;;     0x26     39  add rsi, [rax]
;;     0x26     3c  test cl, cl
;;     0x26     3e  cmovne rsi, rdx
;;     0x26     42  mov eax, [rsi]                            ; trap: out of bounds memory access
;;     0x29     44  mov rsp, rbp
;;     0x29     47  pop rbp
;;     0x29     48  ret
;;     0x26     49  ud2                                       ; trap: out of bounds memory access
;;     0x26     4b  ud2                                       ; trap: out of bounds memory access
;;
;; func 1 $store (i64, i64) -> ()
;;
;; machine code, 72 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x30      4  mov rax, [rdi]
;;     0x30      7  mov r8, [rax+8]
;;     0x30      b  mov rdi, rsi
;;     0x30      e  add rdi, 8
;;     0x30     12  jb 0x44
;;     0x30     18  cmp rdi, r8
;;     0x30     1b  seta cl
;;     0x30     1e  cmp rdi, r8
;;     0x30     21  ja 0x46
;;     0x30     27  cmp rdi, rsi
;;     0x30     2a  setb dil
;;     0x30     2e  or ecx, edi
;;     0x30     30  xor rdi, rdi
;;     0x30     33  add rsi, [rax]
;;     0x30     36  test cl, cl
;;     0x30     38  cmovne rsi, rdi
;;     0x30     3c  mov [rsi], rdx                            ; trap: out of bounds memory access
;;     0x33     3f  mov rsp, rbp
;;     0x33     42  pop rbp
;;     0x33     43  ret
;;     0x30     44  ud2                                       ; trap: out of bounds memory access
;;     0x30     46  ud2                                       ; trap: out of bounds memory access

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $load (i64) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x26  movq (%rdi), %rax
;;     0x26  movq 8(%rax), %rdx
;;     0x26  leaq 12(%rsi), %rcx
;;     0x26  cmpq %rdx, %rcx
;;     0x26  ja .LBB0_2
;;     0x26  cmpq $-12, %rsi
;;     0x26  jae .LBB0_2
;;     0x26  cmpq %rcx, %rdx
;;     0x26  sbbq %rdx, %rdx
;;     0x26  notq %rdx
;;     0x26  cmpq %rsi, %rcx
;;     0x26  sbbq %rcx, %rcx
;;     0x26  notq %rcx
;;     0x26  andq %rdx, %rcx
;;     0x26  movq (%rax), %rax
;;     0x26  addq %rsi, %rax
;;     0x26  addq $8, %rax
;;     0x26  andq %rcx, %rax
;;     0x26  movl (%rax), %eax
;;     0x29  popq %rbp
;;     0x29  retq
;;           .LBB0_2:
;;     0x26  ud1l 2(%eax), %eax
;;
;; func 1 $store (i64, i64) -> ()
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x30  movq (%rdi), %rax
;;     0x30  movq 8(%rax), %rdi
;;     0x30  leaq 8(%rsi), %rcx
;;     0x30  cmpq %rdi, %rcx
;;     0x30  ja .LBB0_2
;;     0x30  cmpq $-8, %rsi
;;     0x30  jae .LBB0_2
;;     0x30  cmpq %rcx, %rdi
;;     0x30  sbbq %rdi, %rdi
;;     0x30  notq %rdi
;;     0x30  cmpq %rsi, %rcx
;;     0x30  sbbq %rcx, %rcx
;;     0x30  notq %rcx
;;     0x30  andq %rdi, %rcx
;;     0x30  addq (%rax), %rsi
;;     0x30  andq %rcx, %rsi
;;     0x30  movq %rdx, (%rsi)
;;     0x33  popq %rbp
;;     0x33  retq
;;           .LBB0_2:
;;     0x30  ud1l 2(%eax), %eax
