;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; dump-jit --only tier-ir --bounds guard
;; Calls in a scope have a second edge, for exceptions; nothing else is compiled for it. Values that are live over such a call are in the
;; frame. What fits no clause goes on in the scope outside, and at last in the caller.
(module
  (import "host" "get" (func $get (param i32) (result i32)))
  (tag $number (param i32))
  (tag $pair (param i64 f64))
  (func $callee (param i32) (result i32)
    (if (i32.eqz (local.get 0)) (then (throw $number (i32.const 1))))
    (local.get 0))
  (func $caller (param $n i32) (param $x f64) (result f64)
    (block $caught (result i32)
      (block $caught_pair (result i64 f64)
        (try_table (catch $pair $caught_pair)
          (try_table (catch $number $caught)
            (return (f64.add (local.get $x)
              (f64.convert_i32_s (i32.add (call $callee (local.get $n)) (call $get (local.get $n))))))))
        (unreachable))
      (drop) (i32.wrap_i64))
    (f64.convert_i32_s))
  (func $all (param $n i32) (result exnref)
    (block $caught (result exnref)
      (try_table (catch_all_ref $caught) (drop (call $callee (local.get $n))))
      (ref.null exn))))

;; dump-jit --only code --bounds guard
;; func 1 $callee (i32) -> (i32)
;;
;; machine code, 118 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r10, [rdi+0x50]
;;               8  mov r10, [r10+0x30]
;;               c  add r10, 0x20
;;              10  cmp r10, rsp
;;              13  ja 0x74
;;              19  sub rsp, 0x10
;;              1d  mov [rsp], rbx
;;     0x4c     21  test esi, esi
;;     0x4c     23  je 0x39
;;              29  mov rax, rsi
;;     0x55     2c  mov rbx, [rsp]
;;     0x55     30  add rsp, 0x10
;;     0x55     34  mov rsp, rbp
;;     0x55     37  pop rbp
;;     0x55     38  ret
;;     0x50     39  mov rax, [rdi+0x50]
;;     0x50     3d  mov rdx, [rax+8]
;;     0x50     41  mov qword ptr [rdx], 1
;;     0x50     48  mov rax, [rdi+0x50]
;;     0x50     4c  mov rbx, rdi
;;     0x50     4f  mov rax, [rax+0x98]
;;     0x50     56  mov rax, [rax+0x10]
;;     0x50     5a  xor rsi, rsi
;;     0x50     5d  call rax                                  ; builtin throw
;;     0x50     5f  mov rcx, [rbx+0x50]
;;     0x50     63  mov rcx, [rcx+0x98]
;;     0x50     6a  mov rcx, [rcx]
;;     0x50     6d  mov rdi, rax
;;     0x50     70  call rcx                                  ; builtin raise
;;     0x50     72  ud2                                       ; trap: unreachable
;;              74  ud2                                       ; trap: call stack exhausted
;;
;; func 2 $caller (i32, f64) -> (f64)
;;
;; machine code, 373 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r10, [rdi+0x50]
;;               8  mov r10, [r10+0x30]
;;               c  add r10, 0x70
;;              10  cmp r10, rsp
;;              13  ja 0x173
;;              19  sub rsp, 0x60
;;              1d  mov [rsp+0x30], rbx
;;              22  mov [rsp+0x38], r12
;;              27  mov [rsp+0x40], r13
;;              2c  mov [rsp+0x48], r14
;;              31  mov [rsp+0x50], r15
;;              36  mov [rsp], rdi
;;              3a  mov [rsp+8], rsi
;;              3f  movdqu [rsp+0x20], xmm0
;;     0x6c     45  call $callee                              ; exception: 0x120
;;              4a  mov rdi, [rsp]
;;              4e  mov [rsp+0x10], rax
;;     0x70     53  mov rcx, [rdi+0x50]
;;     0x70     57  mov [rcx+0xf0], rdi
;;     0x70     5e  mov rcx, [rdi+0x28]
;;     0x70     62  mov rcx, [rcx]
;;     0x70     65  mov rdx, [rcx+0x20]
;;     0x70     69  mov rdi, [rcx+0x28]
;;     0x70     6d  mov rsi, [rsp+8]
;;     0x70     72  call rdx                                  ; exception: 0x129
;;              74  mov rcx, [rsp+0x10]
;;     0x72     79  add eax, ecx
;;     0x73     7b  xorpd xmm1, xmm1
;;     0x73     7f  cvtsi2sd xmm1, eax
;;     0x73     83  movdqu xmm0, [rsp+0x20]
;;     0x74     89  addsd xmm0, xmm1
;;     0x75     8d  mov rbx, [rsp+0x30]
;;     0x75     92  mov r12, [rsp+0x38]
;;     0x75     97  mov r13, [rsp+0x40]
;;     0x75     9c  mov r14, [rsp+0x48]
;;     0x75     a1  mov r15, [rsp+0x50]
;;     0x75     a6  add rsp, 0x60
;;     0x75     aa  mov rsp, rbp
;;     0x75     ad  pop rbp
;;     0x75     ae  ret
;;     0x77     af  mov rax, [rax+8]
;;     0x77     b3  mov rbx, [rax]
;;     0x77     b6  movsd xmm0, [rax+8]
;;     0x77     bb  mov rdi, [rsp]
;;     0x77     bf  mov rax, [rdi+0x50]
;;     0x77     c3  mov rax, [rax+0x98]
;;     0x77     ca  mov rax, [rax+0x20]
;;     0x77     ce  xor rsi, rsi
;;     0x77     d1  call rax                                  ; builtin caught
;;     0x7c     d3  jmp 0xf6
;;     0x76     d8  mov rax, [rax+8]
;;     0x76     dc  mov ebx, [rax]
;;     0x76     de  mov rdi, [rsp]
;;     0x76     e2  mov rax, [rdi+0x50]
;;     0x76     e6  mov rax, [rax+0x98]
;;     0x76     ed  mov rax, [rax+0x20]
;;              f1  xor rsi, rsi
;;     0x76     f4  call rax                                  ; builtin caught
;;     0x7d     f6  xorpd xmm0, xmm0
;;     0x7d     fa  cvtsi2sd xmm0, ebx
;;     0x7e     fe  mov rbx, [rsp+0x30]
;;     0x7e    103  mov r12, [rsp+0x38]
;;     0x7e    108  mov r13, [rsp+0x40]
;;     0x7e    10d  mov r14, [rsp+0x48]
;;     0x7e    112  mov r15, [rsp+0x50]
;;     0x7e    117  add rsp, 0x60
;;     0x7e    11b  mov rsp, rbp
;;     0x7e    11e  pop rbp
;;     0x7e    11f  ret
;;             120  mov rdi, [rsp]
;;             124  jmp 0x12d
;;             129  mov rdi, [rsp]
;;             12d  mov rax, [rdi+0x50]
;;     0x76    131  mov rax, [rax+0x110]
;;     0x76    138  mov rcx, [rax]
;;     0x76    13b  mov rdi, [rsp]
;;     0x76    13f  mov rdx, [rdi+0x40]
;;     0x76    143  mov rsi, [rdx]
;;     0x76    146  cmp rcx, rsi
;;     0x76    149  je 0xd8
;;     0x77    14f  mov rdx, [rdx+8]
;;     0x77    153  cmp rcx, rdx
;;     0x77    156  je 0xaf
;;             15c  mov rdi, [rsp]
;;     0x77    160  mov rax, [rdi+0x50]
;;     0x77    164  mov rax, [rax+0x98]
;;     0x77    16b  mov rax, [rax+8]
;;     0x77    16f  call rax                                  ; builtin pass_on
;;     0x77    171  ud2                                       ; trap: unreachable
;;             173  ud2                                       ; trap: call stack exhausted
;;
;; func 3 $all (i32) -> (exnref)
;;
;; machine code, 150 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r10, [rdi+0x50]
;;               8  mov r10, [r10+0x30]
;;               c  add r10, 0x50
;;              10  cmp r10, rsp
;;              13  ja 0x94
;;              19  sub rsp, 0x40
;;              1d  mov [rsp+0x10], rbx
;;              22  mov [rsp+0x18], r12
;;              27  mov [rsp+0x20], r13
;;              2c  mov [rsp+0x28], r14
;;              31  mov [rsp+0x30], r15
;;              36  mov [rsp], rdi
;;     0x8a     3a  call $callee                              ; exception: 0x64
;;     0x90     3f  xor rax, rax
;;     0x91     42  mov rbx, [rsp+0x10]
;;     0x91     47  mov r12, [rsp+0x18]
;;     0x91     4c  mov r13, [rsp+0x20]
;;     0x91     51  mov r14, [rsp+0x28]
;;     0x91     56  mov r15, [rsp+0x30]
;;     0x91     5b  add rsp, 0x40
;;     0x91     5f  mov rsp, rbp
;;     0x91     62  pop rbp
;;     0x91     63  ret
;;              64  mov rdi, [rsp]
;;     0x8d     68  mov rax, [rdi+0x50]
;;     0x8d     6c  mov rax, [rax+0x110]
;;     0x8d     73  mov r15, rax
;;     0x8d     76  mov rax, [rdi+0x50]
;;     0x8d     7a  mov rax, [rax+0x98]
;;     0x8d     81  mov rax, [rax+0x20]
;;     0x8d     85  mov esi, 1
;;     0x8d     8a  call rax                                  ; builtin caught
;;     0x8d     8c  mov rax, r15
;;     0x8d     8f  jmp 0x42
;;              94  ud2                                       ; trap: call stack exhausted

