//! Which messages of a batch are sent again, and how.
//!
//! A broker refuses a whole batch because of one record that is invalid or too large. Each message of such a batch is
//! sent again, until it is delivered or refused on its own.

use xzepr_messages::Message;

use crate::undelivered::Undelivered;

type Results = Vec<Result<(), Undelivered>>;

/// Sends messages. One result for each message, in their order.
pub(super) trait SendBatches {
    /// Sends messages in batches of many, and learns from the results: the next send respects the topic's limit.
    async fn send_together(&mut self, messages: &[&Message]) -> Results;

    /// Sends each message in a batch of its own, all at the same time. `None` where nothing was sent.
    async fn send_each_alone(&mut self, messages: &[&Message]) -> Option<Results>;
}

/// Sends messages, and sends again those that were refused because of others.
pub(super) async fn send(sender: &mut impl SendBatches, messages: &[&Message]) -> Results {
    let mut results = sender.send_together(messages).await;
    send_without_refused(sender, messages, &mut results).await;
    send_refused_alone(sender, messages, &mut results).await;
    results
}

/// Sends messages again that may arrive without those that were refused for good, as long as each send brings at least
/// one message to a result that stays. So there are no more sends than messages.
async fn send_without_refused(sender: &mut impl SendBatches, messages: &[&Message], results: &mut Results) {
    loop {
        let again = indices(results, Undelivered::is_worth_sending_again);
        if again.is_empty() {
            return;
        }
        let new_results = sender.send_together(&at(&again, messages)).await;
        replace(results, &again, new_results);
        if indices(results, Undelivered::is_worth_sending_again).len() == again.len() {
            return;
        }
    }
}

/// Sends each message that the broker's validation refused in a batch of its own: a refusal then judges that message
/// alone. This costs one more send. A message that could not be sent again keeps its result, which is no judgement.
async fn send_refused_alone(sender: &mut impl SendBatches, messages: &[&Message], results: &mut Results) {
    let refused = indices(results, Undelivered::is_refused_with_its_batch);
    let was_alone = messages.len() == 1;
    if !refused.is_empty() && !was_alone {
        let Some(new_results) = sender.send_each_alone(&at(&refused, messages)).await else { return };
        replace(results, &refused, new_results);
    }
    for index in indices(results, Undelivered::is_refused_with_its_batch) {
        results[index] = Err(Undelivered::RecordRefused);
    }
}

/// The indices of the errors that fulfil a condition.
fn indices(results: &Results, condition: impl Fn(&Undelivered) -> bool) -> Vec<usize> {
    let fulfils = |result: &Result<(), Undelivered>| result.as_ref().is_err_and(&condition);
    (0..results.len()).filter(|index| fulfils(&results[*index])).collect()
}

fn at<'a>(indices: &[usize], messages: &[&'a Message]) -> Vec<&'a Message> {
    indices.iter().map(|index| messages[*index]).collect()
}

