;; dump-jit --only code --bounds guard
;; dump-jit --only code --bounds guard --wasm branch-hinting=n
;; dump-jit --tier llvm --only tier-ir --only code --bounds guard
;; Hints: what is rarely reached is behind everything else.
(module
  (memory 1)
  ;; The end of the inner block is reached by unlikely branches only.
  (func $check (param i32) (result i32)
    (block $right
      (block $wrong
        (@metadata.code.branch_hint "\00")
        (br_if $wrong (i32.eqz (local.get 0)))
        (@metadata.code.branch_hint "\00")
        (br_if $wrong (i32.gt_s (local.get 0) (i32.const 100)))
        (br $right))
      (i32.store (local.get 0) (i32.const 7)))
    (i32.load (local.get 0)))
  ;; The first arm is unlikely.
  (func $arms (param i32) (result i32)
    (@metadata.code.branch_hint "\00")
    (if (result i32) (local.get 0)
      (then (i32.store (i32.const 0) (local.get 0)) (i32.const 1))
      (else (i32.load (i32.const 4))))))

;; dump-jit --only code --bounds guard
;; func 0 $check (i32) -> (i32)
;;
;; machine code, 53 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x50      4  test esi, esi
;;     0x50      6  je 0x23
;;     0x58      c  cmp esi, 0x64
;;     0x58      f  jg 0x23
;;              15  mov rax, [rdi+8]
;;              19  mov ecx, esi
;;     0x67     1b  mov eax, [rax+rcx]                        ; trap: out of bounds memory access
;;     0x6a     1e  mov rsp, rbp
;;     0x6a     21  pop rbp
;;     0x6a     22  ret
;;              23  mov rax, [rdi+8]
;;     0x61     27  mov ecx, esi
;;     0x61     29  mov dword ptr [rax+rcx], 7                ; trap: out of bounds memory access
;;     0x64     30  jmp 0x15
;;
;; func 1 $arms (i32) -> (i32)
;;
;; machine code, 42 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x6f      4  test esi, esi
;;     0x6f      6  jne 0x19
;;               c  mov r9, [rdi+8]
;;     0x7d     10  mov eax, [r9+4]                           ; trap: out of bounds memory access
;;     0x81     14  mov rsp, rbp
;;     0x81     17  pop rbp
;;     0x81     18  ret
;;              19  mov r10, [rdi+8]
;;     0x75     1d  mov [r10], esi                            ; trap: out of bounds memory access
;;     0x7a     20  mov eax, 1
;;     0x7a     25  jmp 0x14

;; dump-jit --only code --bounds guard --wasm branch-hinting=n
;; func 0 $check (i32) -> (i32)
;;
;; machine code, 48 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x50      4  test esi, esi
;;     0x50      6  je 0x15
;;     0x58      c  cmp esi, 0x64
;;     0x58      f  jle 0x22
;;              15  mov rax, [rdi+8]
;;     0x61     19  mov ecx, esi
;;     0x61     1b  mov dword ptr [rax+rcx], 7                ; trap: out of bounds memory access
;;              22  mov rax, [rdi+8]
;;              26  mov ecx, esi
;;     0x67     28  mov eax, [rax+rcx]                        ; trap: out of bounds memory access
;;     0x6a     2b  mov rsp, rbp
;;     0x6a     2e  pop rbp
;;     0x6a     2f  ret
;;
;; func 1 $arms (i32) -> (i32)
;;
;; machine code, 42 bytes
;;               0  push rbp
;;               1  mov rbp, rsp
;;     0x6f      4  test esi, esi
;;     0x6f      6  jne 0x19
;;               c  mov r9, [rdi+8]
;;     0x7d     10  mov eax, [r9+4]                           ; trap: out of bounds memory access
;;     0x80     14  jmp 0x25
;;              19  mov r10, [rdi+8]
;;     0x75     1d  mov [r10], esi                            ; trap: out of bounds memory access
;;     0x7a     20  mov eax, 1
;;     0x81     25  mov rsp, rbp
;;     0x81     28  pop rbp
;;     0x81     29  ret

