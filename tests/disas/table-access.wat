;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; Elements are read and written in place.
(module
  (table 10 externref)
  (func $get (param i32) (result externref) (table.get 0 (local.get 0)))
  (func $set (param i32 externref) (table.set 0 (local.get 0) (local.get 1))))

;; dump-jit --only code --bounds guard
;; func 0 $get (i32) -> (externref)
;;
;; machine code, 50 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x27      4  mov r11, [rdi+0x30]
;;     0x27      8  mov rax, [r11]
;;     0x27      b  mov r11, [rax+8]
;;     0x27      f  mov edi, esi
;;     0x27     11  cmp rdi, r11
;;     0x27     14  jae 0x30
;;     0x27     1a  mov rax, [rax]
;;     0x27     1d  xor rcx, rcx
;;     0x27     20  cmp rdi, r11
;;     0x27     23  cmovae rdi, rcx
;;     0x27     27  mov rax, [rax+rdi*8]
;;     0x29     2b  mov rsp, rbp
;;     0x29     2e  pop rbp
;;     0x29     2f  ret
;;     0x27     30  ud2                                       ; trap: out of bounds table access
;;
;; func 1 $set (i32, externref) -> ()
;;
;; machine code, 50 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x30      4  mov r11, [rdi+0x30]
;;     0x30      8  mov rax, [r11]
;;     0x30      b  mov r11, [rax+8]
;;     0x30      f  mov edi, esi
;;     0x30     11  cmp rdi, r11
;;     0x30     14  jae 0x30
;;     0x30     1a  mov rax, [rax]
;;     0x30     1d  xor rcx, rcx
;;     0x30     20  cmp rdi, r11
;;     0x30     23  cmovae rdi, rcx
;;     0x30     27  mov [rax+rdi*8], rdx
;;     0x32     2b  mov rsp, rbp
;;     0x32     2e  pop rbp
;;     0x32     2f  ret
;;     0x30     30  ud2                                       ; trap: out of bounds table access

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $get (i32) -> (externref)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x27  movl %esi, %eax
;;     0x27  movq 48(%rdi), %rcx
;;     0x27  movq (%rcx), %rcx
;;     0x27  movq 8(%rcx), %rdx
;;     0x27  cmpq %rax, %rdx
;;     0x27  jbe .LBB0_1
;;     0x27  cmpq %rdx, %rax
;;     0x27  sbbq %rdx, %rdx
;;     0x27  andl %edx, %eax
;;     0x27  movq (%rcx), %rcx
;;     0x27  movq (%rcx,%rax,8), %rax
;;     0x29  popq %rbp
;;     0x29  retq
;;           .LBB0_1:
;;     0x27  ud1l 3(%eax), %eax
;;
;; func 1 $set (i32, externref) -> ()
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x30  movl %esi, %eax
;;     0x30  movq 48(%rdi), %rcx
;;     0x30  movq (%rcx), %rcx
;;     0x30  movq 8(%rcx), %rsi
;;     0x30  cmpq %rax, %rsi
;;     0x30  jbe .LBB0_1
;;     0x30  cmpq %rsi, %rax
;;     0x30  sbbq %rsi, %rsi
;;     0x30  andl %esi, %eax
;;     0x30  movq (%rcx), %rcx
;;     0x30  movq %rdx, (%rcx,%rax,8)
;;     0x32  popq %rbp
;;     0x32  retq
;;           .LBB0_1:
;;     0x30  ud1l 3(%eax), %eax
