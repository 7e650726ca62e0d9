;; dump-jit --only code --bounds explicit --spectre off
;; dump-jit --tier llvm --only code --bounds explicit --spectre off
;; Checks of every access, without guards on what a processor speculates.
(module
  (memory 1)
  (func $plain (param i32) (result i32) (i32.load (local.get 0))))

;; dump-jit --only code --bounds explicit --spectre off
;; func 0 $plain (i32) -> (i32)
;;
;; machine code, 38 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x20      4  mov rdi, [rdi]
;;     0x20      7  mov r8d, esi
;;     0x20      a  lea r9, [r8+4]
;;     0x20      e  cmp r9, [rdi+8]
;;     0x20     12  ja 0x24
;;     0x20     18  mov r9, [rdi]
;;     0x20     1b  mov eax, [r9+r8]                          ; trap: out of bounds memory access
;;     0x23     1f  mov rsp, rbp
;;     0x23     22  pop rbp
;;     0x23     23  ret
;;     0x20     24  ud2                                       ; trap: out of bounds memory access

;; dump-jit --tier llvm --only code --bounds explicit --spectre off
;; func 0 $plain (i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x20  movl %esi, %eax
;;     0x20  movq (%rdi), %rcx
;;     0x20  leaq 4(%rax), %rdx
;;     0x20  cmpq 8(%rcx), %rdx
;;     0x20  ja .LBB0_1
;;     0x20  movq (%rcx), %rcx
;;     0x20  movl (%rcx,%rax), %eax
;;     0x23  popq %rbp
;;     0x23  retq
;;           .LBB0_1:
;;     0x20  ud1l 2(%eax), %eax
