;; dump-jit --only code --bounds explicit --spectre off
;; dump-jit --tier llvm --only code --bounds explicit --spectre off
;; The bounds are checked after the alignment.
(module
  (memory 1)
  (func $sub (param i32 i64) (result i64) (i64.atomic.rmw.sub (local.get 0) (local.get 1))))

;; dump-jit --only code --bounds explicit --spectre off
;; func 0 $sub (i32, i64) -> (i64)
;;
;; machine code, 61 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x23      4  mov r9d, esi
;;     0x23      7  test r9, 7
;;     0x23      e  jne 0x39
;;     0x23     14  mov r11, [rdi]
;;     0x23     17  lea rax, [r9+8]
;;     0x23     1b  cmp rax, [r11+8]
;;     0x23     1f  ja 0x3b
;;     0x23     25  mov rcx, [r11]
;;     0x23     28  neg rdx
;;     0x23     2b  mov rax, rdx
;;     0x23     2e  lock xadd [rcx+r9], rax                   ; trap: out of bounds memory access
;;     0x27     34  mov rsp, rbp
;;     0x27     37  pop rbp
;;     0x27     38  ret
;;     0x23     39  ud2                                       ; trap: unaligned atomic
;;     0x23     3b  ud2                                       ; trap: out of bounds memory access

;; dump-jit --tier llvm --only code --bounds explicit --spectre off
;; func 0 $sub (i32, i64) -> (i64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x23  movl %esi, %eax
;;     0x23  testb $7, %al
;;     0x23  jne .LBB0_3
;;     0x23  movq (%rdi), %rcx
;;     0x23  leaq 8(%rax), %rsi
;;     0x23  cmpq 8(%rcx), %rsi
;;     0x23  ja .LBB0_4
;;     0x23  movq (%rcx), %rcx
;;     0x23  negq %rdx
;;     0x23  lock  xaddq %rdx, (%rcx,%rax)
;;     0x27  movq %rdx, %rax
;;     0x27  popq %rbp
;;     0x27  retq
;;           .LBB0_3:
;;     0x23  ud1l 13(%eax), %eax
;;           .LBB0_4:
;;     0x23  ud1l 2(%eax), %eax
