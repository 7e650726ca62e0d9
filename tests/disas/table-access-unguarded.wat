;; dump-jit --only code --bounds guard --spectre off
;; dump-jit --tier llvm --only code --bounds guard --spectre off
;; As before, without guards on what a processor speculates.
(module
  (table 10 externref)
  (func $get (param i32) (result externref) (table.get 0 (local.get 0))))

;; dump-jit --only code --bounds guard --spectre off
;; func 0 $get (i32) -> (externref)
;;
;; machine code, 38 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x21      4  mov rdi, [rdi+0x30]
;;     0x21      8  mov rdi, [rdi]
;;     0x21      b  mov r8d, esi
;;     0x21      e  cmp r8, [rdi+8]
;;     0x21     12  jae 0x24
;;     0x21     18  mov r9, [rdi]
;;     0x21     1b  mov rax, [r9+r8*8]
;;     0x23     1f  mov rsp, rbp
;;     0x23     22  pop rbp
;;     0x23     23  ret
;;     0x21     24  ud2                                       ; trap: out of bounds table access

;; dump-jit --tier llvm --only code --bounds guard --spectre off
;; func 0 $get (i32) -> (externref)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x21  movl %esi, %eax
;;     0x21  movq 48(%rdi), %rcx
;;     0x21  movq (%rcx), %rcx
;;     0x21  cmpq %rax, 8(%rcx)
;;     0x21  jbe .LBB0_1
;;     0x21  movq (%rcx), %rcx
;;     0x21  movq (%rcx,%rax,8), %rax
;;     0x23  popq %rbp
;;     0x23  retq
;;           .LBB0_1:
;;     0x21  ud1l 3(%eax), %eax
