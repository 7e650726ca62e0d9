;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; dump-jit --only tier-ir-optimized --bounds guard
;; Computed once.
(module
  (func $f (param i32 i32) (result i32) (i32.mul (i32.add (local.get 0) (local.get 1)) (i32.add (local.get 0) (local.get 1)))))

;; dump-jit --only code --bounds guard
;; func 0 $f (i32, i32) -> (i32)
;;
;; machine code, 15 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x1e      4  lea eax, [rsi+rdx]
;;     0x24      7  imul eax, eax
;;     0x25      a  mov rsp, rbp
;;     0x25      d  pop rbp
;;     0x25      e  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $f (i32, i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movl %esi, %eax
;;     0x1e  addl %edx, %eax
;;     0x24  imull %eax, %eax
;;     0x25  popq %rbp
;;     0x25  retq

;; dump-jit --only tier-ir-optimized --bounds guard
;; func 0 $f (i32, i32) -> (i32)
;;
;; CLIF, optimised
;;           function u0:0(i64 vmctx, i32, i32) -> i32 tail {
;;               gv0 = vmctx
;;               gv1 = load.i64 notrap aligned readonly gv0+80
;;               gv2 = load.i64 notrap aligned readonly gv1+48
;;               stack_limit = gv2
;;           block0(v0: i64, v1: i32, v2: i32):
;;     0x1e      v3 = iadd v1, v2
;;     0x24      v5 = imul v3, v3
;;     0x25      return v5
;;           }
