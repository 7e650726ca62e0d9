//! A translator of one's own: a sink that Riser's front end drives. `tests/own_sink.rs` puts it to the properties.

mod sink;

pub use sink::Plain;
