;; dump-jit --only code --bounds explicit
;; dump-jit --tier llvm --only code --bounds explicit
;; Stores are checked as loads are.
(module
  (memory 1)
  (func $i32 (param i32 i32) (i32.store offset=16 (local.get 0) (local.get 1))))

;; dump-jit --only code --bounds explicit
;; func 0 $i32 (i32, i32) -> ()
;;
;; machine code, 55 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x22      4  mov rax, [rdi]
;;     0x22      7  mov rcx, [rax+8]
;;     0x22      b  mov edi, esi
;;     0x22      d  lea rsi, [rdi+0x14]
;;     0x22     11  cmp rsi, rcx
;;     0x22     14  ja 0x35
;;     0x22     1a  xor r8, r8
;;     0x22     1d  add rdi, 0x10
;;     0x22     24  add rdi, [rax]
;;     0x22     27  cmp rsi, rcx
;;     0x22     2a  cmova rdi, r8
;;     0x22     2e  mov [rdi], edx                            ; trap: out of bounds memory access
;;     0x25     30  mov rsp, rbp
;;     0x25     33  pop rbp
;;     0x25     34  ret
;;     0x22     35  ud2                                       ; trap: out of bounds memory access

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
