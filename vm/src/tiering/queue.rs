//! Queues for compilation in the background, and the threads that work on them.
//!
//! Threads start when there is work for them, and end when their engine is gone. Each module has a line of its own, and
//! the threads take one job of each module in turn: a module with thousands of jobs delays another module's job by no
//! more than one. Jobs are removed with their module ([`CompileQueue::remove`]); a job that a thread has begun is
//! finished.
//!
//! A child process after a fork has none of the threads: its queue starts again, with the jobs that no thread had
//! begun.
//!
//! `tests/interleavings.sh` runs this file's tests under loom, in every interleaving of the threads.

use std::collections::{HashMap, VecDeque};
use std::sync::PoisonError;
#[cfg(not(loom))]
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
#[cfg(not(loom))]
use std::thread;
use std::time::Duration;

#[cfg(loom)]
use loom::sync::{Arc, Condvar, Mutex, MutexGuard};
#[cfg(loom)]
use loom::thread;

/// A job: something to compile.
pub(crate) trait Job: Send + 'static {
    /// The module that the job is for, as a number that no other module has at the same time.
    fn owner(&self) -> usize;

    /// Compiles it.
    fn run(self);
}

/// The jobs of an engine.
pub(crate) struct CompileQueue<J> {
    current: Mutex<Current<J>>,
}

/// The state that the threads of this process share.
struct Current<J> {
    shared: Arc<Shared<J>>,
    /// The generation of processes ([`generation`]) that the threads belong to.
    generation: u64,
}

struct Shared<J> {
    state: Mutex<State<J>>,
    wake: Condvar,
}

struct State<J> {
    lines: Lines<J>,
    threads: usize,
    /// Whether the first thread's delay is over.
    begun: bool,
    closed: bool,
}

/// The jobs in lines, one for each owner.
struct Lines<J> {
    /// No line is empty.
    by_owner: HashMap<usize, VecDeque<J>>,
    /// The owners with lines, in the order of their turns.
    turns: VecDeque<usize>,
}

/// The place of a new job in its owner's line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    First,
    Last,
}

impl<J> Default for Lines<J> {
    fn default() -> Lines<J> {
        Lines { by_owner: HashMap::new(), turns: VecDeque::new() }
    }
}

impl<J: Job> Lines<J> {
    fn push(&mut self, job: J, place: Line) {
        let owner = job.owner();
        let line = self.by_owner.entry(owner).or_insert_with(|| {
            self.turns.push_back(owner);
            VecDeque::new()
        });
        match place {
            Line::First => line.push_front(job),
            Line::Last => line.push_back(job),
        }
    }

    /// Takes the first job of the owner whose turn it is.
    fn pop(&mut self) -> Option<J> {
        let owner = self.turns.pop_front()?;
        let line = self.by_owner.get_mut(&owner)?;
        let job = line.pop_front();
        if line.is_empty() {
            self.by_owner.remove(&owner);
        } else {
            self.turns.push_back(owner);
        }
        job
    }
}

impl<J> Lines<J> {
    fn remove(&mut self, owner: usize) -> Option<VecDeque<J>> {
        let line = self.by_owner.remove(&owner)?;
        self.turns.retain(|&other| other != owner);
        Some(line)
    }
}

impl<J> Default for CompileQueue<J> {
    fn default() -> CompileQueue<J> {
        CompileQueue { current: Mutex::new(Current::new(Lines::default())) }
    }
}

impl<J> Current<J> {
    fn new(lines: Lines<J>) -> Current<J> {
        let state = State { lines, threads: 0, begun: false, closed: false };
        let shared = Shared { state: Mutex::new(state), wake: Condvar::new() };
        Current { shared: Arc::new(shared), generation: generation() }
    }
}

/// How often the process has forked.
fn generation() -> u64 {
    #[cfg(unix)]
    {
        riser_tiers_core::fork::generation()
    }
    #[cfg(not(unix))]
    {
        0
    }
}