fn replace(results: &mut Results, indices: &[usize], new_results: Results) {
    for (index, result) in indices.iter().zip(new_results) {
        results[*index] = result;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use rdkafka::{error::KafkaError, types::RDKafkaErrorCode};
    use xzepr_settings::Compression;

    use super::*;

    /// A result in a script.
    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Report {
        Delivered,
        /// The broker's validation refused the batch.
        Invalid,
        /// Another record of the batch is invalid.
        OtherInvalid,
        /// The batch is too large, and the topic's limit is not known.
        BatchTooLarge,
        /// The record is over the topic's known limit.
        TooLarge,
        NotReady,
    }

    use Report::{BatchTooLarge, Delivered, Invalid, NotReady, OtherInvalid, TooLarge};

    impl Report {
        fn result(self) -> Result<(), Undelivered> {
            let failed = |code| Err(Undelivered::Failed(KafkaError::MessageProduction(code)));
            match self {
                Delivered => Ok(()),
                Invalid => failed(RDKafkaErrorCode::InvalidRecord),
                OtherInvalid => failed(RDKafkaErrorCode::InvalidDifferentRecord),
                BatchTooLarge => failed(RDKafkaErrorCode::MessageBatchTooLarge),
                TooLarge => Err(Undelivered::TooLarge {
                    topic: "topic".to_owned(),
                    size: 2,
                    limit: crate::topic_limit::TopicLimit::Bytes(1),
                }),
                NotReady => Err(Undelivered::NotReady),
            }
        }
    }

    /// A send that is expected, by the messages' keys, with its results.
    #[derive(Debug, Clone, PartialEq)]
    enum Attempt {
        Together(&'static str, Vec<Report>),
        Alone(&'static str, Vec<Report>),
        /// There is no client to send messages alone.
        NoClient(&'static str),
    }

    struct Script(VecDeque<Attempt>);

    impl Script {
        fn next(&mut self, messages: &[&Message]) -> (Attempt, String) {
            let keys = messages.iter().map(|message| message.key.as_str()).collect();
            (self.0.pop_front().expect("a send that was not expected"), keys)
        }
    }

    impl SendBatches for Script {
        async fn send_together(&mut self, messages: &[&Message]) -> Results {
            match self.next(messages) {
                (Attempt::Together(expected, reports), keys) if keys == expected => results(&reports),
                other => panic!("sent together: {other:?}"),
            }
        }

        async fn send_each_alone(&mut self, messages: &[&Message]) -> Option<Results> {
            match self.next(messages) {
                (Attempt::Alone(expected, reports), keys) if keys == expected => Some(results(&reports)),
                (Attempt::NoClient(expected), keys) if keys == expected => None,
                other => panic!("sent alone: {other:?}"),
            }
        }
    }

    fn results(reports: &[Report]) -> Results {
        reports.iter().map(|report| report.result()).collect()
    }

    /// Sends a message for each letter of `keys`. Every send of the script must happen.
    async fn run(keys: &str, script: impl IntoIterator<Item = Attempt>) -> Results {
        let messages: Vec<_> = keys
            .chars()
            .map(|key| Message {
                topic: "topic".into(),
                key: key.to_string(),
                value: Vec::new(),
                headers: Vec::new(),
                compression: Compression::None,
            })
            .collect();
        let mut script = Script(script.into_iter().collect());
        let results = send(&mut script, &messages.iter().collect::<Vec<_>>()).await;
        assert_eq!(script.0, [], "sends that did not happen");
        results
    }

    /// A letter for each result: delivered, permanent, refused alone, or to be retried.
    fn letters(results: &Results) -> String {
        let letter = |result: &Result<(), Undelivered>| match result {
            Ok(()) => 'd',
            Err(error) if error.is_permanent() => 'p',
            Err(error) if error.is_refused_alone() => 'r',
            Err(_) => '-',
        };
        results.iter().map(letter).collect()
    }

    #[tokio::test]
    async fn a_batch_that_is_delivered_is_sent_once() {
        let results = run("abc", [Attempt::Together("abc", vec![Delivered; 3])]).await;
        assert_eq!(letters(&results), "ddd");
    }

    #[tokio::test]
    async fn a_batch_that_fails_for_a_passing_reason_is_sent_once() {
        let results = run("ab", [Attempt::Together("ab", vec![NotReady, Delivered])]).await;
        assert_eq!(letters(&results), "-d");
    }

    #[tokio::test]
    async fn messages_that_were_refused_for_another_are_sent_without_it() {
        let script = [
            Attempt::Together("abc", vec![OtherInvalid, TooLarge, OtherInvalid]),
            Attempt::Together("ac", vec![Delivered; 2]),
        ];
        assert_eq!(letters(&run("abc", script).await), "dpd");
    }

    #[tokio::test]
    async fn a_batch_that_is_too_large_is_sent_again_until_its_large_records_are_known() {
        let script = [
            Attempt::Together("abcd", vec![BatchTooLarge; 4]),
            Attempt::Together("abcd", vec![Delivered, BatchTooLarge, TooLarge, BatchTooLarge]),
            Attempt::Together("bd", vec![Delivered, TooLarge]),
        ];
        assert_eq!(letters(&run("abcd", script).await), "ddpp");
    }

    #[tokio::test]
    async fn a_send_that_changes_nothing_is_the_last() {
        let script = [
            Attempt::Together("ab", vec![BatchTooLarge; 2]),
            Attempt::Together("ab", vec![BatchTooLarge; 2]),
        ];
        assert_eq!(letters(&run("ab", script).await), "--");
    }

    #[tokio::test]
    async fn there_are_no_more_sends_than_messages_and_one() {
        let script = [
            Attempt::Together("abc", vec![BatchTooLarge; 3]),
            Attempt::Together("abc", vec![TooLarge, BatchTooLarge, BatchTooLarge]),
            Attempt::Together("bc", vec![TooLarge, BatchTooLarge]),
            Attempt::Together("c", vec![TooLarge]),
        ];
        assert_eq!(letters(&run("abc", script).await), "ppp");
    }

    #[tokio::test]
    async fn each_record_of_an_invalid_batch_is_judged_alone() {
        let script = [
            Attempt::Together("abc", vec![Invalid; 3]),
            Attempt::Alone("abc", vec![Delivered, Invalid, NotReady]),
        ];
        assert_eq!(letters(&run("abc", script).await), "dr-");
    }

    #[tokio::test]
    async fn only_the_records_that_were_refused_are_sent_alone() {
        let script = [
            Attempt::Together("abcd", vec![Delivered, OtherInvalid, Invalid, NotReady]),
            Attempt::Together("b", vec![Invalid]),
            Attempt::Alone("bc", vec![Delivered, Invalid]),
        ];
        assert_eq!(letters(&run("abcd", script).await), "ddr-");
    }

    #[tokio::test]
    async fn a_message_without_company_was_alone_already() {
        assert_eq!(letters(&run("a", [Attempt::Together("a", vec![Invalid])]).await), "r");
    }

    #[tokio::test]
    async fn a_refused_record_that_cannot_be_sent_alone_is_not_judged() {
        let script = [Attempt::Together("ab", vec![Invalid, Delivered]), Attempt::NoClient("a")];
        assert_eq!(letters(&run("ab", script).await), "-d");
    }

    #[tokio::test]
    async fn no_message_needs_no_second_send() {
        assert_eq!(letters(&run("", [Attempt::Together("", Vec::new())]).await), "");
    }
}
