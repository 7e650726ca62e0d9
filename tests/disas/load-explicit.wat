;; dump-jit --only code --bounds explicit
;; dump-jit --tier llvm --only code --bounds explicit
;; Checks of every access, with guards on what a processor speculates.
(module
  (memory 1)
  (func $plain (param i32) (result i32) (i32.load (local.get 0)))
  (func $offset (param i32) (result i64) (i64.load offset=4096 (local.get 0))))

;; dump-jit --only code --bounds explicit
;; func 0 $plain (i32) -> (i32)
;;
;; machine code, 48 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x26      4  mov r11, [rdi]
;;     0x26      7  mov rax, [r11+8]
;;     0x26      b  mov esi, esi
;;     0x26      d  lea rcx, [rsi+4]
;;     0x26     11  cmp rcx, rax
;;     0x26     14  ja 0x2e
;;     0x26     1a  xor rdx, rdx
;;     0x26     1d  add rsi, [r11]
;;     0x26     20  cmp rcx, rax
;;     0x26     23  cmova rsi, rdx
;;     0x26     27  mov eax, [rsi]                            ; trap: out of bounds memory access
;;     0x29     29  mov rsp, rbp
;;     0x29     2c  pop rbp
;;     0x29     2d  ret
;;     0x26     2e  ud2                                       ; trap: out of bounds memory access
;;
;; func 1 $offset (i32) -> (i64)
;;
;; machine code, 59 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x2e      4  mov rax, [rdi]
;;     0x2e      7  mov rcx, [rax+8]
;;     0x2e      b  mov esi, esi
;;     0x2e      d  lea rdx, [rsi+0x1008]
;;     0x2e     14  cmp rdx, rcx
;;     0x2e     17  ja 0x39
;;     0x2e     1d  xor rdi, rdi
;;     0x2e     20  add rsi, 0x1000
;;     0x2e     27  add rsi, [rax]
;;     0x2e     2a  cmp rdx, rcx
;;     0x2e     2d  cmova rsi, rdi
;;     0x2e     31  mov rax, [rsi]                            ; trap: out of bounds memory access
;;     0x32     34  mov rsp, rbp
;;     0x32     37  pop rbp
;;     0x32     38  ret
;;     0x2e     39  ud2                                       ; trap: out of bounds memory access

;; dump-jit --tier llvm --only code --bounds explicit
;; func 0 $plain (i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x26  movl %esi, %eax
;;     0x26  movq (%rdi), %rcx
;;     0x26  movq 8(%rcx), %rdx
;;     0x26  leaq 4(%rax), %rsi
;;     0x26  cmpq %rdx, %rsi
;;     0x26  ja .LBB0_1
;;     0x26  addq (%rcx), %rax
;;     0x26  cmpq %rsi, %rdx
;;     0x26  sbbq %rcx, %rcx
;;     0x26  notq %rcx
;;     0x26  andq %rcx, %rax
;;     0x26  movl (%rax), %eax
;;     0x29  popq %rbp
;;     0x29  retq
;;           .LBB0_1:
;;     0x26  ud1l 2(%eax), %eax
;;
;; func 1 $offset (i32) -> (i64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x2e  movl %esi, %eax
;;     0x2e  movq (%rdi), %rcx
;;     0x2e  movq 8(%rcx), %rdx
;;     0x2e  leaq 4104(%rax), %rsi
;;     0x2e  cmpq %rdx, %rsi
;;     0x2e  ja .LBB0_1
;;     0x2e  cmpq %rsi, %rdx
;;     0x2e  sbbq %rdx, %rdx
;;     0x2e  notq %rdx
;;     0x2e  movq (%rcx), %rcx
;;     0x2e  addq %rcx, %rax
;;     0x2e  addq $4096, %rax
;;     0x2e  andq %rdx, %rax
;;     0x2e  movq (%rax), %rax
;;     0x32  popq %rbp
;;     0x32  retq
;;           .LBB0_1:
;;     0x2e  ud1l 2(%eax), %eax
