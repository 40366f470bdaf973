//! `cargo run -p local`: the whole registry on loopback, with one command.

mod banner;
mod command_line;

use std::{path::Path, process::ExitCode, thread, time::Duration};

use clap::Parser;
use command_line::{Api, Arguments, Command, DeadLetters};
use local::{
    Options, Result, Stack, Stage,
    dynamodb::EmbeddedDynamodb,
    explain_routes, invoke, kafka_check, samples,
    topic::{self, Reader, Record, StartAt},
};
use serde_json::{Value, json};
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let ended = match arguments.command {
        Some(Command::DynamodbApi { port, data_dir }) => serve_dynamodb(port, &data_dir).await,
        Some(Command::KafkaCheck { produce_to }) => kafka_check::run(produce_to).await,
        Some(Command::Reconcile { start, end, api }) => reconcile(&api, &start, &end).await,
        Some(Command::Routes { action }) => {
            explain_routes(action.into()).await.map(|text| println!("{text}"))
        }
        Some(Command::DeadLetters { action }) => dead_letters(action).await,
        None => tokio::select! {
            ended = serve(arguments) => ended,
            () = stop_signal() => Ok(()),
        },
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("local: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(arguments: Arguments) -> Result<()> {
    let posts_samples = !arguments.no_samples;
    let options: Options = arguments.into();
    let (log_dir, progress) = (options.log_dir.clone(), options.progress);
    let stack = Stack::start(options).await?;
    progress.begin(Stage::Samples);
    print_records(&stack).await?;
    let (receiver, group) = if posts_samples {
        post_samples(&stack).await?
    } else {
        ("<receiver id>".to_owned(), "<group id>".to_owned())
    };
    banner::print(&stack, &log_dir, &receiver, &group);
    stop_signal().await;
    Ok(())
}

/// Prints the records of the topics from now on.
async fn print_records(stack: &Stack) -> Result<()> {
    let consumer = xzepr_kafka::consumer(&stack.kafka_settings, &topic::PROPERTIES).await;
    let consumer = consumer.map_err(|error| local::Error::new(error.to_string()))?;
    let topics = stack.topics.clone();
    let are_several = topics.are_several();
    let reader = tokio::task::spawn_blocking(move || Reader::new(consumer, topics, StartAt::End))
        .await
        .map_err(|error| local::Error::new(error.to_string()))??;
    thread::spawn(move || {
        loop {
            let Some(Record { topic, key, value, .. }) = reader.next(Duration::from_secs(1)) else {
                continue;
            };
            if are_several {
                println!("{topic} {key} {value}");
            } else {
                println!("{key} {value}");
            }
        }
    });
    Ok(())
}

/// Posts a receiver, a group and an event, and returns the ids of the receiver and the group.
async fn post_samples(stack: &Stack) -> Result<(String, String)> {
    let token = stack.tokens.as_ref().map(|tokens| &*tokens.all);
    let post = async |path, body: Value| samples::post_with_token(&stack.api_url, token, path, &body).await;
    let receiver = post("/api/v1/event-receivers", samples::receiver()).await?;
    let group = post("/api/v1/event-receiver-groups", samples::group(&receiver)).await?;
    post("/api/v1/events", samples::event(&receiver)).await?;
    Ok((receiver, group))
}

async fn serve_dynamodb(port: u16, data_dir: &Path) -> Result<()> {
    let dynamodb = EmbeddedDynamodb::start(port, Some(data_dir))?;
    println!("DynamoDB API: {}", dynamodb.url());
    stop_signal().await;
    Ok(())
}

async fn reconcile(api: &Api, start: &str, end: &str) -> Result<()> {
    let range = json!({"start": start, "end": end});
    let report = invoke(&api.api_url, "reconcile-events", &range).await?;
    println!("{report:#}");
    match report["missing"]["count"].as_u64() {
        Some(0) => Ok(()),
        _ => Err(local::Error::new("events are missing on the topic: replay the range")),
    }
}

async fn dead_letters(action: DeadLetters) -> Result<()> {
    let (api, request) = action.request();
    let response = invoke(&api.api_url, "redrive-dead-letters", &request).await?;
    println!("{response:#}");
    Ok(())
}

/// Waits for Ctrl-C or SIGTERM. If the process cannot receive signals, this waits forever.
async fn stop_signal() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
