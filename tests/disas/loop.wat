;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; dump-jit --only tier-ir --bounds guard
;; dump-jit --tier llvm --only tier-ir-optimized --bounds guard
;; Locals stay in registers around a loop.
(module
  (func $sum (param $n i32) (result i32) (local $i i32) (local $sum i32)
    (loop $next
      (local.set $sum (i32.add (local.get $sum) (local.get $i)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $i) (local.get $n))))
    (local.get $sum)))

;; dump-jit --only code --bounds guard
;; func 0 $sum (i32) -> (i32)
;;
;; machine code, 37 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  xor eax, eax
;;               6  mov rdi, rax
;;               9  lea r8d, [rdi+1]
;;     0x21      d  add eax, edi
;;     0x30      f  cmp r8d, esi
;;     0x30     12  jae 0x20
;;              18  mov rdi, r8
;;              1b  jmp 9
;;     0x35     20  mov rsp, rbp
;;     0x35     23  pop rbp
;;     0x35     24  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $sum (i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           xorl %eax, %eax
;;           xorl %ecx, %ecx
;;           .LBB0_1:
;;     0x21  addl %ecx, %eax
;;     0x28  incl %ecx
;;     0x2f  cmpl %esi, %ecx
;;     0x30  jb .LBB0_1
;;     0x35  popq %rbp
;;     0x35  retq

;; dump-jit --only tier-ir --bounds guard
;; func 0 $sum (i32) -> (i32)
;;
;; CLIF
;;           function u0:0(i64 vmctx, i32) -> i32 tail {
;;               gv0 = vmctx
;;               gv1 = load.i64 notrap aligned readonly gv0+80
;;               gv2 = load.i64 notrap aligned readonly gv1+48
;;               stack_limit = gv2
;;           block0(v0: i64, v1: i32):
;;               v2 = iconst.i32 0
;;               v3 = iconst.i32 0
;;     0x1b      jump block1(v3, v2)  ; v3 = 0, v2 = 0
;;           block1(v4: i32, v5: i32):
;;     0x21      v6 = iadd v4, v5
;;     0x28      v7 = iconst.i32 1
;;     0x28      v8 = iadd v5, v7  ; v7 = 1
;;     0x2f      v10 = icmp ult v8, v1
;;     0x2f      v11 = uextend.i32 v10
;;     0x30      brif v11, block1(v6, v8), block2
;;           block2:
;;     0x35      return v6
;;           }

;; dump-jit --tier llvm --only tier-ir-optimized --bounds guard
;; func 0 $sum (i32) -> (i32)
;;
;; LLVM's IR, optimised
;;     0x1b    br label %3
;;           3:                                                ; preds = %3, %2
;;             %.04 = phi i32 [ 0, %2 ], [ %4, %3 ]
;;             %.0 = phi i32 [ 0, %2 ], [ %5, %3 ]
;;     0x21    %4 = add i32 %.04, %.0
;;     0x28    %5 = add i32 %.0, 1
;;     0x2f    %6 = icmp ult i32 %5, %1
;;     0x30    br i1 %6, label %3, label %7
;;           7:                                                ; preds = %3
;;     0x35    ret i32 %4
