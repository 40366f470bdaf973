//! The names of subjects.

use xzepr_settings::SubjectNameStrategy;

/// The subject of a record's schema in a topic, as Confluent's serializers name it.
pub fn subject(strategy: SubjectNameStrategy, topic: &str, record: &str) -> String {
    match strategy {
        SubjectNameStrategy::Topic => format!("{topic}-value"),
        SubjectNameStrategy::Record => record.to_owned(),
        SubjectNameStrategy::TopicRecord => format!("{topic}-{record}"),
    }
}

#[cfg(test)]
mod tests {
    use schema_registry_converter::schema_registry_common::SubjectNameStrategy as Confluents;

    use super::*;

    #[test]
    fn subjects_are_named_as_by_confluents_serializers() {
        let (topic, record) = ("xzepr.dev.events", "xzepr.Event");
        for (strategy, confluents) in [
            (SubjectNameStrategy::Topic, Confluents::TopicNameStrategy(topic.to_owned(), false)),
            (SubjectNameStrategy::Record, Confluents::RecordNameStrategy(record.to_owned())),
            (
                SubjectNameStrategy::TopicRecord,
                Confluents::TopicRecordNameStrategy(topic.to_owned(), record.to_owned()),
            ),
        ] {
            assert_eq!(subject(strategy, topic, record), confluents.get_subject().unwrap());
        }
        assert_eq!(subject(SubjectNameStrategy::Topic, topic, record), "xzepr.dev.events-value");
    }
}
