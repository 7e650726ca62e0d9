;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; The effective address is checked for alignment first; then the access is one instruction, or a loop where the processor has none that
;; returns the old value.
(module
  (memory 1)
  (func $load (param i32) (result i32) (i32.atomic.load8_u offset=3 (local.get 0)))
  (func $store (param i32 i64) (i64.atomic.store offset=8 (local.get 0) (local.get 1)))
  (func $add (param i32 i32) (result i32) (i32.atomic.rmw.add offset=2 (local.get 0) (local.get 1)))
  (func $or (param i32 i64) (result i64) (i64.atomic.rmw32.or_u (local.get 0) (local.get 1)))
  (func $swap (param i32 i32 i32) (result i32) (i32.atomic.rmw16.cmpxchg_u (local.get 0) (local.get 1) (local.get 2)))
  (func $fence (atomic.fence))
  (func $notify (param i32) (result i32) (memory.atomic.notify (local.get 0) (i32.const 1))))

;; dump-jit --only code --bounds guard
;; func 0 $load (i32) -> (i32)
;;
;; machine code, 29 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r8, rsi
;;               7  mov rsi, [rdi+8]
;;     0x41      b  mov edi, r8d
;;     0x41      e  movzx rsi, byte ptr [rsi+rdi+3]           ; trap: out of bounds memory access
;;     0x41     14  movzx eax, sil
;;     0x45     18  mov rsp, rbp
;;     0x45     1b  pop rbp
;;     0x45     1c  ret
;;
;; func 1 $store (i32, i64) -> ()
;;
;; machine code, 38 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x4c      4  mov esi, esi
;;     0x4c      6  test rsi, 7
;;     0x4c      d  jne 0x24
;;              13  mov rdi, [rdi+8]
;;     0x4c     17  mov [rdi+rsi+8], rdx                      ; trap: out of bounds memory access
;;     0x4c     1c  mfence
;;     0x50     1f  mov rsp, rbp
;;     0x50     22  pop rbp
;;     0x50     23  ret
;;     0x4c     24  ud2                                       ; trap: unaligned atomic
;;
;; func 2 $add (i32, i32) -> (i32)
;;
;; machine code, 47 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov rax, rdi
;;     0x57      7  mov edi, esi
;;               9  lea r8, [rdi+2]
;;     0x57      d  test r8, 3
;;     0x57     14  jne 0x2d
;;              1a  mov r9, [rax+8]
;;              1e  mov rax, rdx
;;     0x57     21  lock xadd [r9+rdi+2], eax                 ; trap: out of bounds memory access
;;     0x5b     28  mov rsp, rbp
;;     0x5b     2b  pop rbp
;;     0x5b     2c  ret
;;     0x57     2d  ud2                                       ; trap: unaligned atomic
;;
;; func 3 $or (i32, i64) -> (i64)
;;
;; machine code, 55 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x62      4  mov r8d, esi
;;     0x62      7  test r8, 3
;;     0x62      e  jne 0x35
;;              14  mov r10, [rdi+8]
;;     0x62     18  mov eax, [r10+r8]                         ; trap: out of bounds memory access
;;     0x62     1c  mov r11, rax
;;     0x62     1f  or r11, rdx
;;     0x62     22  lock cmpxchg [r10+r8], r11d               ; trap: out of bounds memory access
;;     0x62     28  jne 0x1c
;;     0x62     2e  mov eax, eax
;;     0x66     30  mov rsp, rbp
;;     0x66     33  pop rbp
;;     0x66     34  ret
;;     0x62     35  ud2                                       ; trap: unaligned atomic
;;
;; func 4 $swap (i32, i32, i32) -> (i32)
;;
;; machine code, 44 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x6f      4  mov r8d, esi
;;     0x6f      7  test r8, 1
;;     0x6f      e  jne 0x2a
;;              14  mov r10, [rdi+8]
;;              18  mov rax, rdx
;;     0x6f     1b  lock cmpxchg [r10+r8], cx                 ; trap: out of bounds memory access
;;     0x6f     22  movzx eax, ax
;;     0x73     25  mov rsp, rbp
;;     0x73     28  pop rbp
;;     0x73     29  ret
;;     0x6f     2a  ud2                                       ; trap: unaligned atomic
;;
;; func 5 $fence () -> ()
;;
;; machine code, 12 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x76      4  mfence
;;     0x79      7  mov rsp, rbp
;;     0x79      a  pop rbp
;;     0x79      b  ret
;;
;; func 6 $notify (i32) -> (i32)
;;
;; machine code, 127 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r10, [rdi+0x50]
;;               8  mov r10, [r10+0x30]
;;               c  add r10, 0x20
;;              10  cmp r10, rsp
;;              13  ja 0x7d
;;              19  sub rsp, 0x10
;;              1d  mov [rsp], rbx
;;     0x80     21  mov rax, [rdi+0x50]
;;     0x80     25  mov rax, [rax+0x98]
;;     0x80     2c  mov rax, [rax+0xa0]
;;     0x80     33  xor r9, r9
;;     0x80     36  mov edx, esi
;;     0x80     38  mov r8d, 1
;;     0x80     3e  mov rbx, rdi
;;     0x80     41  mov rcx, r9
;;     0x80     44  mov rsi, r9
;;     0x80     47  call rax                                  ; builtin memory_atomic
;;     0x80     49  test eax, eax
;;     0x80     4b  mov rdi, rax
;;     0x80     4e  jne 0x6b
;;     0x80     54  mov rax, [rbx+0x50]
;;     0x80     58  mov eax, [rax+0xf8]
;;     0x84     5e  mov rbx, [rsp]
;;     0x84     62  add rsp, 0x10
;;     0x84     66  mov rsp, rbp
;;     0x84     69  pop rbp
;;     0x84     6a  ret
;;     0x80     6b  mov rax, [rbx+0x50]
;;     0x80     6f  mov rax, [rax+0x98]
;;     0x80     76  mov rax, [rax]
;;     0x80     79  call rax                                  ; builtin raise
;;     0x80     7b  ud2                                       ; trap: unreachable
;;              7d  ud2                                       ; trap: call stack exhausted

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $load (i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movq 8(%rdi), %rax
;;     0x41  movl %esi, %ecx
;;     0x41  movb 3(%rax,%rcx), %al
;;     0x41  movzbl %al, %eax
;;     0x41  movl %eax, %ecx
;;     0x45  popq %rbp
;;     0x45  retq
;;
;; func 1 $store (i32, i64) -> ()
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x4c  movl %esi, %eax
;;     0x4c  testb $7, %al
;;     0x4c  jne .LBB0_1
;;           movq 8(%rdi), %rcx
;;     0x4c  xchgq %rdx, 8(%rcx,%rax)
;;     0x50  popq %rbp
;;     0x50  retq
;;           .LBB0_1:
;;     0x4c  ud1l 13(%eax), %eax
;;
;; func 2 $add (i32, i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x57  movl %esi, %eax
;;     0x57  andl $3, %eax
;;     0x57  cmpl $2, %eax
;;     0x57  jne .LBB0_1
;;     0x57  movl %esi, %eax
;;     0x57  movq 8(%rdi), %rcx
;;     0x57  lock  xaddl %edx, 2(%rcx,%rax)
;;     0x5b  movl %edx, %eax
;;     0x5b  popq %rbp
;;     0x5b  retq
;;           .LBB0_1:
;;     0x57  ud1l 13(%eax), %eax
;;
;; func 3 $or (i32, i64) -> (i64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x62  movl %esi, %ecx
;;     0x62  testb $3, %cl
;;     0x62  jne .LBB0_4
;;     0x62  movq 8(%rdi), %rsi
;;     0x62  movl (%rsi,%rcx), %eax
;;           .LBB0_2:
;;     0x62  movl %eax, %edi
;;     0x62  orl %edx, %edi
;;     0x62  lock  cmpxchgl %edi, (%rsi,%rcx)
;;     0x62  jne .LBB0_2
;;     0x62  movl %eax, %eax
;;     0x66  popq %rbp
;;     0x66  retq
;;           .LBB0_4:
;;     0x62  ud1l 13(%eax), %eax
;;
;; func 4 $swap (i32, i32, i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x6f  movl %esi, %esi
;;     0x6f  testb $1, %sil
;;     0x6f  jne .LBB0_1
;;           movq 8(%rdi), %rdi
;;     0x6f  movl %edx, %eax
;;     0x6f  lock  cmpxchgw %cx, (%rdi,%rsi)
;;     0x6f  movzwl %ax, %eax
;;     0x73  popq %rbp
;;     0x73  retq
;;           .LBB0_1:
;;     0x6f  ud1l 13(%eax), %eax
;;
;; func 5 $fence () -> ()
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x76  mfence
;;     0x79  popq %rbp
;;     0x79  retq
;;
;; func 6 $notify (i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           pushq %r14
;;           pushq %rbx
;;     0x7c  movq 80(%rdi), %rbx
;;     0x7c  cmpq 48(%rbx), %rsp
;;     0x7c  jb .LBB0_3
;;     0x80  movl %esi, %edx
;;     0x80  movq 152(%rbx), %r14
;;     0x80  movl $1, %r8d
;;     0x80  xorl %esi, %esi
;;     0x80  xorl %ecx, %ecx
;;     0x80  xorl %r9d, %r9d
;;     0x80  callq *160(%r14)
;;     0x80  testl %eax, %eax
;;     0x80  jne .LBB0_4
;;     0x80  movl 248(%rbx), %eax
;;     0x84  popq %rbx
;;     0x84  popq %r14
;;     0x84  popq %rbp
;;     0x84  retq
;;           .LBB0_3:
;;     0x7c  ud1l 10(%eax), %eax
;;           .LBB0_4:
;;     0x80  movl %eax, %edi
;;     0x80  callq *(%r14)
