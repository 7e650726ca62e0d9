;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; Null is zero; a function is the address of what the instance has of it.
(module
  (elem declare func $null)
  (func $null (result externref) (ref.null extern))
  (func $is_null (param funcref) (result i32) (ref.is_null (local.get 0)))
  (func $func (result funcref) (ref.func $null)))

;; dump-jit --only code --bounds guard
;; func 0 $null () -> (externref)
;;
;; machine code, 12 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x2c      4  xor rax, rax
;;     0x2c      7  mov rsp, rbp
;;     0x2c      a  pop rbp
;;     0x2c      b  ret
;;
;; func 1 $is_null (funcref) -> (i32)
;;
;; machine code, 20 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x31      4  test rsi, rsi
;;     0x31      7  sete sil
;;     0x31      b  movzx eax, sil
;;     0x32      f  mov rsp, rbp
;;     0x32     12  pop rbp
;;     0x32     13  ret
;;
;; func 2 $func () -> (funcref)
;;
;; machine code, 16 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x35      4  mov rsi, [rdi+0x28]
;;     0x35      8  mov rax, [rsi]
;;     0x37      b  mov rsp, rbp
;;     0x37      e  pop rbp
;;     0x37      f  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $null () -> (externref)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x2c  xorl %eax, %eax
;;     0x2c  popq %rbp
;;     0x2c  retq
;;
;; func 1 $is_null (funcref) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x31  cmpq $0, %rsi
;;     0x31  sete %al
;;     0x31  andb $1, %al
;;     0x31  movzbl %al, %eax
;;     0x32  popq %rbp
;;     0x32  retq
;;
;; func 2 $func () -> (funcref)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x35  movq 40(%rdi), %rax
;;     0x35  movq (%rax), %rax
;;     0x37  popq %rbp
;;     0x37  retq
