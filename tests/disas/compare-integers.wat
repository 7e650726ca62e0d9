;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; Comparisons as values.
(module
  (func $lt (param i32 i32) (result i32) (i32.lt_s (local.get 0) (local.get 1)))
  (func $ge (param i64 i64) (result i32) (i64.ge_u (local.get 0) (local.get 1)))
  (func $eqz (param i64) (result i32) (i64.eqz (local.get 0))))

;; dump-jit --only code --bounds guard
;; func 0 $lt (i32, i32) -> (i32)
;;
;; machine code, 19 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x2b      4  cmp esi, edx
;;     0x2b      6  setl sil
;;     0x2b      a  movzx eax, sil
;;     0x2c      e  mov rsp, rbp
;;     0x2c     11  pop rbp
;;     0x2c     12  ret
;;
;; func 1 $ge (i64, i64) -> (i32)
;;
;; machine code, 20 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x33      4  cmp rsi, rdx
;;     0x33      7  setae sil
;;     0x33      b  movzx eax, sil
;;     0x34      f  mov rsp, rbp
;;     0x34     12  pop rbp
;;     0x34     13  ret
;;
;; func 2 $eqz (i64) -> (i32)
;;
;; machine code, 20 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x39      4  test rsi, rsi
;;     0x39      7  sete sil
;;     0x39      b  movzx eax, sil
;;     0x3a      f  mov rsp, rbp
;;     0x3a     12  pop rbp
;;     0x3a     13  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $lt (i32, i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x2b  cmpl %edx, %esi
;;     0x2b  setl %al
;;     0x2b  andb $1, %al
;;     0x2b  movzbl %al, %eax
;;     0x2c  popq %rbp
;;     0x2c  retq
;;
;; func 1 $ge (i64, i64) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x33  cmpq %rdx, %rsi
;;     0x33  setae %al
;;     0x33  andb $1, %al
;;     0x33  movzbl %al, %eax
;;     0x34  popq %rbp
;;     0x34  retq
;;
;; func 2 $eqz (i64) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x39  cmpq $0, %rsi
;;     0x39  sete %al
;;     0x39  andb $1, %al
;;     0x39  movzbl %al, %eax
;;     0x3a  popq %rbp
;;     0x3a  retq
