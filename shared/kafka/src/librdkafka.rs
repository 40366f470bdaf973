//! The calls of librdkafka that the crate rdkafka has no safe function for. It is the project's only unsafe code.

use std::{
    ffi::{CStr, c_char},
    ptr,
    time::Duration,
};

use rdkafka::{ClientContext, bindings, client::Client};

const NO_ERROR: bindings::rd_kafka_resp_err_t = bindings::rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR;

/// Sends the messages in a producer's queue without waiting for `linger.ms`. Blocks the thread until all are delivered,
/// or for this time, in milliseconds. It is no error if some are not.
///
/// The time must be long enough for librdkafka's threads to take the messages from the queue: they linger no longer only
/// while this waits. rdkafka's own flush waits with a time of 0, and so hardly ever ends a lingering.
pub fn flush<C: ClientContext>(client: &Client<C>, within: Duration) {
    let timeout_ms = i32::try_from(within.as_millis()).unwrap_or(i32::MAX);
    #[expect(unsafe_code, reason = "rdkafka has no safe name for it")]
    // SAFETY: the client outlives the call.
    unsafe {
        bindings::rd_kafka_flush(client.native_ptr(), timeout_ms);
    }
}

/// Makes a client log in with a token from now on, up to the end of the token's life in milliseconds of the Unix epoch.
/// The error is librdkafka's reason to refuse it.
pub(crate) fn set_token<C: ClientContext>(
    client: &Client<C>,
    token: &CStr,
    expires_ms: i64,
) -> Result<(), String> {
    let mut reason: [c_char; 256] = [0; 256];
    #[expect(unsafe_code, reason = "rdkafka has no safe name for it")]
    // SAFETY: the client outlives the call. librdkafka copies both texts, which end in a zero byte, reads no extensions
    // (null, 0), and writes at most `reason.len()` bytes.
    let code = unsafe {
        bindings::rd_kafka_oauthbearer_set_token(
            client.native_ptr(),
            token.as_ptr(),
            expires_ms,
            c"".as_ptr(),
            ptr::null_mut(),
            0,
            reason.as_mut_ptr(),
            reason.len(),
        )
    };
    if code == NO_ERROR {
        return Ok(());
    }
    let reason: Vec<u8> =
        reason.iter().take_while(|byte| **byte != 0).map(|byte| byte.cast_unsigned()).collect();
    Err(String::from_utf8_lossy(&reason).into_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::{Condvar, Mutex};

    use rdkafka::{
        ClientConfig, Statistics,
        mocking::MockCluster,
        producer::{BaseRecord, DeliveryResult, Producer as _, ProducerContext, ThreadedProducer},
    };

    use super::*;

    /// No message is sent before the flush, since each one may linger longer than the test.
    #[test]
    fn a_flush_sends_all_messages_together_and_at_once() {
        let cluster = MockCluster::new(1).unwrap();
        cluster.create_topic("topic", 1, 1).unwrap();
        let producer: ThreadedProducer<Batches> = ClientConfig::new()
            .set("bootstrap.servers", cluster.bootstrap_servers())
            .set("linger.ms", "200000")
            .set("statistics.interval.ms", "20")
            .create_with_context(Batches::default())
            .unwrap();
        let send = |count| {
            for _ in 0..count {
                producer.send(BaseRecord::<(), _>::to("topic").payload("a message")).ok().unwrap();
            }
            flush(producer.client(), Duration::from_secs(30));
        };
        // It opens the connection, for which messages wait too.
        send(1);
        send(300);
        assert_eq!(producer.context().batches_of(301), 2);
    }

    /// The batches and the messages of the topic, as librdkafka counts them.
    #[derive(Default)]
    struct Batches {
        counts: Mutex<(i64, i64)>,
        changed: Condvar,
    }

    impl Batches {
        /// Waits for the statistics about this many messages.
        fn batches_of(&self, messages: i64) -> i64 {
            let (counts, within) = (self.counts.lock().unwrap(), Duration::from_secs(20));
            self.changed.wait_timeout_while(counts, within, |counts| counts.1 < messages).unwrap().0.0
        }
    }

    impl ClientContext for Batches {
        fn stats(&self, statistics: Statistics) {
            let mut counts = self.counts.lock().unwrap();
            for topic in statistics.topics.values() {
                counts.0 += topic.batchcnt.cnt;
                counts.1 += topic.batchcnt.sum;
            }
            self.changed.notify_all();
        }
    }

    impl ProducerContext for Batches {
        type DeliveryOpaque = ();

        fn delivery(&self, _: &DeliveryResult<'_>, (): ()) {}
    }
}
