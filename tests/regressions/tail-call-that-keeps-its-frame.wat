;; LLVM's code makes a call in tail position itself if it does not take everything in registers and other frames are left; its own frame
;; was then in the backtrace.
(module
  (type (;0;) (func (result f32 f32)))
  (export "f0" (func 0))
  (export "f1" (func 1))
  (func (;0;) (type 0) (result f32 f32)
    return_call 1
  )
  (func (;1;) (type 0) (result f32 f32)
    call 0
  )
)
