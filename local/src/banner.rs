//! The text that a newcomer reads: the addresses of all parts, and commands to try.

use std::path::Path;

use local::{
    Stack,
    kafka::{self, Kafka},
    samples,
};

pub(crate) fn print(stack: &Stack, log_dir: &Path, receiver: &str) {
    let limits = match stack.kafka {
        Kafka::Embedded(_) => format!(" ({})", kafka::LIMITS),
        _ => String::new(),
    };
    let topics = if stack.topics.are_several() {
        "Topics        all of the cluster (their records are printed here: topic, key, value)".to_owned()
    } else {
        format!("Topic         {} (its records are printed here: key, value)", stack.topic)
    };
    let (tokens, read_tokens) = match &stack.tokens {
        Some(tokens) => {
            let file = tokens.file.display();
            (format!("\n  Tokens        {file} (valid for a day)"), format!("  . {file}\n"))
        }
        None => (String::new(), String::new()),
    };
    let curl = |path, body| curl(&stack.api_url, stack.tokens.is_some(), path, body);
    println!(
        "
  HTTP API      {}
  DynamoDB API  {} (table {})
  Kafka         {}{limits}
  {topics}
  Logs          {}{tokens}

Try:
{read_tokens}{}
{}
{}

Ctrl-C stops everything.
",
        stack.api_url,
        stack.dynamodb_url,
        stack.table,
        stack.kafka.brokers(),
        log_dir.display(),
        curl("/api/v1/event-receivers", &samples::receiver()),
        curl("/api/v1/event-receiver-groups", &samples::group(receiver)),
        curl("/api/v1/events", &samples::event(receiver)),
    );
}

fn curl(api_url: &str, needs_token: bool, path: &str, body: &serde_json::Value) -> String {
    let token = if needs_token { " -H \"authorization: Bearer $TOKEN\"" } else { "" };
    format!("  curl {api_url}{path}{token} -d '{body}'")
}
