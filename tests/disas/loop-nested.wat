;; dump-jit --only code --bounds guard
;; dump-jit --tier llvm --only code --bounds guard
;; An inner loop over memory.
(module
  (memory 1)
  (func $sum (param $p i32) (param $n i32) (result i32) (local $i i32) (local $sum i32)
    (loop $rows
      (local.set $i (i32.const 0))
      (loop $columns
        (local.set $sum (i32.add (local.get $sum) (i32.load (i32.add (local.get $p) (local.get $i)))))
        (br_if $columns (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (i32.const 64))))
      (local.set $p (i32.add (local.get $p) (i32.const 64)))
      (br_if $rows (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
    (local.get $sum)))

;; dump-jit --only code --bounds guard
;; func 0 $sum (i32, i32) -> (i32)
;;
;; machine code, 61 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;               4  xor eax, eax
;;               6  mov rcx, [rdi+8]
;;               a  xor r11d, r11d
;;     0x2f      d  lea edi, [rsi+r11]
;;     0x30     11  mov edi, [rcx+rdi]                        ; trap: out of bounds memory access
;;              14  add r11d, 4
;;     0x33     1b  add eax, edi
;;     0x41     1d  cmp r11d, 0x40
;;     0x41     21  jb 0xd
;;              27  sub edx, 1
;;              2a  add esi, 0x40
;;     0x53     30  test edx, edx
;;     0x53     32  jne 0xa
;;     0x58     38  mov rsp, rbp
;;     0x58     3b  pop rbp
;;     0x58     3c  ret

;; dump-jit --tier llvm --only code --bounds guard
;; func 0 $sum (i32, i32) -> (i32)
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movq 8(%rdi), %rcx
;;           xorl %eax, %eax
;;           .LBB0_1:
;;           xorl %edi, %edi
;;           .LBB0_2:
;;     0x2f  leal (%rsi,%rdi), %r8d
;;     0x30  movl (%rcx,%r8), %r8d
;;     0x33  addl %r8d, %eax
;;     0x3a  addl $4, %edi
;;     0x40  cmpl $64, %edi
;;     0x41  jb .LBB0_2
;;     0x49  addl $64, %esi
;;     0x53  decl %edx
;;     0x53  jne .LBB0_1
;;     0x58  popq %rbp
;;     0x58  retq
