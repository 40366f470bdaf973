//! The stages of a start, printed for the person at the terminal.

/// Whether a start prints its stages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Progress {
    /// It prints nothing of its own.
    #[default]
    Silent,
    /// It prints a line on stderr before each stage.
    Printed,
}

/// A stage of a start, in the order in which they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Cargo builds the functions.
    Build,
    /// The Lambda Runtime API.
    Lambda,
    /// The DynamoDB API and its tables.
    Dynamodb,
    /// Kafka.
    Kafka,
    /// The functions' processes, the event source mapping, the queue and the schedules.
    Functions,
    /// The reader of the topic, and the sample requests.
    Samples,
}

impl Stage {
    const COUNT: usize = Self::Samples as usize + 1;

    fn text(self) -> &'static str {
        match self {
            Self::Build => "Building the functions with cargo",
            Self::Lambda => "Starting the Lambda Runtime API (cargo-lambda)",
            Self::Dynamodb => "Starting the DynamoDB API and creating the tables",
            Self::Kafka => "Starting Kafka",
            Self::Functions => "Starting the functions, the HTTP API and the event source mapping",
            Self::Samples => "Connecting to the topic and posting the samples",
        }
    }
}

impl Progress {
    /// Announces a stage.
    pub fn begin(self, stage: Stage) {
        if self == Self::Printed {
            eprintln!("[{}/{}] {}", stage as usize + 1, Stage::COUNT, stage.text());
        }
    }
}
