;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; So few targets that they are compared one by one, or not.
(module
  (func $pick (param i32) (result i32) (block (block (br_table 0 1 (local.get 0))) (return (i32.const 10))) (i32.const 20)))

;; dump-jit --only code --bounds guard
;; func 0 $pick (i32) -> (i32)
;;
;; machine code, 65 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r10, rsi
;;     0x1f      7  mov esi, 1
;;     0x1f      c  mov edi, r10d
;;     0x1f      f  cmp edi, esi
;;     0x1f     11  cmovb esi, edi
;;     0x1f     14  lea r11, [rip+0xa]
;;     0x1f     1b  movsxd rax, [r11+rsi*4]
;;     0x1f     1f  add r11, rax
;;     0x1f     22  jmp r11
;;              25  .long 0x8
;;              29  .long 0x12
;;     0x26     2d  mov eax, 0xa
;;     0x26     32  mov rsp, rbp
;;     0x26     35  pop rbp
;;     0x26     36  ret
;;     0x2a     37  mov eax, 0x14
;;     0x2a     3c  mov rsp, rbp
;;     0x2a     3f  pop rbp
;;     0x2a     40  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $pick (i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x1f  testl %esi, %esi
;;     0x1f  movl $10, %ecx
;;     0x1f  movl $20, %eax
;;     0x1f  cmovel %ecx, %eax
;;           popq %rbp
;;           retq
