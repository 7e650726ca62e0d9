;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; A table of targets, whose index is masked behind its check.
(module
  (func $pick (param i32) (result i32)
    (block (block (block (block (block (block
      (br_table 0 1 2 3 4 5 (local.get 0)))
      (return (i32.const 10)))
      (return (i32.const 21)))
      (return (i32.mul (local.get 0) (i32.const 33))))
      (return (i32.const 44)))
      (return (i32.sub (local.get 0) (i32.const 5))))
    (i32.const 66)))

;; dump-jit --only code --bounds guard
;; func 0 $pick (i32) -> (i32)
;;
;; machine code, 119 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x27      4  mov r10d, 5
;;     0x27      a  mov r11d, esi
;;     0x27      d  cmp r11d, r10d
;;     0x27     10  cmovb r10d, r11d
;;     0x27     14  lea rcx, [rip+9]
;;     0x27     1b  movsxd rax, [rcx+r10*4]
;;     0x27     1f  add rcx, rax
;;     0x27     22  jmp rcx
;;              24  .long 0x3f
;;              28  .long 0x35
;;              2c  .long 0x2d
;;              30  .long 0x23
;;              34  .long 0x18
;;              38  .long 0x49
;;              3c  mov rax, rsi
;;     0x47     3f  sub eax, 5
;;     0x48     42  mov rsp, rbp
;;     0x48     45  pop rbp
;;     0x48     46  ret
;;     0x41     47  mov eax, 0x2c
;;     0x41     4c  mov rsp, rbp
;;     0x41     4f  pop rbp
;;     0x41     50  ret
;;     0x3c     51  imul eax, esi, 0x21
;;     0x3d     54  mov rsp, rbp
;;     0x3d     57  pop rbp
;;     0x3d     58  ret
;;     0x36     59  mov eax, 0x15
;;     0x36     5e  mov rsp, rbp
;;     0x36     61  pop rbp
;;     0x36     62  ret
;;     0x32     63  mov eax, 0xa
;;     0x32     68  mov rsp, rbp
;;     0x32     6b  pop rbp
;;     0x32     6c  ret
;;     0x4d     6d  mov eax, 0x42
;;     0x4d     72  mov rsp, rbp
;;     0x4d     75  pop rbp
;;     0x4d     76  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $pick (i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x27  cmpl $5, %esi
;;     0x27  jae .LBB0_1
;;     0x27  movl %esi, %eax
;;     0x27  andq $7, %rax
;;     0x27  leaq .LJTI0_0(%rip), %rcx
;;     0x27  movslq (%rcx,%rax,4), %rax
;;     0x27  addq %rcx, %rax
;;     0x27  jmpq *%rax
;;           .LBB0_1:
;;           movl $66, %eax
;;           popq %rbp
;;           retq
;;           .LBB0_5:
;;     0x47  addl $-5, %esi
;;     0x47  movl %esi, %eax
;;           popq %rbp
;;           retq
;;           .LBB0_3:
;;     0x3c  movl %esi, %eax
;;     0x3c  shll $5, %eax
;;     0x3c  addl %esi, %eax
;;           popq %rbp
;;           retq
;;           .LBB0_4:
;;           movl $44, %eax
;;           popq %rbp
;;           retq
;;           .LBB0_8:
;;           movl $10, %eax
;;           popq %rbp
;;           retq
;;           .LBB0_2:
;;           movl $21, %eax
;;           popq %rbp
;;           retq
