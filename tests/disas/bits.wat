;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; Counts of bits, without the instructions for them.
(module
  (func $clz (param i32) (result i32) (i32.clz (local.get 0)))
  (func $ctz (param i64) (result i64) (i64.ctz (local.get 0)))
  (func $popcnt (param i32) (result i32) (i32.popcnt (local.get 0))))

;; dump-jit --only code --bounds guard
;; func 0 $clz (i32) -> (i32)
;;
;; machine code, 29 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x22      4  mov rdx, 0xffffffffffffffff
;;     0x22      b  bsr esi, esi
;;     0x22      e  cmove esi, edx
;;     0x22     11  mov eax, 0x1f
;;     0x22     16  sub eax, esi
;;     0x23     18  mov rsp, rbp
;;     0x23     1b  pop rbp
;;     0x23     1c  ret
;;
;; func 1 $ctz (i64) -> (i64)
;;
;; machine code, 22 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x28      4  mov edx, 0x40
;;     0x28      9  bsf rax, rsi
;;     0x28      d  cmove rax, rdx
;;     0x29     11  mov rsp, rbp
;;     0x29     14  pop rbp
;;     0x29     15  ret
;;
;; func 2 $popcnt (i32) -> (i32)
;;
;; machine code, 69 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  mov r10, rsi
;;     0x2e      7  shr r10d, 1
;;     0x2e      b  mov edi, 0x77777777
;;     0x2e     10  and r10d, edi
;;     0x2e     13  sub esi, r10d
;;     0x2e     16  shr r10d, 1
;;     0x2e     1a  and r10d, edi
;;     0x2e     1d  sub esi, r10d
;;     0x2e     20  shr r10d, 1
;;     0x2e     24  and r10d, edi
;;     0x2e     27  sub esi, r10d
;;     0x2e     2a  mov rax, rsi
;;     0x2e     2d  shr eax, 4
;;     0x2e     30  add eax, esi
;;     0x2e     32  and eax, 0xf0f0f0f
;;     0x2e     37  imul eax, 0x1010101
;;     0x2e     3d  shr eax, 0x18
;;     0x2f     40  mov rsp, rbp
;;     0x2f     43  pop rbp
;;     0x2f     44  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $clz (i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x22  bsrl %esi, %eax
;;     0x22  movl $63, %ecx
;;     0x22  cmovel %ecx, %eax
;;     0x22  xorl $31, %eax
;;     0x23  popq %rbp
;;     0x23  retq
;;
;; func 1 $ctz (i64) -> (i64)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;     0x28  bsfq %rsi, %rax
;;     0x28  movl $64, %ecx
;;     0x28  cmoveq %rcx, %rax
;;     0x29  popq %rbp
;;     0x29  retq
;;
;; func 2 $popcnt (i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movl %esi, %ecx
;;     0x2e  movl %ecx, %eax
;;     0x2e  shrl %eax
;;     0x2e  andl $1431655765, %eax
;;     0x2e  subl %eax, %ecx
;;     0x2e  movl %ecx, %eax
;;     0x2e  andl $858993459, %eax
;;     0x2e  shrl $2, %ecx
;;     0x2e  andl $858993459, %ecx
;;     0x2e  addl %ecx, %eax
;;     0x2e  movl %eax, %ecx
;;     0x2e  shrl $4, %ecx
;;     0x2e  addl %ecx, %eax
;;     0x2e  andl $252645135, %eax
;;     0x2e  imull $16843009, %eax, %eax
;;     0x2e  shrl $24, %eax
;;     0x2f  popq %rbp
;;     0x2f  retq