;; dump-jit --tier llvm --only tier-ir --only code --bounds guard
;; func 0 $check (i32) -> (i32)
;;
;; LLVM's IR
;;             %3 = alloca i32, align 4
;;             %4 = alloca i32, align 4
;;             %5 = getelementptr i8, ptr %0, i64 8
;;             %6 = load ptr, ptr %5, align 8, !tbaa !7, !invariant.load !10
;;             br label %7
;;           7:                                                ; preds = %2
;;             store i32 %1, ptr %3, align 4
;;     0x49    br label %8
;;           8:                                                ; preds = %7
;;     0x4f    %9 = load i32, ptr %3, align 4
;;     0x4f    %10 = icmp eq i32 %9, 0
;;     0x4f    %11 = zext i1 %10 to i32
;;     0x4f    store i32 %11, ptr %4, align 4
;;     0x50    %12 = icmp ne i32 %11, 0
;;     0x50    br i1 %12, label %13, label %17, !prof !14
;;           13:                                               ; preds = %17, %8
;;     0x61    %14 = load i32, ptr %3, align 4
;;     0x61    %15 = zext i32 %14 to i64
;;     0x61    %16 = getelementptr i8, ptr %6, i64 %15
;;     0x61    store volatile i32 7, ptr %16, align 1, !tbaa !16
;;     0x64    br label %23
;;           17:                                               ; preds = %8
;;     0x57    %18 = load i32, ptr %3, align 4
;;     0x57    %19 = icmp sgt i32 %18, 100
;;     0x57    %20 = zext i1 %19 to i32
;;     0x57    store i32 %20, ptr %4, align 4
;;     0x58    %21 = icmp ne i32 %20, 0
;;     0x58    br i1 %21, label %13, label %22, !prof !14
;;           22:                                               ; preds = %17
;;     0x5a    br label %23
;;           23:                                               ; preds = %13, %22
;;     0x67    %24 = load i32, ptr %3, align 4
;;     0x67    %25 = zext i32 %24 to i64
;;     0x67    %26 = getelementptr i8, ptr %6, i64 %25
;;     0x67    %27 = load volatile i32, ptr %26, align 1, !tbaa !16
;;     0x67    call void asm sideeffect "", "r"(i32 %27) #1
;;     0x67    store i32 %27, ptr %4, align 4
;;     0x6a    ret i32 %27
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movq 8(%rdi), %rax
;;           movl %esi, %ecx
;;     0x4f  testl %esi, %esi
;;     0x50  je .LBB0_2
;;     0x50  cmpl $101, %esi
;;     0x50  jge .LBB0_2
;;           .LBB0_3:
;;     0x67  movl (%rax,%rcx), %eax
;;     0x6a  popq %rbp
;;     0x6a  retq
;;           .LBB0_2:
;;     0x61  movl $7, (%rax,%rcx)
;;     0x61  jmp .LBB0_3
;;
;; func 1 $arms (i32) -> (i32)
;;
;; LLVM's IR
;;             %3 = alloca i32, align 4
;;             %4 = getelementptr i8, ptr %0, i64 8
;;             %5 = load ptr, ptr %4, align 8, !tbaa !7, !invariant.load !10
;;             %6 = alloca i32, align 4
;;             br label %7
;;           7:                                                ; preds = %2
;;             store i32 %1, ptr %3, align 4
;;     0x6d    br label %8
;;           8:                                                ; preds = %7
;;     0x6f    %9 = load i32, ptr %3, align 4
;;     0x6f    %10 = icmp ne i32 %9, 0
;;     0x6f    br i1 %10, label %14, label %11, !prof !13
;;           11:                                               ; preds = %8
;;     0x7d    %12 = getelementptr i8, ptr %5, i64 4
;;     0x7d    %13 = load volatile i32, ptr %12, align 1, !tbaa !15
;;     0x7d    call void asm sideeffect "", "r"(i32 %13) #1
;;     0x7d    store i32 %13, ptr %6, align 4
;;     0x80    br label %17
;;           14:                                               ; preds = %8
;;     0x75    %15 = load i32, ptr %3, align 4
;;     0x75    %16 = getelementptr i8, ptr %5, i64 0
;;     0x75    store volatile i32 %15, ptr %16, align 1, !tbaa !15
;;     0x7a    store i32 1, ptr %6, align 4
;;     0x7a    br label %17
;;           17:                                               ; preds = %11, %14
;;     0x81    %18 = load i32, ptr %6, align 4
;;     0x81    ret i32 %18
;;
;; assembly
;;           pushq %rbp
;;           movq %rsp, %rbp
;;           movq 8(%rdi), %rax
;;     0x6f  testl %esi, %esi
;;     0x6f  jne .LBB0_2
;;     0x7d  movl 4(%rax), %eax
;;     0x81  popq %rbp
;;     0x81  retq
;;           .LBB0_2:
;;     0x75  movl %esi, (%rax)
;;     0x75  movl $1, %eax
;;     0x81  popq %rbp
;;     0x81  retq
