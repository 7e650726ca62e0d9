//! Four threads that add numbers up, share a lock, and pass numbers through a queue.
//!
//! The first argument is how many numbers to add; the second how often each thread takes the lock, and how many
//! numbers go through the queue from each thread that puts.

const std = @import("std");
const Thread = std.Thread;

const workers = 4;

var buffer: [1 << 22]u8 = undefined;
var memory: std.heap.FixedBufferAllocator = .init(&buffer);

/// Calls a function on every thread, with the thread's number, and waits for all. Not by `join`, which waits for ever
/// for a thread that ends before `spawn` returns (Zig 0.14).
fn everywhere(comptime function: anytype, argument: anytype) !void {
    var group: Thread.WaitGroup = .{};
    const Call = struct {
        fn run(worker: usize, given: @TypeOf(argument), waiting: *Thread.WaitGroup) void {
            function(worker, given);
            waiting.finish();
        }
    };
    for (0..workers) |worker| {
        group.start();
        _ = try Thread.spawn(
            .{ .allocator = memory.threadSafeAllocator(), .stack_size = 1 << 16 },
            Call.run,
            .{ worker, argument, &group },
        );
    }
    group.wait();
}

/// The part of the sum that each thread adds up.
var sums: [workers]u64 = undefined;

fn add(worker: usize, numbers: u64) void {
    var sum: u64 = 0;
    var number: u64 = worker;
    while (number < numbers) : (number += workers) sum +%= (number *% number) ^ (sum >> 7);
    sums[worker] = sum;
}

var lock: Thread.Mutex = .{};
/// Guarded by the lock, and not atomic: a lock that does not lock loses some.
var counter: u64 = 0;

fn count(_: usize, turns: usize) void {
    for (0..turns) |_| {
        lock.lock();
        defer lock.unlock();
        counter += 1;
    }
}

/// A queue with few places, so that threads wait on both sides.
const Queue = struct {
    places: [3]u64 = undefined,
    first: usize = 0,
    length: usize = 0,
    mutex: Thread.Mutex = .{},
    changed: Thread.Condition = .{},

    fn put(self: *Queue, number: u64) void {
        self.mutex.lock();
        defer self.mutex.unlock();
        while (self.length == self.places.len) self.changed.wait(&self.mutex);
        self.places[(self.first + self.length) % self.places.len] = number;
        self.length += 1;
        self.changed.broadcast();
    }

    fn take(self: *Queue) u64 {
        self.mutex.lock();
        defer self.mutex.unlock();
        while (self.length == 0) self.changed.wait(&self.mutex);
        const number = self.places[self.first];
        self.first = (self.first + 1) % self.places.len;
        self.length -= 1;
        self.changed.broadcast();
        return number;
    }
};

var queue: Queue = .{};
/// The sum of what each thread has taken from the queue.
var taken: [workers]u64 = .{0} ** workers;

/// Half of the threads put, and half take.
fn pass(worker: usize, turns: usize) void {
    for (1..turns + 1) |number| {
        if (worker % 2 == 0) queue.put(number) else taken[worker] += queue.take();
    }
}

fn total(parts: []const u64) u64 {
    var sum: u64 = 0;
    for (parts) |part| sum +%= part;
    return sum;
}

pub fn main() !void {
    const out = std.io.getStdOut().writer();
    var arguments = try std.process.argsWithAllocator(memory.threadSafeAllocator());
    _ = arguments.next();
    const numbers = try std.fmt.parseInt(u64, arguments.next() orelse "1000000", 10);
    const turns = try std.fmt.parseInt(usize, arguments.next() orelse "1000", 10);

    try everywhere(add, numbers);
    try out.print("sum {d}\n", .{total(&sums)});
    try everywhere(count, turns);
    try out.print("counter {d}\n", .{counter});
    try everywhere(pass, turns);
    try out.print("queue {d}\n", .{total(&taken)});
}