;; dump-jit --tier llvm --only code --bounds guard
;; func 1 $callee (i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           pushq %rbx
;;           pushq %rax
;;     0x49  movq 80(%rdi), %rax
;;     0x49  cmpq 48(%rax), %rsp
;;     0x49  jb .LBB0_3
;;     0x4b  testl %esi, %esi
;;     0x4c  je .LBB0_2
;;     0x55  movl %esi, %eax
;;     0x55  addq $8, %rsp
;;     0x55  popq %rbx
;;     0x55  popq %rbp
;;     0x55  retq
;;           .LBB0_3:
;;     0x49  ud1l 10(%eax), %eax
;;           .LBB0_2:
;;     0x50  movq 8(%rax), %rdx
;;     0x50  movq 152(%rax), %rbx
;;     0x50  movq $1, (%rdx)
;;     0x50  xorl %esi, %esi
;;     0x50  callq *16(%rbx)
;;     0x50  movl %eax, %edi
;;     0x50  callq *(%rbx)
;;
;; func 2 $caller (i32, f64) -> (f64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           pushq %r15
;;           pushq %r14
;;           pushq %r13
;;           pushq %r12
;;           pushq %rbx
;;           subq $40, %rsp
;;           movsd %xmm0, -72(%rbp)
;;     0x58  movq 80(%rdi), %rax
;;     0x58  movq %rax, -48(%rbp)
;;     0x58  cmpq 48(%rax), %rsp
;;     0x58  jb .LBB0_1
;;           movq %rdi, -64(%rbp)
;;           movl %esi, -56(%rbp)
;;     0x6c  callq *entries(%rip)
;;     0x6c  movl %eax, -52(%rbp)
;;           movq -64(%rbp), %rdx
;;     0x70  movq 40(%rdx), %rax
;;     0x70  movq (%rax), %rax
;;     0x70  movq -48(%rbp), %rcx
;;     0x70  movq %rdx, 240(%rcx)
;;     0x70  movq 40(%rax), %rdi
;;     0x70  movl -56(%rbp), %esi
;;     0x70  callq *32(%rax)
;;           movl -52(%rbp), %ecx
;;     0x72  addl %eax, %ecx
;;     0x73  xorps %xmm0, %xmm0
;;     0x73  cvtsi2sd %ecx, %xmm0
;;     0x74  addsd -72(%rbp), %xmm0
;;           .LBB0_4:
;;           addq $40, %rsp
;;           popq %rbx
;;           popq %r12
;;           popq %r13
;;           popq %r14
;;           popq %r15
;;           popq %rbp
;;           retq
;;           .LBB0_1:
;;     0x58  ud1l 10(%eax), %eax
;;           .LBB0_5:
;;           movq -48(%rbp), %rax
;;     0x76  movq 272(%rax), %rax
;;     0x76  movq -64(%rbp), %rcx
;;     0x76  movq %rcx, %rdi
;;     0x76  movq 64(%rcx), %rcx
;;     0x76  movq (%rax), %rdx
;;     0x76  cmpq (%rcx), %rdx
;;     0x76  je .LBB0_2
;;     0x77  cmpq 8(%rcx), %rdx
;;     0x77  jne .LBB0_8
;;     0x77  movq 8(%rax), %rax
;;     0x77  movl (%rax), %ebx
;;     0x77  movq -48(%rbp), %rax
;;     0x77  movq 152(%rax), %rax
;;     0x77  xorl %esi, %esi
;;     0x77  callq *32(%rax)
;;     0x7c  jmp .LBB0_3
;;           .LBB0_2:
;;     0x76  movq 8(%rax), %rax
;;     0x76  movl (%rax), %ebx
;;     0x76  movq -48(%rbp), %rax
;;     0x76  movq 152(%rax), %rax
;;     0x76  xorl %esi, %esi
;;     0x76  callq *32(%rax)
;;           .LBB0_3:
;;     0x7d  xorps %xmm0, %xmm0
;;     0x7d  cvtsi2sd %ebx, %xmm0
;;     0x7d  jmp .LBB0_4
;;           .LBB0_8:
;;           movq -48(%rbp), %rax
;;     0x77  movq 152(%rax), %rax
;;     0x77  callq *8(%rax)
;;
;; func 3 $all (i32) -> (exnref)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           pushq %r15
;;           pushq %r14
;;           pushq %r13
;;           pushq %r12
;;           pushq %rbx
;;           subq $24, %rsp
;;     0x81  movq 80(%rdi), %rax
;;     0x81  movq %rax, -56(%rbp)
;;     0x81  cmpq 48(%rax), %rsp
;;     0x81  jb .LBB0_1
;;           movq %rdi, -48(%rbp)
;;     0x8a  callq *entries(%rip)
;;           xorl %eax, %eax
;;           .LBB0_3:
;;     0x91  addq $24, %rsp
;;     0x91  popq %rbx
;;     0x91  popq %r12
;;     0x91  popq %r13
;;     0x91  popq %r14
;;     0x91  popq %r15
;;     0x91  popq %rbp
;;     0x91  retq
;;           .LBB0_1:
;;     0x81  ud1l 10(%eax), %eax
;;           .LBB0_2:
;;           movq -56(%rbp), %rcx
;;     0x8d  movq 152(%rcx), %rax
;;     0x8d  movq 272(%rcx), %rbx
;;     0x8d  movl $1, %esi
;;     0x8d  movq -48(%rbp), %rdi
;;     0x8d  callq *32(%rax)
;;     0x8d  movq %rbx, %rax
;;     0x8d  jmp .LBB0_3

;; dump-jit --only tier-ir --bounds guard
;; func 1 $callee (i32) -> (i32)
;;
;; CLIF
;;           function u0:1(i64 vmctx, i32) -> i32 tail {
;;               gv0 = vmctx
;;               gv1 = load.i64 notrap aligned readonly gv0+80
;;               gv2 = load.i64 notrap aligned readonly gv1+48
;;               sig0 = (i64, i64, i64) -> i32 system_v
;;               sig1 = (i32) system_v
;;               stack_limit = gv2
;;           block0(v0: i64, v1: i32):
;;     0x4b      v2 = iconst.i32 0
;;     0x4b      v3 = icmp eq v1, v2  ; v2 = 0
;;     0x4b      v4 = uextend.i32 v3
;;     0x4c      brif v4, block2, block1
;;           block2:
;;     0x50      v5 = load.i64 notrap aligned readonly can_move v0+80
;;     0x50      v6 = load.i64 notrap aligned v5+8
;;     0x50      v7 = iconst.i32 1
;;     0x50      v8 = uextend.i64 v7  ; v7 = 1
;;     0x50      store notrap aligned v8, v6
;;     0x50      v9 = iconst.i64 0
;;     0x50      v10 = load.i64 notrap aligned v0+80
;;     0x50      v11 = load.i64 notrap aligned v10+152
;;     0x50      v12 = load.i64 notrap aligned v11+16
;;     0x50      v13 = call_indirect sig0, v12(v0, v9, v6)  ; v9 = 0, builtin throw
;;     0x50      v14 = load.i64 notrap aligned v0+80
;;     0x50      v15 = load.i64 notrap aligned v14+152
;;     0x50      v16 = load.i64 notrap aligned v15
;;     0x50      call_indirect sig1, v16(v13)  ; builtin raise
;;     0x50      trap user1  ; unreachable
;;           block1:
;;     0x55      return v1
;;           }
;;
;; func 2 $caller (i32, f64) -> (f64)
;;
;; CLIF
;;           function u0:2(i64 vmctx, i32, f64) -> f64 tail {
;;               gv0 = vmctx
;;               gv1 = load.i64 notrap aligned readonly gv0+80
;;               gv2 = load.i64 notrap aligned readonly gv1+48
;;               sig0 = (i64 vmctx, i32) -> i32 tail
;;               sig1 = (i64, i64) system_v
;;               sig2 = () system_v
;;               fn0 = colocated u0:0 sig0  ; $callee
;;               stack_limit = gv2
;;           block0(v0: i64, v1: i32, v2: f64):
;;     0x6c      try_call fn0(v0, v1), sig0, block2(ret0), [ default: block1 ]  ; $callee
;;           block2(v3: i32):
;;     0x70      v4 = load.i64 notrap aligned readonly can_move v0+40
;;     0x70      v5 = load.i64 notrap aligned readonly can_move v4
;;     0x70      v6 = load.i64 notrap aligned readonly can_move v0+80
;;     0x70      store.i64 notrap aligned v0, v6+240
;;     0x70      v7 = load.i64 notrap aligned v5+32
;;     0x70      v8 = load.i64 notrap aligned v5+40
;;     0x70      try_call_indirect v7(v8, v1), sig0, block3(ret0), [ default: block1 ]  ; $get
;;           block3(v9: i32):
;;     0x72      v10 = iadd.i32 v3, v9
;;     0x73      v11 = fcvt_from_sint.f64 v10
;;     0x74      v12 = fadd.f64 v2, v11
;;     0x75      return v12
;;           block1 cold:
;;     0x76      v13 = load.i64 notrap aligned readonly can_move v0+80
;;     0x76      v14 = load.i64 notrap aligned v13+272
;;     0x76      v15 = load.i64 notrap aligned readonly can_move v0+64
;;     0x76      v16 = load.i64 notrap aligned readonly can_move v15
;;     0x76      v17 = load.i64 notrap aligned v14
;;     0x76      v18 = icmp eq v17, v16
;;     0x76      brif v18, block4, block5
;;           block4:
;;     0x76      v19 = load.i64 notrap aligned readonly can_move v0+80
;;     0x76      v20 = load.i64 notrap aligned v19+272
;;     0x76      v21 = load.i64 notrap aligned v20+8
;;     0x76      v22 = load.i32 notrap aligned v21
;;     0x76      v23 = iconst.i64 0
;;     0x76      v24 = load.i64 notrap aligned v0+80
;;     0x76      v25 = load.i64 notrap aligned v24+152
;;     0x76      v26 = load.i64 notrap aligned v25+32
;;     0x76      call_indirect sig1, v26(v0, v23)  ; v23 = 0, builtin caught
;;     0x76      jump block6(v22)
;;           block5 cold:
;;     0x76      jump block7
;;           block7 cold:
;;     0x77      v27 = load.i64 notrap aligned readonly can_move v0+80
;;     0x77      v28 = load.i64 notrap aligned v27+272
;;     0x77      v29 = load.i64 notrap aligned readonly can_move v0+64
;;     0x77      v30 = load.i64 notrap aligned readonly can_move v29+8
;;     0x77      v31 = load.i64 notrap aligned v28
;;     0x77      v32 = icmp eq v31, v30
;;     0x77      brif v32, block8, block9
;;           block8:
;;     0x77      v33 = load.i64 notrap aligned readonly can_move v0+80
;;     0x77      v34 = load.i64 notrap aligned v33+272
;;     0x77      v35 = load.i64 notrap aligned v34+8
;;     0x77      v36 = load.i64 notrap aligned v35
;;     0x77      v37 = load.f64 notrap aligned v35+8
;;     0x77      v38 = iconst.i64 0
;;     0x77      v39 = load.i64 notrap aligned v0+80
;;     0x77      v40 = load.i64 notrap aligned v39+152
;;     0x77      v41 = load.i64 notrap aligned v40+32
;;     0x77      call_indirect sig1, v41(v0, v38)  ; v38 = 0, builtin caught
;;     0x77      jump block10
;;           block9 cold:
;;     0x77      v42 = load.i64 notrap aligned v0+80
;;     0x77      v43 = load.i64 notrap aligned v42+152
;;     0x77      v44 = load.i64 notrap aligned v43+8
;;     0x77      call_indirect sig2, v44()  ; builtin pass_on
;;     0x77      trap user1  ; unreachable
;;           block10:
;;     0x7b      v45 = ireduce.i32 v36
;;     0x7c      jump block6(v45)
;;           block6(v46: i32):
;;     0x7d      v47 = fcvt_from_sint.f64 v46
;;     0x7e      return v47
;;           }
;;
;; func 3 $all (i32) -> (exnref)
;;
;; CLIF
;;           function u0:3(i64 vmctx, i32) -> i64 tail {
;;               gv0 = vmctx
;;               gv1 = load.i64 notrap aligned readonly gv0+80
;;               gv2 = load.i64 notrap aligned readonly gv1+48
;;               sig0 = (i64 vmctx, i32) -> i32 tail
;;               sig1 = (i64, i64) system_v
;;               fn0 = colocated u0:0 sig0  ; $callee
;;               stack_limit = gv2
;;           block0(v0: i64, v1: i32):
;;     0x8a      try_call fn0(v0, v1), sig0, block2(ret0), [ default: block1 ]  ; $callee
;;           block2(v2: i32):
;;     0x8d      jump block3
;;           block1 cold:
;;     0x8d      v3 = load.i64 notrap aligned readonly can_move v0+80
;;     0x8d      v4 = load.i64 notrap aligned v3+272
;;     0x8d      v5 = iconst.i64 1
;;     0x8d      v6 = load.i64 notrap aligned v0+80
;;     0x8d      v7 = load.i64 notrap aligned v6+152
;;     0x8d      v8 = load.i64 notrap aligned v7+32
;;     0x8d      call_indirect sig1, v8(v0, v5)  ; v5 = 1, builtin caught
;;     0x8d      jump block4(v4)
;;           block3:
;;     0x90      v9 = iconst.i64 0
;;     0x90      jump block4(v9)  ; v9 = 0
;;           block4(v10: i64):
;;     0x91      return v10
;;           }
