//! The rate at which the stack and the always-on pair cost the same.

use crate::cost::{Functions, Load, Prices, Rival, always_on, serverless, total};

/// The rates that are searched, in events a second.
const FROM: f64 = 0.001;
const TO: f64 = 100_000.0;

/// Each rate is this much higher than the one before. Two crossings that are nearer are not seen.
const STEP: f64 = 1.05;

/// The lowest rate in events a second from which on the stack costs more than the always-on pair; `None` if it does so at
/// no rate. Everything else of the load stays, also its requests to read.
pub fn crossing(load: &Load, functions: &Functions, rival: &Rival, prices: &Prices) -> Option<f64> {
    let costs_more = |events_per_second: f64| {
        let load = Load { events_per_second, ..load.clone() };
        let pair = always_on(&load, rival, prices)?;
        Some(total(&serverless(&load, functions, prices)) > total(&pair))
    };
    let mut low = FROM;
    if costs_more(low)? {
        return Some(low);
    }
    while low < TO {
        let mut high = low * STEP;
        if costs_more(high)? {
            // The width falls below a millionth of the rate.
            for _ in 0..20 {
                let middle = f64::midpoint(low, high);
                if costs_more(middle)? { high = middle } else { low = middle }
            }
            return Some(high);
        }
        low = high;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crossing_of(load: &Load) -> Option<f64> {
        crossing(load, &Functions::default(), &Rival::default(), &Prices::own().unwrap())
    }

    #[test]
    fn both_cost_the_same_at_the_crossing() {
        let prices = Prices::own().unwrap();
        let rate = crossing_of(&Load::of(0.0)).unwrap();
        let load = Load::of(rate);
        let stack = total(&serverless(&load, &Functions::default(), &prices));
        let pair = total(&always_on(&load, &Rival::default(), &prices).unwrap());
        assert!((stack / pair - 1.0).abs() < 1e-4, "{rate}: {stack} {pair}");
    }

    #[test]
    fn batches_move_it_up_and_keys_move_it_down() {
        let one = crossing_of(&Load::of(0.0)).unwrap();
        let batches = crossing_of(&Load { events_per_request: 50.0, ..Load::of(0.0) }).unwrap();
        let keys = crossing_of(&Load { keyed_share: 1.0, ..Load::of(0.0) }).unwrap();
        assert!(keys < one && one < batches, "{keys} {one} {batches}");
    }
}
