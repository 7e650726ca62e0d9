;; dump-jit --only code --bounds explicit
;; dump-jit --tier llvm --only code --bounds explicit
;; A vector is checked as 16 bytes.
(module
  (memory 1)
  (func $load (param i32) (result v128) (v128.load (local.get 0))))

;; dump-jit --only code --bounds explicit
;; func 0 $load (i32) -> (v128)
;;
;; machine code, 50 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x20      4  mov r11, [rdi]
;;     0x20      7  mov rax, [r11+8]
;;     0x20      b  mov esi, esi
;;     0x20      d  lea rcx, [rsi+0x10]
;;     0x20     11  cmp rcx, rax
;;     0x20     14  ja 0x30
;;     0x20     1a  xor rdx, rdx
;;     0x20     1d  add rsi, [r11]
;;     0x20     20  cmp rcx, rax
;;     0x20     23  cmova rsi, rdx
;;     0x20     27  movdqu xmm0, [rsi]                        ; trap: out of bounds memory access
;;     0x24     2b  mov rsp, rbp
;;     0x24     2e  pop rbp
;;     0x24     2f  ret
;;     0x20     30  ud2                                       ; trap: out of bounds memory access

;; dump-jit --tier llvm --only code --bounds explicit
;; func 0 $load (i32) -> (v128)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x20  movl %esi, %eax
;;     0x20  movq (%rdi), %rcx
;;     0x20  movq 8(%rcx), %rdx
;;     0x20  leaq 16(%rax), %rsi
;;     0x20  cmpq %rdx, %rsi
;;     0x20  ja .LBB0_1
;;     0x20  addq (%rcx), %rax
;;     0x20  cmpq %rsi, %rdx
;;     0x20  sbbq %rcx, %rcx
;;     0x20  notq %rcx
;;     0x20  andq %rcx, %rax
;;     0x20  movups (%rax), %xmm0
;;     0x24  popq %rbp
;;     0x24  retq
;;           .LBB0_1:
;;     0x20  ud1l 2(%eax), %eax
