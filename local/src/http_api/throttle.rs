//! The stage's throttling: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html>.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use tokio::time::Instant;

/// A token bucket for each route. The limits of a stage's default route settings are those of each route by itself.
#[derive(Debug)]
pub(super) struct Throttle {
    requests_per_second: u32,
    burst: u32,
    buckets: Mutex<HashMap<String, Bucket>>,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    at: Instant,
}

impl Throttle {
    /// Buckets that hold `burst` requests each, and get `requests_per_second`.
    pub(super) fn new(requests_per_second: u32, burst: u32) -> Self {
        Self { requests_per_second, burst, buckets: Mutex::default() }
    }

    /// Whether a request over a route may pass at this time. If so, it has taken a token.
    pub(super) fn admits(&self, route: &str, now: Instant) -> bool {
        let burst = f64::from(self.burst);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.entry(route.to_owned()).or_insert(Bucket { tokens: burst, at: now });
        let new =
            now.saturating_duration_since(bucket.at).as_secs_f64() * f64::from(self.requests_per_second);
        bucket.tokens = (bucket.tokens + new).min(burst);
        bucket.at = now;
        let admits = bucket.tokens >= 1.0;
        if admits {
            bucket.tokens -= 1.0;
        }
        admits
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// How many of `count` requests at the same time pass.
    fn passing(throttle: &Throttle, route: &str, now: Instant, count: usize) -> usize {
        (0..count).filter(|_| throttle.admits(route, now)).count()
    }

    #[test]
    fn a_burst_passes_and_the_rate_refills_it_up_to_the_burst() {
        let (throttle, start) = (Throttle::new(10, 3), Instant::now());
        assert_eq!(passing(&throttle, "a", start, 5), 3);
        assert_eq!(passing(&throttle, "a", start + Duration::from_millis(99), 5), 0);
        assert_eq!(passing(&throttle, "a", start + Duration::from_millis(201), 5), 2);
        assert_eq!(passing(&throttle, "a", start + Duration::from_secs(3600), 5), 3);
    }

    #[test]
    fn each_route_has_its_own_bucket() {
        let (throttle, now) = (Throttle::new(1, 1), Instant::now());
        assert!(throttle.admits("a", now) && throttle.admits("b", now));
        assert!(!throttle.admits("a", now) && !throttle.admits("b", now));
    }

    #[test]
    fn a_burst_of_zero_refuses_every_request() {
        let (throttle, now) = (Throttle::new(100, 0), Instant::now());
        assert_eq!(passing(&throttle, "a", now + Duration::from_secs(9), 5), 0);
    }
}