impl<J: Job> CompileQueue<J> {
    /// Queues a job for one of up to `threads` threads. The first thread starts work after `delay`, the others once it
    /// has. Returns the job if the system cannot start the first.
    pub(crate) fn push(&self, job: J, line: Line, threads: usize, delay: Duration) -> Result<(), J> {
        let shared = &self.shared();
        let mut state = shared.lock();
        if state.threads < threads && (state.threads == 0 || state.begun) {
            let shared = Arc::clone(shared);
            let delay = if state.threads == 0 { delay } else { Duration::ZERO };
            match thread::Builder::new().name("riser-compile".to_owned()).spawn(move || shared.work(delay)) {
                Ok(_) => state.threads += 1,
                Err(_) if state.threads == 0 => return Err(job),
                Err(_) => {}
            }
        }
        state.lines.push(job, line);
        shared.wake.notify_one();
        Ok(())
    }
}

impl<J> CompileQueue<J> {
    /// Removes the jobs of an owner. A job that has begun is finished.
    pub(crate) fn remove(&self, owner: usize) {
        let line = self.shared().lock().lines.remove(owner);
        // Drops the jobs after the lock has been released, so that nothing waits for that.
        drop(line);
    }

    /// Returns the state that the threads of this process share.
    fn shared(&self) -> Arc<Shared<J>> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.generation != generation() {
            // The threads are the parent's. One of them may have held the lock, which is never released then.
            let left = current.shared.state.try_lock().map(|mut state| std::mem::take(&mut state.lines));
            *current = Current::new(left.unwrap_or_default());
        }
        Arc::clone(&current.shared)
    }
}

impl<J> Drop for CompileQueue<J> {
    fn drop(&mut self) {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.generation == generation() {
            current.shared.lock().closed = true;
            current.shared.wake.notify_all();
        }
    }
}

impl<J> Shared<J> {
    fn lock(&self) -> MutexGuard<'_, State<J>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for `delay`, or until the engine is gone.
    fn wait(&self, delay: Duration) {
        // Loom has no time, so its threads start at once.
        #[cfg(not(loom))]
        if !delay.is_zero() {
            drop(self.wake.wait_timeout_while(self.lock(), delay, |state| !state.closed));
        }
        #[cfg(loom)]
        let _ = delay;
    }
}

impl<J: Job> Shared<J> {
    /// Does jobs until the engine is gone.
    fn work(&self, delay: Duration) {
        self.wait(delay);
        self.lock().begun = true;
        while let Some(job) = self.next() {
            job.run();
        }
    }

    fn next(&self) -> Option<J> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            if let Some(job) = state.lines.pop() {
                return Some(job);
            }
            state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

#[cfg(test)]
mod tests {
    #[cfg(not(loom))]
    use std::sync::atomic::AtomicUsize;
    use std::sync::atomic::Ordering;
    #[cfg(not(loom))]
    use std::sync::mpsc;

    #[cfg(loom)]
    use loom::sync::atomic::AtomicUsize;

    use super::*;

    type Counts = Arc<[AtomicUsize; 3]>;

    /// A job that counts how often it has been done. Each is its own owner.
    struct Counted(Counts, usize);

    impl Job for Counted {
        fn owner(&self) -> usize {
            self.1
        }

        fn run(self) {
            self.0[self.1].fetch_add(1, Ordering::Relaxed);
        }
    }

    fn counts() -> Counts {
        Arc::new([0; 3].map(AtomicUsize::new))
    }

    /// Under loom, runs `test` in every interleaving of its threads; otherwise once.
    fn model(test: impl Fn() + Sync + Send + 'static) {
        #[cfg(loom)]
        loom::model(test);
        #[cfg(not(loom))]
        test();
    }

    /// Waits until the queue has dropped all jobs, and returns how often each was done.
    fn settled(counts: &Counts) -> [usize; 3] {
        while Arc::strong_count(counts) > 1 {
            thread::yield_now();
        }
        [0, 1, 2].map(|number| counts[number].load(Ordering::Acquire))
    }

    fn push(queue: &CompileQueue<Counted>, counts: &Counts, number: usize, line: Line, threads: usize) {
        if let Err(job) = queue.push(Counted(Arc::clone(counts), number), line, threads, Duration::ZERO) {
            job.run();
        }
    }

