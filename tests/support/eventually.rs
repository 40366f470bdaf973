//! The one way in which tests wait for something.

use std::{fmt::Display, panic::Location, time::Duration};

use tokio::time::{Instant, sleep, timeout_at};

/// The pause after the first look. Each further one is twice as long, up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(200);

/// Looks until the awaited state is there, and returns the value that `look` found.
///
/// `look` returns `Ok` in the awaited state. In any other state it returns `Err` with a description of it.
///
/// # Panics
///
/// If the awaited state is not there `within` this time. The message has the caller's place and the last state.
#[track_caller]
pub fn eventually<T, S: Display>(
    within: Duration,
    mut look: impl AsyncFnMut() -> Result<T, S>,
) -> impl Future<Output = T> {
    let caller = Location::caller();
    async move {
        let until = Instant::now() + within;
        let mut pause = FIRST_PAUSE;
        let mut last = None;
        loop {
            match timeout_at(until, look()).await {
                Ok(Ok(found)) => return found,
                Ok(Err(state)) => last = Some(state),
                // The look itself took longer than the time that was left.
                Err(_) => {}
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let last =
                    last.map_or_else(|| "the first look did not end".to_owned(), |last| last.to_string());
                panic!("{caller}: waited for {within:?}; the last state: {last}");
            }
            sleep(pause.min(left)).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    const SHORT: Duration = Duration::from_millis(50);

    #[tokio::test]
    async fn it_looks_until_the_awaited_state_is_there() {
        let mut looks = 0;
        let found = eventually(Duration::from_secs(10), async || {
            looks += 1;
            if looks == 3 { Ok("found") } else { Err("not yet") }
        });
        assert_eq!(found.await, "found");
        assert_eq!(looks, 3);
    }

    #[tokio::test]
    async fn its_panic_names_the_caller_and_the_last_state() {
        let line = line!() + 1;
        let waiting = tokio::spawn(eventually(SHORT, async || Err::<(), _>("7 of 9 arrived")));
        let panic = waiting.await.unwrap_err().into_panic();
        let message = panic.downcast_ref::<String>().unwrap();
        assert!(message.contains(&format!("eventually.rs:{line}:")), "{message}");
        assert!(message.ends_with("waited for 50ms; the last state: 7 of 9 arrived"), "{message}");
    }

    #[tokio::test]
    #[should_panic(expected = "the last state: slow")]
    async fn a_look_that_never_ends_is_over_in_time_too() {
        let mut is_first = true;
        eventually(SHORT, async || {
            if is_first {
                is_first = false;
                return Err::<(), _>("slow");
            }
            pending().await
        })
        .await;
    }
}
