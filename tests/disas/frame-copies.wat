;; dump-jit --only code --bounds guard --snapshots
;; dump-jit --tier llvm --only code --bounds guard --snapshots
;; A call comes behind stores of what is live over it, as far as the copy of the frame does not have it.
(module
  (import "env" "f" (func $f (param i32) (result i32)))
  (func $caller (param $n i32) (param $x f64) (result f64) (local $i i32) (local $unwritten i64)
    (f64.mul (local.get $x) (f64.const 3))
    (loop $on
      (local.set $i (i32.add (local.get $i) (call $f (local.get $n))))
      (br_if $on (i32.lt_s (local.get $i) (local.get $n))))
    (f64.add (f64.convert_i32_s (call $f (local.get $i))))))

;; dump-jit --only code --bounds guard --snapshots
;; func 1 $caller (i32, f64) -> (f64)
;;
;; machine code, 304 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r10, [rdi+0x50]
;;               8  mov r10, [r10+0x30]
;;               c  add r10, 0xa0
;;              13  cmp r10, rsp
;;              16  ja 0x10f
;;              1c  sub rsp, 0x90
;;              23  mov [rsp+0x60], rbx
;;              28  mov [rsp+0x68], r12
;;              2d  mov [rsp+0x70], r13
;;              32  mov [rsp+0x78], r14
;;              37  mov [rsp+0x80], r15
;;              3f  mov rax, rsi
;;              42  xor esi, esi
;;              44  mov r15, rsi
;;              47  movdqa xmm7, xmm0
;;     0x39     4b  mulsd xmm7, [rip+0xcd]
;;     0x39     53  movdqu [rsp+0x40], xmm0
;;     0x39     59  movdqu [rsp+0x50], xmm7
;;     0x40     5f  mov r14, [rdi+0x50]
;;     0x40     63  mov rcx, [rdi+0x28]
;;     0x40     67  mov rbx, [rcx]
;;     0x40     6a  mov r12, rax
;;     0x40     6d  mov [rsp], r12d
;;     0x40     71  movdqu xmm0, [rsp+0x40]
;;     0x40     77  movsd [rsp+8], xmm0
;;     0x40     7d  mov rsi, r15
;;     0x40     80  mov [rsp+0x28], esi
;;     0x40     84  movdqu xmm0, [rsp+0x50]
;;     0x40     8a  movsd [rsp+0x38], xmm0
;;     0x40     90  mov r13, rdi
;;     0x40     93  mov [r14+0xf0], r13
;;     0x40     9a  mov rcx, [rbx+0x20]
;;     0x40     9e  mov rdi, [rbx+0x28]
;;     0x40     a2  mov rsi, r12
;;     0x40     a5  call rcx                                  ; $f
;;     0x40     a7  mov rsi, r15
;;     0x42     aa  add esi, eax
;;     0x4a     ac  cmp esi, r12d
;;     0x4a     af  jge 0xc0
;;              b5  mov rdi, r13
;;              b8  mov r15, rsi
;;              bb  jmp 0x6d
;;     0x4f     c0  mov [rsp+0x28], esi
;;     0x4f     c4  mov [r14+0xf0], r13
;;     0x4f     cb  mov rax, [rbx+0x20]
;;     0x4f     cf  mov rdi, [rbx+0x28]
;;     0x4f     d3  call rax                                  ; $f
;;     0x51     d5  xorpd xmm1, xmm1
;;     0x51     d9  cvtsi2sd xmm1, eax
;;     0x51     dd  movdqu xmm0, [rsp+0x50]
;;     0x52     e3  addsd xmm0, xmm1
;;     0x53     e7  mov rbx, [rsp+0x60]
;;     0x53     ec  mov r12, [rsp+0x68]
;;     0x53     f1  mov r13, [rsp+0x70]
;;     0x53     f6  mov r14, [rsp+0x78]
;;     0x53     fb  mov r15, [rsp+0x80]
;;     0x53    103  add rsp, 0x90
;;     0x53    10a  mov rsp, rbp
;;     0x53    10d  pop rbp
;;     0x53    10e  ret
;;             10f  ud2                                       ; trap: call stack exhausted
;;             111  .long 0x0
;;             115  .long 0x0
;;             119  .long 0x0
;;             11d  .long 0x0
;;             121  .long 0x0
;;             125  .long 0x400800
;;             129  .long 0x0
;;             12d  .long 0x0

;; dump-jit --tier llvm --only code --bounds guard --snapshots
;; func 1 $caller (i32, f64) -> (f64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           pushq %r15
;;           pushq %r14
;;           pushq %r13
;;           pushq %r12
;;           pushq %rbx
;;           subq $88, %rsp
;;           movsd %xmm0, -48(%rbp)
;;           movl %esi, %r14d
;;           movq %rdi, %rbx
;;     0x2e  movq 80(%rdi), %r15
;;     0x2e  cmpq 48(%r15), %rsp
;;     0x2e  jb .LBB0_4
;;           movsd .LCPI0_0(%rip), %xmm0
;;     0x39  mulsd -48(%rbp), %xmm0
;;     0x39  movsd %xmm0, -56(%rbp)
;;     0x39  xorl %eax, %eax
;;           .LBB0_2:
;;           movl %eax, %r13d
;;     0x40  movl %r14d, -120(%rbp)
;;     0x40  movsd -48(%rbp), %xmm0
;;     0x40  movsd %xmm0, -112(%rbp)
;;     0x40  movl %eax, -80(%rbp)
;;     0x40  movsd -56(%rbp), %xmm0
;;     0x40  movsd %xmm0, -64(%rbp)
;;     0x40  movq 40(%rbx), %rax
;;     0x40  movq (%rax), %r12
;;     0x40  movq %rbx, 240(%r15)
;;     0x40  movq 40(%r12), %rdi
;;     0x40  movl %r14d, %esi
;;     0x40  callq *32(%r12)
;;     0x42  addl %r13d, %eax
;;     0x49  cmpl %r14d, %eax
;;     0x4a  jl .LBB0_2
;;     0x4f  movl %eax, -80(%rbp)
;;     0x4f  movq %rbx, 240(%r15)
;;     0x4f  movq 40(%r12), %rdi
;;     0x4f  movl %eax, %esi
;;     0x4f  callq *32(%r12)
;;     0x51  cvtsi2sd %eax, %xmm1
;;     0x51  movsd -56(%rbp), %xmm0
;;     0x52  addsd %xmm1, %xmm0
;;     0x53  addq $88, %rsp
;;     0x53  popq %rbx
;;     0x53  popq %r12
;;     0x53  popq %r13
;;     0x53  popq %r14
;;     0x53  popq %r15
;;     0x53  popq %rbp
;;     0x53  retq
;;           .LBB0_4:
;;     0x2e  ud1l 10(%eax), %eax
