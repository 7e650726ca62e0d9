;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; dump-jit --only tier-ir --bounds guard
;; A call within the module; arguments and result in registers.
(module
  (func $callee (param i32 i64 f64) (result i64) (i64.add (local.get 1) (i64.extend_i32_u (local.get 0))))
  (func $caller (param i32) (result i64) (call $callee (local.get 0) (i64.const 2) (f64.const 3))))

;; dump-jit --only code --bounds guard
;; func 0 $callee (i32, i64, f64) -> (i64)
;;
;; machine code, 15 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x25      4  mov esi, esi
;;     0x26      6  lea rax, [rdx+rsi]
;;     0x27      a  mov rsp, rbp
;;     0x27      d  pop rbp
;;     0x27      e  ret
;;
;; func 1 $caller (i32) -> (i64)
;;
;; machine code, 57 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r10, [rdi+0x50]
;;               8  mov r10, [r10+0x30]
;;               c  add r10, 0x10
;;              10  cmp r10, rsp
;;              13  ja 0x37
;;     0x37     19  mov edx, 2
;;     0x37     1e  mov r8, 0x4008000000000000
;;     0x37     28  movq xmm0, r8
;;     0x37     2d  call $callee
;;     0x39     32  mov rsp, rbp
;;     0x39     35  pop rbp
;;     0x39     36  ret
;;              37  ud2                                       ; trap: call stack exhausted

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $callee (i32, i64, f64) -> (i64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x25  movl %esi, %eax
;;     0x26  addq %rdx, %rax
;;     0x27  popq %rbp
;;     0x27  retq
;;
;; func 1 $caller (i32) -> (i64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x2a  movq 80(%rdi), %rax
;;     0x2a  cmpq 48(%rax), %rsp
;;     0x2a  jb .LBB0_1
;;           movsd .LCPI0_0(%rip), %xmm0
;;     0x37  movl $2, %edx
;;     0x37  callq *entries(%rip)
;;     0x39  popq %rbp
;;     0x39  retq
;;           .LBB0_1:
;;     0x2a  ud1l 10(%eax), %eax

;; dump-jit --only tier-ir --bounds guard
;; func 0 $callee (i32, i64, f64) -> (i64)
;;
;; CLIF
;;           function u0:0(i64 vmctx, i32, i64, f64) -> i64 tail {
;;               gv0 = vmctx
;;               gv1 = load.i64 notrap aligned readonly gv0+80
;;               gv2 = load.i64 notrap aligned readonly gv1+48
;;               stack_limit = gv2
;;           block0(v0: i64, v1: i32, v2: i64, v3: f64):
;;     0x25      v4 = uextend.i64 v1
;;     0x26      v5 = iadd v2, v4
;;     0x27      return v5
;;           }
;;
;; func 1 $caller (i32) -> (i64)
;;
;; CLIF
;;           function u0:1(i64 vmctx, i32) -> i64 tail {
;;               gv0 = vmctx
;;               gv1 = load.i64 notrap aligned readonly gv0+80
;;               gv2 = load.i64 notrap aligned readonly gv1+48
;;               sig0 = (i64 vmctx, i32, i64, f64) -> i64 tail
;;               fn0 = colocated u0:0 sig0  ; $callee
;;               stack_limit = gv2
;;           block0(v0: i64, v1: i32):
;;     0x37      v2 = iconst.i64 2
;;     0x37      v3 = f64const 0x1.8000000000000p1
;;     0x37      v4 = call fn0(v0, v1, v2, v3)  ; v2 = 2, v3 = 0x1.8000000000000p1, $callee
;;     0x39      return v4
;;           }
