//! Whether the processor has protection keys; Riser does not use them.

use riser::*;

pub fn main() -> Result<()> {
    match PoolingAllocationConfig::are_memory_protection_keys_available() {
        true => println!("There are protection keys"),
        false => println!("There are no protection keys"),
    }
    Ok(())
}
