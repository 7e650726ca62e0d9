;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; A call of a function of another instance or of the host: by the pair of context and entry.
(module
  (import "env" "f" (func $f (param i32) (result i32)))
  (func $caller (param i32) (result i32) (i32.add (call $f (local.get 0)) (i32.const 1))))

;; dump-jit --only code --bounds guard
;; func 1 $caller (i32) -> (i32)
;;
;; machine code, 67 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r10, [rdi+0x50]
;;               8  mov r10, [r10+0x30]
;;               c  add r10, 0x10
;;              10  cmp r10, rsp
;;              13  ja 0x41
;;     0x26     19  mov r9, [rdi+0x50]
;;     0x26     1d  mov [r9+0xf0], rdi
;;     0x26     24  mov r10, [rdi+0x28]
;;     0x26     28  mov r10, [r10]
;;     0x26     2b  mov r11, [r10+0x20]
;;     0x26     2f  mov rdi, [r10+0x28]
;;     0x26     33  call r11                                  ; $f
;;     0x2a     36  add eax, 1
;;     0x2b     3c  mov rsp, rbp
;;     0x2b     3f  pop rbp
;;     0x2b     40  ret
;;              41  ud2                                       ; trap: call stack exhausted

;; dump-jit --tier llvm --only code --bounds guard
;; func 1 $caller (i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x24  movq 80(%rdi), %rax
;;     0x24  cmpq 48(%rax), %rsp
;;     0x24  jb .LBB0_1
;;     0x26  movq 40(%rdi), %rcx
;;     0x26  movq (%rcx), %rcx
;;     0x26  movq %rdi, 240(%rax)
;;     0x26  movq 40(%rcx), %rdi
;;     0x26  callq *32(%rcx)
;;     0x2a  incl %eax
;;     0x2b  popq %rbp
;;     0x2b  retq
;;           .LBB0_1:
;;     0x24  ud1l 10(%eax), %eax
