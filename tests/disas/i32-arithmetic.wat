;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; Operations of two operands in registers, and with constants.
(module
  (func $registers (param i32 i32) (result i32) (i32.xor (i32.add (local.get 0) (local.get 1)) (i32.mul (local.get 0) (local.get 1))))
  (func $constants (param i32) (result i32) (i32.sub (i32.and (local.get 0) (i32.const 255)) (i32.const 7))))

;; dump-jit --only code --bounds guard
;; func 0 $registers (i32, i32) -> (i32)
;;
;; machine code, 17 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x24      4  lea eax, [rsi+rdx]
;;     0x29      7  imul esi, edx
;;     0x2a      a  xor eax, esi
;;     0x2b      c  mov rsp, rbp
;;     0x2b      f  pop rbp
;;     0x2b     10  ret
;;
;; func 1 $constants (i32) -> (i32)
;;
;; machine code, 21 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x33      4  and esi, 0xff
;;     0x33      a  mov rax, rsi
;;     0x36      d  sub eax, 7
;;     0x37     10  mov rsp, rbp
;;     0x37     13  pop rbp
;;     0x37     14  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $registers (i32, i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x24  movl %esi, %eax
;;     0x24  addl %edx, %eax
;;     0x29  imull %edx, %esi
;;     0x2a  xorl %esi, %eax
;;     0x2b  popq %rbp
;;     0x2b  retq
;;
;; func 1 $constants (i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movl %esi, %eax
;;     0x33  andl $255, %eax
;;     0x36  addl $-7, %eax
;;     0x37  popq %rbp
;;     0x37  retq