    #[test]
    fn jobs_are_done_once_and_threads_end_with_their_engine() {
        model(|| {
            let counts = counts();
            let queue = CompileQueue::default();
            for number in 0..3 {
                push(&queue, &counts, number, if number == 1 { Line::First } else { Line::Last }, 2);
            }
            assert_eq!(settled(&counts), [1; 3]);
            let shared = queue.shared();
            drop(queue);
            while Arc::strong_count(&shared) > 1 {
                thread::yield_now();
            }
        });
    }

    #[test]
    fn jobs_of_an_engine_that_goes_are_done_once_or_not_at_all() {
        model(|| {
            let counts = counts();
            let queue = CompileQueue::default();
            for number in 0..2 {
                push(&queue, &counts, number, Line::Last, 1);
            }
            drop(queue);
            assert!(settled(&counts)[..2].iter().all(|&count| count <= 1));
        });
    }

    #[test]
    fn jobs_from_two_threads_are_done_once() {
        model(|| {
            let counts = counts();
            let queue = Arc::new(CompileQueue::default());
            let other = (Arc::clone(&queue), Arc::clone(&counts));
            let pushes = thread::spawn(move || push(&other.0, &other.1, 0, Line::Last, 1));
            push(&queue, &counts, 1, Line::Last, 1);
            push(&queue, &counts, 2, Line::Last, 1);
            pushes.join().expect("it pushes");
            assert_eq!(settled(&counts), [1; 3]);
        });
    }

    /// Whatever a thread does meanwhile, a removed job has been done or never will be, and the other jobs are done.
    #[test]
    fn jobs_of_a_module_that_goes_are_forgotten() {
        model(|| {
            let counts = counts();
            let queue = CompileQueue::default();
            for number in 0..3 {
                push(&queue, &counts, number, Line::Last, 1);
            }
            queue.remove(1);
            let [first, removed, last] = settled(&counts);
            assert!((first, last) == (1, 1) && removed <= 1);
        });
    }

    /// A job that sends its name, once it may.
    #[cfg(not(loom))]
    struct Named(usize, &'static str, Option<mpsc::Receiver<()>>, mpsc::Sender<&'static str>);

    #[cfg(not(loom))]
    impl Job for Named {
        fn owner(&self) -> usize {
            self.0
        }

        fn run(self) {
            if let Some(go) = self.2 {
                go.recv().expect("the test says when");
            }
            self.3.send(self.1).expect("the test listens");
        }
    }

    /// A module with many jobs does not keep the others waiting.
    #[cfg(not(loom))]
    #[test]
    fn modules_take_turns() {
        let (queue, (done, names), (go, wait)) = (CompileQueue::default(), mpsc::channel(), mpsc::channel());
        let push = |owner, name, wait, line| {
            let job = Named(owner, name, wait, done.clone());
            assert!(queue.push(job, line, 1, Duration::ZERO).is_ok(), "there is a thread");
        };
        // While the thread is at the first job, the others queue up.
        push(0, "first", Some(wait), Line::Last);
        while queue.shared().lock().lines.by_owner.contains_key(&0) {
            thread::yield_now();
        }
        for name in ["a1", "a2", "a3", "a4"] {
            push(1, name, None, Line::Last);
        }
        push(3, "gone", None, Line::Last);
        push(2, "b1", None, Line::Last);
        push(2, "b2", None, Line::Last);
        push(1, "a0", None, Line::First);
        queue.remove(3);
        go.send(()).expect("the thread waits");
        let order: Vec<&str> = (0..8).map(|_| names.recv().expect("the thread works")).collect();
        assert_eq!(order, ["first", "a0", "b1", "a1", "b2", "a2", "a3", "a4"]);
    }

    /// A thread that is still waiting for its delay ends with the engine.
    #[cfg(not(loom))]
    #[test]
    fn a_thread_that_waits_to_begin_ends_with_its_engine() {
        let counts = counts();
        let queue = CompileQueue::default();
        let pushed = queue.push(Counted(Arc::clone(&counts), 0), Line::Last, 1, Duration::from_secs(3600));
        assert!(pushed.is_ok(), "there is a thread");
        drop(queue);
        assert_eq!(settled(&counts), [0; 3]);
    }
}
