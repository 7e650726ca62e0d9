;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; A block with several results, which branches carry.
(module
  (func $three (param i32) (result i32 i32 i32) (block (result i32 i32 i32) (i32.const 1) (i32.const 2) (i32.const 3) (br_if 0 (local.get 0)) (drop) (drop) (drop) (i32.const 4) (i32.const 5) (i32.const 6))))

;; dump-jit --only code --bounds guard
;; func 0 $three (i32) -> (i32, i32, i32)
;;
;; machine code, 52 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x2b      4  test esi, esi
;;     0x2b      6  jne 0x20
;;     0x36      c  mov eax, 4
;;     0x36     11  mov ecx, 5
;;     0x36     16  mov edx, 6
;;     0x36     1b  jmp 0x2f
;;     0x2b     20  mov eax, 1
;;     0x2b     25  mov ecx, 2
;;     0x2b     2a  mov edx, 3
;;     0x37     2f  mov rsp, rbp
;;     0x37     32  pop rbp
;;     0x37     33  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $three (i32) -> (i32, i32, i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x2b  xorl %eax, %eax
;;     0x2b  cmpl $0, (%rsi)
;;     0x2b  sete %al
;;     0x2b  leaq (%rax,%rax,2), %rdx
;;     0x2b  incq %rdx
;;     0x2b  leaq 2(%rax,%rax,2), %rcx
;;     0x2b  leaq 3(%rax,%rax,2), %rax
;;     0x37  movq %rdx, (%rsi)
;;     0x37  movq %rcx, 8(%rsi)
;;     0x37  movq %rax, 16(%rsi)
;;     0x37  popq %rbp
;;     0x37  retq
