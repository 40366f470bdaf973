//! The text that a newcomer reads: the addresses of all parts, and commands to try.

use std::path::Path;

use local::{
    Stack,
    kafka::{self, Kafka},
    samples,
};

pub(crate) fn print(stack: &Stack, log_dir: &Path, receiver: &str, group: &str) {
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
    let api = Api { url: &stack.api_url, needs_token: stack.tokens.is_some() };
    let gate = format!("/api/v1/event-receiver-groups/{group}/gate?{}", samples::artifact());
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
{}
{}

Ctrl-C stops everything.
",
        stack.api_url,
        stack.dynamodb_url,
        stack.table,
        stack.kafka.brokers(),
        log_dir.display(),
        api.post("/api/v1/event-receivers", &samples::receiver()),
        api.post("/api/v1/event-receiver-groups", &samples::group(receiver)),
        api.post("/api/v1/events", &samples::event(receiver)),
        api.get("/api/v1/events?limit=10"),
        api.get(&gate),
    );
}

/// The API in the commands.
struct Api<'a> {
    url: &'a str,
    needs_token: bool,
}

impl Api<'_> {
    fn get(&self, target: &str) -> String {
        format!("  curl{} '{}{target}'", self.token(), self.url)
    }

    fn post(&self, path: &str, body: &serde_json::Value) -> String {
        format!("  curl{} {}{path} -d '{body}'", self.token(), self.url)
    }

    fn token(&self) -> &'static str {
        if self.needs_token { " -H \"authorization: Bearer $TOKEN\"" } else { "" }
    }
}
