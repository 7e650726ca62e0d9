;; dump-jit --only code --bounds guard --consume-fuel
;; dump-jit --only code --bounds guard --epoch-interruption
;; dump-jit --tier llvm --only code --bounds guard --consume-fuel
;; dump-jit --tier llvm --only code --bounds guard --epoch-interruption
;; Fuel is charged and the interrupt flag read in every turn.
(module
  (func $spin (param i32) (loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))

;; dump-jit --only code --bounds guard --consume-fuel
;; func 0 $spin (i32) -> ()
;;
;; machine code, 116 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r10, [rdi+0x50]
;;               8  mov r10, [r10+0x30]
;;               c  add r10, 0x10
;;              10  cmp r10, rsp
;;              13  ja 0x72
;;              19  mov rcx, rsi
;;     0x21     1c  mov r11, [rdi+0x50]
;;     0x21     20  mov rax, [r11+0x10]
;;              24  sub rax, 5
;;     0x21     28  mov [r11+0x10], rax
;;     0x21     2c  cmp rax, 0xfffffffffffffffa
;;     0x21     30  ja 0x51
;;              36  mov rsi, rcx
;;              39  sub esi, 1
;;     0x21     3c  test esi, esi
;;     0x21     3e  je 0x4c
;;              44  mov rcx, rsi
;;              47  jmp 0x20
;;     0x24     4c  mov rsp, rbp
;;     0x24     4f  pop rbp
;;     0x24     50  ret
;;     0x21     51  mov rax, [rdi+0x50]
;;     0x21     55  mov rax, [rax+0x98]
;;     0x21     5c  mov rax, [rax+0xa8]
;;              63  mov esi, 5
;;     0x21     68  call rax                                  ; builtin out_of_fuel
;;     0x21     6a  mov rsi, rcx
;;     0x21     6d  jmp 0x39
;;              72  ud2                                       ; trap: call stack exhausted

;; dump-jit --only code --bounds guard --epoch-interruption
;; func 0 $spin (i32) -> ()
;;
;; machine code, 342 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r10, [rdi+0x50]
;;               8  mov r10, [r10+0x30]
;;               c  add r10, 0x50
;;              10  cmp r10, rsp
;;              13  ja 0x154
;;              19  sub rsp, 0x40
;;              1d  mov [rsp+0x10], rbx
;;              22  mov [rsp+0x18], r12
;;              27  mov [rsp+0x20], r13
;;              2c  mov [rsp+0x28], r14
;;              31  mov [rsp+0x30], r15
;;     0x18     36  mov r13, [rdi+0x50]
;;     0x18     3a  mov rcx, [r13+0x18]
;;     0x18     3e  mov rdx, [rcx]
;;     0x18     41  mov [rsp+8], rcx
;;     0x18     46  mov rax, [r13+0x20]
;;     0x18     4a  cmp rdx, rax
;;     0x18     4d  jae 0xb2
;;              53  mov rbx, rsi
;;              56  mov r12, rdi
;;              59  mov rax, 0x1800000000
;;              63  mov [rsp], rax
;;              67  mov r14d, 1
;;              6d  xor r15, r15
;;     0x18     70  mov rsi, [rsp+8]
;;     0x18     75  mov rcx, [rsi]
;;     0x18     78  mov rax, [r13+0x20]
;;     0x18     7c  cmp rcx, rax
;;     0x18     7f  jae 0xf8
;;     0x1e     85  sub ebx, 1
;;     0x21     88  test ebx, ebx
;;     0x21     8a  jne 0x70
;;     0x24     90  mov rbx, [rsp+0x10]
;;     0x24     95  mov r12, [rsp+0x18]
;;     0x24     9a  mov r13, [rsp+0x20]
;;     0x24     9f  mov r14, [rsp+0x28]
;;     0x24     a4  mov r15, [rsp+0x30]
;;     0x24     a9  add rsp, 0x40
;;     0x24     ad  mov rsp, rbp
;;     0x24     b0  pop rbp
;;     0x24     b1  ret
;;     0x18     b2  mov rcx, [r13+8]
;;     0x18     b6  mov eax, esi
;;     0x18     b8  mov rbx, rsi
;;     0x18     bb  mov [rcx], rax
;;     0x18     be  mov rax, [rdi+0x50]
;;     0x18     c2  mov rax, [rax+0x98]
;;     0x18     c9  mov rax, [rax+0x40]
;;     0x18     cd  mov rsi, 0x1800000000
;;     0x18     d7  xor r9, r9
;;     0x18     da  mov r8d, 1
;;     0x18     e0  mov r12, rdi
;;     0x18     e3  mov rdx, r9
;;     0x18     e6  call rax                                  ; builtin poll
;;     0x18     e8  test eax, eax
;;     0x18     ea  mov rdi, rax
;;     0x18     ed  jne 0x141
;;     0x18     f3  jmp 0x59
;;     0x18     f8  mov rcx, [r13+8]
;;     0x18     fc  mov eax, ebx
;;     0x18     fe  mov [rcx], rax
;;     0x18    101  mov rax, [r12+0x50]
;;     0x18    106  mov rax, [rax+0x98]
;;     0x18    10d  mov rax, [rax+0x40]
;;     0x18    111  mov rdx, r14
;;     0x18    114  mov rsi, [rsp]
;;     0x18    118  mov rdi, r12
;;     0x18    11b  mov r8, r14
;;     0x18    11e  mov r9, r15
;;     0x18    121  call rax                                  ; builtin poll
;;     0x18    123  test eax, eax
;;     0x18    125  mov rdi, rax
;;     0x18    128  je 0x85
;;     0x18    12e  mov rax, [r12+0x50]
;;     0x18    133  mov rax, [rax+0x98]
;;     0x18    13a  mov rax, [rax]
;;     0x18    13d  call rax                                  ; builtin raise
;;     0x18    13f  ud2                                       ; trap: unreachable
;;     0x18    141  mov rax, [r12+0x50]
;;     0x18    146  mov rax, [rax+0x98]
;;     0x18    14d  mov rax, [rax]
;;     0x18    150  call rax                                  ; builtin raise
;;     0x18    152  ud2                                       ; trap: unreachable
;;             154  ud2                                       ; trap: call stack exhausted

;; dump-jit --tier llvm --only code --bounds guard --consume-fuel
;; func 0 $spin (i32) -> ()
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x18  movq 80(%rdi), %rcx
;;     0x18  cmpq 48(%rcx), %rsp
;;     0x18  jb .LBB0_6
;;           movl %esi, %eax
;;           movl $5, %esi
;;           jmp .LBB0_2
;;           .LBB0_4:
;;           decl %eax
;;     0x21  je .LBB0_5
;;           .LBB0_2:
;;     0x21  subq $5, 16(%rcx)
;;     0x21  jae .LBB0_4
;;     0x21  movq 152(%rcx), %rdx
;;     0x21  callq *168(%rdx)
;;     0x21  jmp .LBB0_4
;;           .LBB0_5:
;;     0x24  popq %rbp
;;     0x24  retq
;;           .LBB0_6:
;;     0x18  ud1l 10(%eax), %eax

;; dump-jit --tier llvm --only code --bounds guard --epoch-interruption
;; func 0 $spin (i32) -> ()
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           pushq %r15
;;           pushq %r14
;;           pushq %r13
;;           pushq %r12
;;           pushq %rbx
;;           pushq %rax
;;           movq %rdi, -48(%rbp)
;;     0x18  movq 80(%rdi), %r12
;;     0x18  cmpq 48(%r12), %rsp
;;     0x18  jb .LBB0_1
;;           movl %esi, %ebx
;;           movabsq $103079215104, %rsi
;;     0x18  movq 24(%r12), %r13
;;     0x18  movq (%r13), %rax
;;     0x18  cmpq 32(%r12), %rax
;;     0x18  jae .LBB0_2
;;           movq %rsi, %r14
;;     0x18  jmp .LBB0_3
;;           .LBB0_2:
;;     0x18  movl %ebx, %eax
;;     0x18  movq 8(%r12), %rcx
;;     0x18  movq 152(%r12), %r15
;;     0x18  movq %rax, (%rcx)
;;     0x18  movl $1, %r8d
;;     0x18  movq -48(%rbp), %rdi
;;     0x18  movq %rsi, %r14
;;     0x18  xorl %edx, %edx
;;     0x18  xorl %r9d, %r9d
;;     0x18  callq *64(%r15)
;;     0x18  testl %eax, %eax
;;     0x18  je .LBB0_3
;;     0x18  movl %eax, %edi
;;     0x18  callq *(%r15)
;;           .LBB0_5:
;;     0x21  decl %ebx
;;     0x21  je .LBB0_6
;;           .LBB0_3:
;;     0x18  movq (%r13), %rax
;;     0x18  cmpq 32(%r12), %rax
;;     0x18  jb .LBB0_5
;;     0x18  movl %ebx, %eax
;;     0x18  movq 8(%r12), %rcx
;;     0x18  movq 152(%r12), %r15
;;     0x18  movq %rax, (%rcx)
;;     0x18  movl $1, %edx
;;     0x18  movl $1, %r8d
;;     0x18  movq -48(%rbp), %rdi
;;     0x18  movq %r14, %rsi
;;     0x18  xorl %r9d, %r9d
;;     0x18  callq *64(%r15)
;;     0x18  testl %eax, %eax
;;     0x18  je .LBB0_5
;;     0x18  movl %eax, %edi
;;     0x18  callq *(%r15)
;;           .LBB0_6:
;;     0x24  addq $8, %rsp
;;     0x24  popq %rbx
;;     0x24  popq %r12
;;     0x24  popq %r13
;;     0x24  popq %r14
;;     0x24  popq %r15
;;     0x24  popq %rbp
;;     0x24  retq
;;           .LBB0_1:
;;     0x18  ud1l 10(%eax), %eax
