(module
  (import "global" "hello" (func $hello))
  (func (export "run") (call $hello)))
