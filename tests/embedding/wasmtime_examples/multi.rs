//! Several results.

use riser::Result;

use super::wat;

pub fn main() -> Result<()> {
    use riser::*;

    println!("Compile");
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let module = Module::from_file(&engine, wat("multi.wat"))?;

    println!("Make a host function");
    let callback = Func::wrap(&mut store, |a: i32, b: i64| -> (i64, i32) { (b + 1, a + 1) });

    println!("Instantiate");
    let instance = Instance::new(&mut store, &module, &[callback.into()])?;

    println!("Find the export");
    let g = instance.get_typed_func::<(i32, i64), (i64, i32)>(&mut store, "g")?;

    println!("Call `g`");
    let (a, b) = g.call(&mut store, (1, 3))?;
    println!("> {a} {b}");
    assert_eq!(a, 4);
    assert_eq!(b, 2);

    println!("Call `round_trip_many`");
    let round_trip_many = instance.get_typed_func::<
        (i64, i64, i64, i64, i64, i64, i64, i64, i64, i64),
        (i64, i64, i64, i64, i64, i64, i64, i64, i64, i64),
    >(&mut store, "round_trip_many")?;
    let results = round_trip_many.call(&mut store, (0, 1, 2, 3, 4, 5, 6, 7, 8, 9))?;
    println!("> {results:?}");
    Ok(())
}
