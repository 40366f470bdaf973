//! The parts of the tables that a redrive uses.

use xzepr_domain::Event;
use xzepr_store::{DeadLetter, DeadLetterState, DeadLetters, Key, StoreError, Table, UnknownShape};

/// Reads the items that dead letters name.
pub(crate) trait ReadItem {
    /// Reads the event of an item, or the reason why the item contains none; `None` if there is no such item.
    async fn read(&self, key: &Key) -> Result<Option<Result<Event, UnknownShape>>, StoreError>;
}

/// Reads and changes dead letters.
pub(crate) trait ManageDeadLetters {
    async fn all(&self) -> Result<Vec<DeadLetter>, StoreError>;
    async fn get(&self, key: &Key) -> Result<Option<DeadLetter>, StoreError>;
    async fn park(&self, letter: &DeadLetter, reason: &str) -> Result<DeadLetterState, StoreError>;
    async fn remove(&self, key: &Key) -> Result<(), StoreError>;
}

impl ReadItem for Table {
    async fn read(&self, key: &Key) -> Result<Option<Result<Event, UnknownShape>>, StoreError> {
        self.event(key).await
    }
}

impl ManageDeadLetters for DeadLetters {
    async fn all(&self) -> Result<Vec<DeadLetter>, StoreError> {
        self.all().await
    }

    async fn get(&self, key: &Key) -> Result<Option<DeadLetter>, StoreError> {
        self.get(key).await
    }

    async fn park(&self, letter: &DeadLetter, reason: &str) -> Result<DeadLetterState, StoreError> {
        self.park(letter, reason).await
    }

    async fn remove(&self, key: &Key) -> Result<(), StoreError> {
        self.remove(key).await
    }
}
