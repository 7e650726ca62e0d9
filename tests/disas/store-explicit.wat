;; dump-jit --only code --bounds explicit
;; dump-jit --tier llvm --only code --bounds explicit
;; Stores are checked as loads are.
(module
  (memory 1)
  (func $i32 (param i32 i32) (i32.store offset=16 (local.get 0) (local.get 1))))

;; dump-jit --only code --bounds explicit
;; func 0 $i32 (i32, i32) -> ()
;;
;; machine code, 49 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x22      4  mov r11, [rdi]
;;     0x22      7  mov rax, [r11+8]
;;     0x22      b  mov esi, esi
;;     0x22      d  lea rcx, [rsi+0x14]
;;     0x22     11  cmp rcx, rax
;;     0x22     14  ja 0x2f
;;     0x22     1a  xor rdi, rdi
;;     0x22     1d  add rsi, [r11]
;;     0x22     20  cmp rcx, rax
;;     0x22     23  cmova rsi, rdi
;;     0x22     27  mov [rsi+0x10], edx                       ; trap: out of bounds memory access
;;     0x25     2a  mov rsp, rbp
;;     0x25     2d  pop rbp
;;     0x25     2e  ret
;;     0x22     2f  ud2                                       ; trap: out of bounds memory access

;; dump-jit --tier llvm --only code --bounds explicit
;; func 0 $i32 (i32, i32) -> ()
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x22  movl %esi, %eax
;;     0x22  movq (%rdi), %rcx
;;     0x22  movq 8(%rcx), %rsi
;;     0x22  leaq 20(%rax), %rdi
;;     0x22  cmpq %rsi, %rdi
;;     0x22  ja .LBB0_1
;;     0x22  cmpq %rdi, %rsi
;;     0x22  sbbq %rsi, %rsi
;;     0x22  notq %rsi
;;     0x22  movq (%rcx), %rcx
;;     0x22  addq %rcx, %rax
;;     0x22  addq $16, %rax
;;     0x22  andq %rsi, %rax
;;     0x22  movl %edx, (%rax)
;;     0x25  popq %rbp
;;     0x25  retq
;;           .LBB0_1:
;;     0x22  ud1l 2(%eax), %eax
