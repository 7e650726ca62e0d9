;; A physics engine: a heap of boxes and balls that falls onto a floor. Positions go to JavaScript's array, number by number.
(import "library" "memory" (memory 1))
(import "library" "rawvector_new" (func $vector (param f32 f32 f32) (result i32)))
(import "library" "rawrotation_new" (func $rotation (param f32 f32 f32 f32) (result i32)))
(import "library" "rawshape_cuboid" (func $cuboid (param f32 f32 f32) (result i32)))
(import "library" "rawshape_ball" (func $ball (param f32) (result i32)))
(import "library" "rawrigidbodyset_new" (func $bodies_new (result i32)))
(import "library" "rawcolliderset_new" (func $colliders_new (result i32)))
(import "library" "rawintegrationparameters_new" (func $parameters_new (result i32)))
(import "library" "rawislandmanager_new" (func $islands_new (result i32)))
(import "library" "rawbroadphase_new" (func $broad_phase_new (result i32)))
(import "library" "rawnarrowphase_new" (func $narrow_phase_new (result i32)))
(import "library" "rawimpulsejointset_new" (func $joints_new (result i32)))
(import "library" "rawmultibodyjointset_new" (func $multibody_joints_new (result i32)))
(import "library" "rawccdsolver_new" (func $ccd_solver_new (result i32)))
(import "library" "rawphysicspipeline_new" (func $pipeline_new (result i32)))
(import "library" "rawphysicspipeline_step"
  (func $step (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
(import "library" "rawrigidbodyset_createRigidBody"
  (func $create_body
    (param i32 i32 i32 i32 f32 f32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 f32 f32 i32 i32 i32 f32 i32 i32 i32)
    (result f64)))
(import "library" "rawcolliderset_createCollider"
  (func $create_collider
    (param i32 i32 i32 i32 i32 i32 i32 f32 i32 i32 i32 f32 f32 f32 i32 i32 i32 i32 i32 i32 i32 i32 f32 f32 i32 f64 i32)))
(import "library" "rawrigidbodyset_rbTranslation" (func $translation (param i32 f64 i32)))
(import "library" "rawrigidbodyset_rbRotation" (func $body_rotation (param i32 f64 i32)))
(import "library" "rawrigidbodyset_rbLinvel" (func $velocity (param i32 f64 i32)))
(import "library" "__wbindgen_add_to_stack_pointer" (func $stack (param i32) (result i32)))
(import "./rapier_wasm3d_bg.js" "hooks" (table 1 funcref))
(elem (i32.const 0) func $set_index)

(global $bodies (mut i32) (i32.const 0))
(global $colliders (mut i32) (i32.const 0))

(func $set_index (param $array i32) (param $index i32) (param $value f32)
  (call $hex (i64.extend_i32_u (i32.reinterpret_f32 (local.get $value))) (i32.const 8)))

(func $zero (result i32) (call $vector (f32.const 0) (f32.const 0) (f32.const 0)))
(func $unturned (result i32) (call $rotation (f32.const 0) (f32.const 0) (f32.const 0) (f32.const 1)))

;; A body, fixed or free, with a shape.
(func $add (param $fixed i32) (param $shape i32) (param $x f32) (param $y f32) (param $z f32) (result f64)
  (local $body f64) (local $result i32)
  (local.set $body
    (call $create_body
      (global.get $bodies) (i32.const 1) (call $vector (local.get $x) (local.get $y) (local.get $z)) (call $unturned)
      (f32.const 1) (f32.const 0) (i32.const 0) (call $zero) (call $zero) (call $zero) (call $zero) (call $unturned)
      (i32.const 1) (i32.const 1) (i32.const 1) (i32.const 1) (i32.const 1) (i32.const 1) (f32.const 0) (f32.const 0)
      (local.get $fixed) (i32.const 1) (i32.const 0) (f32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)))
  (local.set $result (call $stack (i32.const -16)))
  (call $create_collider
    (local.get $result) (global.get $colliders) (i32.const 1) (local.get $shape) (call $zero) (call $unturned)
    (i32.const 0) (f32.const 0) (call $zero) (call $zero) (call $unturned) (f32.const 1) (f32.const 0.5) (f32.const 0.25)
    (i32.const 0) (i32.const 0) (i32.const 0) (i32.const -1) (i32.const -1) (i32.const 15) (i32.const 0) (i32.const 0)
    (f32.const 0) (f32.const 0) (i32.const 1) (local.get $body) (global.get $bodies))
  (drop (call $stack (i32.const 16)))
  (local.get $body))

;; Where a body is, how it is turned, and how fast it is.
(func $show (param $body f64)
  (call $translation (global.get $bodies) (local.get $body) (i32.const 0))
  (call $body_rotation (global.get $bodies) (local.get $body) (i32.const 0))
  (call $velocity (global.get $bodies) (local.get $body) (i32.const 0))
  (call $line))

(func (export "_start")
  (local $gravity i32) (local $parameters i32) (local $islands i32) (local $broad i32) (local $narrow i32) (local $joints i32)
  (local $multibody i32) (local $ccd i32) (local $pipeline i32) (local $i i32) (local $f f32) (local $first f64)
  (local $last f64)
  (global.set $bodies (call $bodies_new))
  (global.set $colliders (call $colliders_new))
  (local.set $gravity (call $vector (f32.const 0) (f32.const -9.81) (f32.const 0)))
  (local.set $parameters (call $parameters_new))
  (local.set $islands (call $islands_new))
  (local.set $broad (call $broad_phase_new))
  (local.set $narrow (call $narrow_phase_new))
  (local.set $joints (call $joints_new))
  (local.set $multibody (call $multibody_joints_new))
  (local.set $ccd (call $ccd_solver_new))
  (local.set $pipeline (call $pipeline_new))
  (drop
    (call $add (i32.const 1) (call $cuboid (f32.const 20) (f32.const 0.5) (f32.const 20))
      (f32.const 0) (f32.const 0) (f32.const 0)))
  (local.set $first
    (call $add (i32.const 0) (call $ball (f32.const 0.4)) (f32.const 0.05) (f32.const 3) (f32.const 0.02)))
  (loop $next
    (local.set $f (f32.convert_i32_u (local.get $i)))
    (local.set $last
      (call $add (i32.const 0)
        (if (result i32) (i32.and (local.get $i) (i32.const 1))
          (then (call $cuboid (f32.const 0.5) (f32.const 0.3) (f32.const 0.4)))
          (else (call $ball (f32.const 0.45))))
        (f32.mul (f32.convert_i32_u (i32.rem_u (local.get $i) (i32.const 3))) (f32.const 0.31))
        (f32.add (f32.const 4) (f32.mul (local.get $f) (f32.const 0.9)))
        (f32.mul (f32.convert_i32_u (i32.rem_u (local.get $i) (i32.const 5))) (f32.const 0.17))))
    (local.set $i (i32.add (local.get $i) (i32.const 1)))
    (br_if $next (i32.lt_u (local.get $i) (i32.const 20))))
  (local.set $i (i32.const 0))
  (loop $next
    (call $step
      (local.get $pipeline) (local.get $gravity) (local.get $parameters) (local.get $islands) (local.get $broad)
      (local.get $narrow) (global.get $bodies) (global.get $colliders) (local.get $joints) (local.get $multibody)
      (local.get $ccd))
    (if (i32.eqz (i32.rem_u (local.get $i) (i32.const 10)))
      (then
        (call $show (local.get $first))
        (call $show (local.get $last))))
    (local.set $i (i32.add (local.get $i) (i32.const 1)))
    (br_if $next (i32.lt_u (local.get $i) (i32.const 200)))))
