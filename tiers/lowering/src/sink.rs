//! The operators that all compiling tiers lower alike, as methods of a sink.

/// The methods of [`ExceptionSink`](riser_translator::sink::ExceptionSink), all of which compiling tiers lower alike, for a type that is a
/// [`Builder`](crate::Builder).
#[macro_export]
macro_rules! shared_exceptions {
    () => {
        fn try_begin(&mut self, scope: Scope) {
            $crate::exception::begin(self, scope);
        }

        fn try_end(&mut self, _scope: Scope) {
            $crate::exception::end(self);
        }

        fn catch(&mut self, scope: Scope, catch: Catch) {
            $crate::exception::catch(self, scope, &catch);
        }

        fn catch_end(&mut self, scope: Scope, next: Option<Scope>) {
            $crate::exception::catch_end(self, scope, next);
        }

        fn throw(&mut self, tag: TagIndex, _base: Slot, args: &[Operand]) {
            $crate::exception::throw(self, tag, args);
        }

        fn throw_ref(&mut self, exn: Operand) {
            $crate::exception::throw_ref(self, exn);
        }
    };
}

/// The methods of [`Sink`](riser_translator::sink::Sink) for operators that all compiling tiers lower alike. It stands in a
/// tier's implementation of `Sink`, for a type that is a [`Builder`](crate::Builder), among the methods that are the tier's
/// own; the types that the signatures name are imported there.
#[macro_export]
macro_rules! shared_operators {
    () => {
        fn wants_calls(&self) -> bool {
            self.body.keeps_copy()
        }

        fn live_at_call(&mut self, live: LiveAtCall<'_>) {
            $crate::frame_copy::keep(self, live);
        }

        fn branch(&mut self, target: Label) {
            $crate::control::branch(self, target);
        }

        fn branch_if(&mut self, cond: Operand, negate: bool, target: Label) {
            $crate::control::branch_if(self, cond, negate, target);
        }

        fn branch_table(&mut self, index: Operand, targets: &[Label]) {
            $crate::control::branch_table(self, index, targets);
        }

        fn ret(&mut self, values: &[Operand]) {
            $crate::control::ret(self, values);
        }

        fn fuel(&mut self, units: u32) {
            $crate::safepoint::charge_fuel(self, units);
        }

        fn epoch(&mut self) {
            $crate::safepoint::poll_epoch(self);
        }

        fn global_get(&mut self, ty: ValType, dst: Slot, global: GlobalIndex) {
            $crate::reference::global_get(self, ty, dst, global);
        }

        fn global_set(&mut self, ty: ValType, global: GlobalIndex, src: Operand) {
            $crate::reference::global_set(self, ty, global, src);
        }

        fn ref_func(&mut self, dst: Slot, function: FuncIndex) {
            $crate::reference::func(self, dst, function);
        }

        fn ref_is_null(&mut self, dst: Slot, src: Operand) {
            $crate::reference::is_null(self, dst, src);
        }

        fn memory_size(&mut self, memory: MemoryIndex, dst: Slot) {
            $crate::memory::size(self, memory, dst);
        }

        fn memory_grow(&mut self, memory: MemoryIndex, dst: Slot, delta_pages: Operand) {
            $crate::memory::grow(self, memory, dst, delta_pages);
        }

        fn memory_fill(&mut self, memory: MemoryIndex, dst: Operand, value: Operand, len: Operand) {
            $crate::memory::fill(self, memory, dst, value, len);
        }

        fn memory_copy(
            &mut self,
            dst_memory: MemoryIndex,
            src_memory: MemoryIndex,
            dst: Operand,
            src: Operand,
            len: Operand,
        ) {
            $crate::memory::copy(self, dst_memory, src_memory, [dst, src, len]);
        }

        fn memory_init(&mut self, memory: MemoryIndex, segment: DataIndex, dst: Operand, src: Operand, len: Operand) {
            $crate::memory::init(self, memory, segment, [dst, src, len]);
        }

        fn data_drop(&mut self, segment: DataIndex) {
            $crate::memory::drop_data(self, segment);
        }

        fn table_get(&mut self, table: TableIndex, dst: Slot, index: Operand) {
            $crate::table::get(self, table, dst, index);
        }

        fn table_set(&mut self, table: TableIndex, index: Operand, value: Operand) {
            $crate::table::set(self, table, index, value);
        }

        fn table_size(&mut self, table: TableIndex, dst: Slot) {
            $crate::table::size(self, table, dst);
        }

        fn table_grow(&mut self, table: TableIndex, dst: Slot, init: Operand, delta: Operand) {
            $crate::table::grow(self, table, dst, init, delta);
        }

        fn table_fill(&mut self, table: TableIndex, dst: Operand, value: Operand, len: Operand) {
            $crate::table::fill(self, table, dst, value, len);
        }

        fn table_copy(
            &mut self,
            dst_table: TableIndex,
            src_table: TableIndex,
            dst: Operand,
            src: Operand,
            len: Operand,
        ) {
            $crate::table::copy(self, dst_table, src_table, [dst, src, len]);
        }

        fn table_init(&mut self, table: TableIndex, segment: ElemIndex, dst: Operand, src: Operand, len: Operand) {
            $crate::table::init(self, table, segment, [dst, src, len]);
        }

        fn elem_drop(&mut self, segment: ElemIndex) {
            $crate::table::drop_elements(self, segment);
        }
    };
}
