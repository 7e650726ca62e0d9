//! A monitor that counts how often each function divides an i32 by a power of two, which a shift would do as well.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use riser::monitors::{LINKED_MONITORS, Make, Report};
use riser::{Event, EventSet, Monitor, Site, Value};

#[linkme::distributed_slice(LINKED_MONITORS)]
static LINKED: (&str, Make) = ("divisions", || Arc::new(Divisions::default()));

#[derive(Default)]
struct Divisions(Mutex<BTreeMap<String, u64>>);

impl Monitor for Divisions {
    fn events(&self) -> EventSet {
        EventSet::OPERATOR
    }

    fn attaches(&self, site: &Site<'_>) -> bool {
        const I32_DIV_U: u8 = 0x6e;
        site.info().bytes[site.offset()] == I32_DIV_U
    }

    fn event(&self, event: &Event<'_>) {
        if let Some(Value::I32(divisor)) = event.operands().last()
            && divisor.cast_unsigned().is_power_of_two()
        {
            let name = event.name().unwrap_or("?").to_owned();
            *self.0.lock().expect("nothing panics meanwhile").entry(name).or_default() += 1;
        }
    }
}

impl Report for Divisions {
    fn report(&self) -> String {
        let seen = self.0.lock().expect("nothing panics meanwhile");
        seen.iter().map(|(name, count)| format!("{count:>12}  {name}\n")).collect()
    }
}
