//! Limits that AWS documents. Quotas that can be raised say so.

/// Write units that a partition of a table takes in a second. A partition key is in one partition, unless its sort keys
/// let it be split, and those that only rise do not:
/// <https://aws.amazon.com/blogs/database/part-2-scaling-dynamodb-how-partitions-hot-keys-and-split-for-heat-impact-performance/>
pub const PARTITION_WRITE_UNITS: f64 = 1_000.0;

/// Read units of a partition in a second:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html>
pub const PARTITION_READ_UNITS: f64 = 3_000.0;

/// Write units in a second of a new table on demand. It then takes up to the double of its highest load before:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html>
pub const NEW_TABLE_WRITE_UNITS: f64 = 4_000.0;

/// The default quota of a table's write units in a second. AWS raises it on request:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode-max-throughput.html>
pub const TABLE_WRITE_UNITS: f64 = 40_000.0;

/// Bytes of a write unit, and of an item that costs one:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html>
pub const WRITE_UNIT_BYTES: f64 = 1_024.0;

/// Each item of a transaction, also one that is only checked, costs two units where a write costs one:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html>
pub const TRANSACTION_FACTOR: f64 = 2.0;

/// The most bytes of an item: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>
pub const ITEM_BYTES: f64 = 400.0 * 1_024.0;

/// Records of one GetRecords: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetRecords.html>
pub const READ_RECORDS: u64 = 1_000;

/// Bytes of one GetRecords, from the same page.
pub const READ_BYTES: u64 = 1_048_576;

/// How often Lambda asks a shard for records: four times a second is its base rate. Nothing says that it is ever faster:
/// <https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html>
pub const READS_PER_SECOND: u64 = 4;

/// The payload of an invocation, in bytes: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub const INVOCATION_BYTES: u64 = 6 * 1_048_576;

/// The default quota of executions at once in an account. AWS raises it on request:
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html>
pub const EXECUTIONS: f64 = 1_000.0;

/// Requests in a second for each execution of the quota, however short they are. From the same page.
pub const REQUESTS_PER_EXECUTION: f64 = 10.0;

/// Memory of a function that has one processor, in MB:
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html>
pub const MEGABYTES_PER_PROCESSOR: f64 = 1_769.0;

/// The default quota of requests in a second to all APIs of an account and region. AWS raises it on request:
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>
pub const API_REQUESTS: f64 = 10_000.0;

/// Bytes that a partition of MSK Serverless takes in a second. Provisioned brokers have no such number:
/// <https://docs.aws.amazon.com/msk/latest/developerguide/limits.html>
pub const KAFKA_PARTITION_BYTES: f64 = 5.0 * 1_048_576.0;

/// Connections of a broker of MSK with IAM, from the same page.
pub const BROKER_CONNECTIONS: f64 = 3_000.0;

/// New connections of such a broker in a second, from the same page.
pub const BROKER_CONNECTION_RATE: f64 = 100.0;
