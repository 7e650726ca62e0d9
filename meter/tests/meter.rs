//! What is measured.

use riser_meter::{Meter, measure};

#[global_allocator]
static METER: Meter = Meter;

#[test]
fn bytes_are_counted_once_and_at_their_peak() {
    let (kept, cost) = measure(|| {
        drop(vec![1u8; 5000]);
        let mut growing = vec![2u8; 1000];
        growing.reserve_exact(2000);
        growing
    });
    assert_eq!((cost.allocated, cost.peak), (5000 + 3000, 5000));
    let ((), cost) = measure(|| drop(kept));
    assert_eq!((cost.allocated, cost.peak), (0, 0));
}

#[test]
fn measures_nest() {
    let (inner, outer) = measure(|| {
        drop(vec![1u8; 5000]);
        measure(|| drop(vec![1u8; 1000])).1
    });
    assert_eq!((inner.allocated, inner.peak), (1000, 1000));
    assert_eq!((outer.allocated, outer.peak), (6000, 5000));
}

#[test]
fn time_is_that_of_the_thread() {
    let ((), asleep) = measure(|| std::thread::sleep(std::time::Duration::from_millis(50)));
    assert!(asleep.time < std::time::Duration::from_millis(40), "{asleep:?}");
}
