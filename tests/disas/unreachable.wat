;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; A trap is an instruction that faults; nothing follows it.
(module
  (func $always unreachable)
  (func $sometimes (param i32) (result i32) (if (local.get 0) (then unreachable)) (i32.const 1)))

;; dump-jit --only code --bounds guard
;; func 0 $always () -> ()
;;
;; machine code, 6 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x1d      4  ud2                                       ; trap: unreachable
;;
;; func 1 $sometimes (i32) -> (i32)
;;
;; machine code, 24 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x23      4  test esi, esi
;;     0x23      6  jne 0x16
;;     0x29      c  mov eax, 1
;;     0x29     11  mov rsp, rbp
;;     0x29     14  pop rbp
;;     0x29     15  ret
;;     0x25     16  ud2                                       ; trap: unreachable

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $always () -> ()
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x1d  ud1l 1(%eax), %eax
;;
;; func 1 $sometimes (i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x23  testl %esi, %esi
;;     0x23  jne .LBB0_2
;;     0x29  movl $1, %eax
;;     0x29  popq %rbp
;;     0x29  retq
;;           .LBB0_2:
;;     0x25  ud1l 1(%eax), %eax
