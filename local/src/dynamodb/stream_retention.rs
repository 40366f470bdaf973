//! Keeps the stream fast and short, through a second connection to the database of dynoxide.

use std::time::{Duration, SystemTime};

use rusqlite::{Connection, params};

/// dynoxide searches for the last sequence number at every write, and for a shard's first and last one whenever the
/// stream is described. [`TRIM_STREAM`] searches by time. Without an index for each search, all of them slow down as the
/// stream grows.
pub(super) const STREAM_INDEXES: &str = "CREATE INDEX IF NOT EXISTS local_stream_records \
     ON _stream_records(table_name, CAST(sequence_number AS INTEGER)); \
     CREATE INDEX IF NOT EXISTS local_stream_shards \
     ON _stream_records(table_name, shard_id, CAST(sequence_number AS INTEGER)); \
     CREATE INDEX IF NOT EXISTS local_stream_times ON _stream_records(created_at)";

/// DynamoDB keeps stream records for 24 hours, and dynoxide forever. Requests wait during a deletion, so it is small.
const TRIM_STREAM: &str = "DELETE FROM _stream_records WHERE rowid IN \
     (SELECT rowid FROM _stream_records WHERE created_at < ?1 LIMIT 500)";
const STREAM_RETENTION_SECONDS: i64 = 24 * 60 * 60;
const TRIM_PAUSE: Duration = Duration::from_millis(20);
const TRIM_EVERY: Duration = Duration::from_secs(60);

/// Deletes old records of the stream in a file. In memory the second connection would wait for locks too often, and
/// the stream ends with the process.
pub(super) async fn trim_stream(connection: &Connection) -> Result<(), String> {
    loop {
        tokio::time::sleep(TRIM_EVERY).await;
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let oldest = i64::try_from(now.as_secs()).unwrap_or(i64::MAX) - STREAM_RETENTION_SECONDS;
        loop {
            match connection.execute(TRIM_STREAM, params![oldest]) {
                Ok(0) => break,
                Ok(_) => tokio::time::sleep(TRIM_PAUSE).await,
                Err(error) => {
                    eprintln!("the DynamoDB API could not trim the stream: {error}");
                    break;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use dynoxide::Database;

    use super::*;

    #[test]
    fn the_statements_fit_the_private_schema_of_dynoxide() {
        let path = "file:stream-retention?mode=memory&cache=shared";
        let _database = Database::new(path).unwrap();
        let connection = Connection::open(path).unwrap();
        connection.execute_batch(STREAM_INDEXES).unwrap();
        connection.execute(TRIM_STREAM, params![0]).unwrap();
        let created_at: String = connection
            .query_row(
                "SELECT type FROM pragma_table_info('_stream_records') WHERE name = 'created_at'",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(created_at, "INTEGER", "the retention is compared with seconds");
    }
}
