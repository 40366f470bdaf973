//! The prices: data with their date, their region and their sources.

use serde::Deserialize;

const OWN: &str = include_str!("prices.json");

/// The reason why a text has no prices.
#[derive(Debug, thiserror::Error)]
#[error("these are no prices: {0}")]
pub struct InvalidPrices(#[from] serde_json::Error);

/// The prices of a region.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// The day on which they were looked up.
    pub date: String,
    /// The region of AWS.
    pub region: String,
    pub(crate) prices: PriceTable,
    /// From the smallest to the largest.
    pub(crate) databases: Vec<Database>,
}

impl Prices {
    /// The prices of the repository, those of `prices.json`.
    pub fn own() -> Result<Self, InvalidPrices> {
        Self::parse(OWN)
    }

    /// The prices of a text with the members of `prices.json`.
    pub fn parse(json: &str) -> Result<Self, InvalidPrices> {
        Ok(serde_json::from_str(json)?)
    }
}

/// A price of each thing that is billed. Each member of the file says its unit.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PriceTable {
    pub(crate) api_requests: Price,
    pub(crate) function_requests: Price,
    pub(crate) function_gb_seconds_x86_64: Price,
    pub(crate) function_gb_seconds_arm64: Price,
    pub(crate) table_writes: Price,
    pub(crate) table_reads: Price,
    pub(crate) table_storage: Price,
    pub(crate) table_recovery: Price,
    pub(crate) function_logs: Price,
    pub(crate) other_logs: Price,
    pub(crate) metrics: Price,
    pub(crate) alarm_metrics: Price,
    pub(crate) dashboards: Price,
    pub(crate) queue_requests: Price,
    pub(crate) serverless_kafka_hours: Price,
    pub(crate) serverless_kafka_partition_hours: Price,
    pub(crate) serverless_kafka_in: Price,
    pub(crate) serverless_kafka_out: Price,
    pub(crate) kafka_storage: Price,
    pub(crate) kafka_broker_hours: Price,
    pub(crate) container_vcpu_hours: Price,
    pub(crate) container_gb_hours: Price,
    pub(crate) load_balancer_hours: Price,
    pub(crate) load_balancer_capacity: Price,
    pub(crate) database_storage: Price,
}

/// A price that may fall with the quantity of a month.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Price {
    /// The thing that is billed. For people.
    #[expect(dead_code, reason = "the file must say it")]
    unit: String,
    /// How many units the amounts are for.
    per: f64,
    tiers: Vec<Tier>,
    #[expect(dead_code, reason = "the file must say it")]
    source: String,
    #[expect(dead_code, reason = "the file must say it")]
    stated_by: StatedBy,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tier {
    /// The quantity in a month up to which the tier holds. The last tier has none.
    up_to: Option<f64>,
    usd: f64,
}

/// Who states a price.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum StatedBy {
    /// A page of AWS.
    Aws,
    /// Another page, of 2024 or later, or one that is made from AWS's price list.
    Others,
    /// An older page, or one without a source.
    Unverified,
}

/// A database in two zones.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Database {
    /// The class of the instances. For people.
    #[expect(dead_code, reason = "the file must say it")]
    name: String,
    /// The processors that it has all the time, also without credits.
    pub(crate) vcpus: f64,
    /// For both zones together.
    pub(crate) usd_an_hour: f64,
    #[expect(dead_code, reason = "the file must say it")]
    source: String,
    #[expect(dead_code, reason = "the file must say it")]
    stated_by: StatedBy,
}

impl Price {
    /// US dollars for a quantity in a month.
    pub(crate) fn of(&self, quantity: f64) -> f64 {
        let (mut usd, mut from) = (0.0, 0.0);
        for tier in &self.tiers {
            let up_to = tier.up_to.unwrap_or(f64::INFINITY).min(quantity);
            usd += (up_to - from).max(0.0) * tier.usd / self.per;
            from = up_to;
        }
        usd
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantity_pays_each_tier_for_its_part() {
        let prices = Prices::own().unwrap().prices;
        assert_eq!(prices.table_writes.of(2e6), 1.25);
        assert_eq!(prices.api_requests.of(0.0), 0.0);
        assert_eq!(prices.api_requests.of(300e6), 300.0);
        assert_eq!(prices.api_requests.of(400e6), 390.0);
        // 60 TB of logs. The source counts 1,000 GB in a TB, and so says 12,500.
        assert!((prices.function_logs.of(60.0 * 1024.0) - 12_800.0).abs() < 1e-6);
    }

    #[test]
    fn every_price_has_a_last_tier_and_every_database_is_larger_than_the_one_before() {
        let prices = Prices::own().unwrap();
        let classes: Vec<_> = prices.databases.iter().map(|database| database.vcpus).collect();
        assert!(classes.is_sorted());
        let text: serde_json::Value = serde_json::from_str(OWN).unwrap();
        for (name, price) in text["prices"].as_object().unwrap() {
            let tiers = price["tiers"].as_array().unwrap();
            let (last, others) = tiers.split_last().unwrap();
            assert!(last.get("up_to").is_none(), "{name}");
            assert!(others.iter().all(|tier| tier["up_to"].is_number()), "{name}");
            assert!(price["source"].as_str().unwrap().starts_with("https://"), "{name}");
        }
    }

    #[test]
    fn prices_without_a_source_are_refused() {
        let text = OWN.replacen("\"source\"", "\"origin\"", 1);
        assert!(Prices::parse(&text).is_err());
    }
}
