;; dump-jit --only code --bounds guard --fast-jit-opt none --fast-jit-regalloc single-pass
;; dump-jit --only code --bounds guard
;; What compiles fastest: no optimiser, registers in one pass.
(module
  (func $f (param i32 i32) (result i32) (i32.mul (i32.add (local.get 0) (local.get 1)) (i32.add (local.get 0) (local.get 1)))))

;; dump-jit --only code --bounds guard --fast-jit-opt none --fast-jit-regalloc single-pass
;; func 0 $f (i32, i32) -> (i32)
;;
;; machine code, 88 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r10, [rdi+0x50]
;;               8  mov r10, [r10+0x30]
;;               c  add r10, 0x50
;;              10  cmp r10, rsp
;;              13  ja 0x56
;;              19  sub rsp, 0x50
;;              1d  mov [rsp+0x30], r13
;;              22  mov [rsp+0x38], r14
;;              27  mov [rsp+0x40], r15
;;              2c  mov r13, rdx
;;              2f  mov r14, rsi
;;     0x1e     32  lea eax, [r14+r13]
;;     0x23     36  lea r15d, [r14+r13]
;;     0x24     3a  imul eax, r15d
;;     0x25     3e  mov r13, [rsp+0x30]
;;     0x25     43  mov r14, [rsp+0x38]
;;     0x25     48  mov r15, [rsp+0x40]
;;     0x25     4d  add rsp, 0x50
;;     0x25     51  mov rsp, rbp
;;     0x25     54  pop rbp
;;     0x25     55  ret
;;              56  ud2                                       ; trap: call stack exhausted

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
