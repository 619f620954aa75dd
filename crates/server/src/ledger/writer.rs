//! The one thread that writes, and commits together what waits together.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::oneshot;

use super::LedgerError;

/// At most this many jobs share a commit, so that one answer never waits for an endless queue.
const MOST_PER_COMMIT: usize = 256;

/// Tells a job's caller the outcome, once it is known whether the commit held.
type Reply = Box<dyn FnOnce(Result<(), LedgerError>)>;
/// Does one job's statements; the flag says whether they are to be kept.
type Job = Box<dyn FnOnce(&Connection) -> (bool, Reply) + Send>;

/// A handle to the writing thread, which ends when the last handle is dropped.
pub(super) struct Writer {
    jobs: Sender<Job>,
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(connection: Connection) -> std::io::Result<Self> {
        let (jobs, queue) = channel();
        thread::Builder::new().name("ledger".into()).spawn(move || run(connection, &queue))?;
        Ok(Self { jobs })
    }

    /// Runs `statements` in a transaction, alone or with others, and returns once it is durable. An error of theirs
    /// undoes them and nobody else's.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        statements: impl FnOnce(&Connection) -> Result<T, LedgerError> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let (answer, outcome) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            let result = statements(connection);
            let keep = result.is_ok();
            // A caller that went away wants no answer.
            let reply: Reply = Box::new(move |committed| drop(answer.send(committed.and(result))));
            (keep, reply)
        });
        let lost = || LedgerError::Broken("the transaction could not begin, or the writing thread has ended".into());
        self.jobs.send(job).map_err(|_| lost())?;
        outcome.await.map_err(|_| lost())?
    }
}

fn run(mut connection: Connection, queue: &Receiver<Job>) {
    while let Ok(first) = queue.recv() {
        let waiting = queue.try_iter().take(MOST_PER_COMMIT - 1);
        commit(&mut connection, std::iter::once(first).chain(waiting));
    }
}

fn commit(connection: &mut Connection, jobs: impl Iterator<Item = Job>) {
    let mut replies = Vec::new();
    let committed = (|| {
        let mut transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for job in jobs {
            let savepoint = transaction.savepoint()?;
            let (keep, reply) = job(&savepoint);
            replies.push(reply);
            if keep {
                savepoint.commit()?;
            } else {
                savepoint.finish()?;
            }
        }
        transaction.commit()
    })()
    .map_err(LedgerError::from);
    if let Err(error) = &committed {
        tracing::error!(%error, "a commit to the ledger failed");
    }
    for reply in replies {
        reply(committed.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_failure_undoes_nobody_else() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE t (n INTEGER PRIMARY KEY)").unwrap();
        let writer = Writer::start(connection).unwrap();
        let insert = |n: i64| {
            writer.write(move |connection| {
                connection.execute("INSERT INTO t VALUES (?1)", [n])?;
                if n == 2 { Err(LedgerError::Full) } else { Ok(n) }
            })
        };
        let outcomes = tokio::join!(insert(1), insert(2), insert(3), insert(1));
        assert_eq!((outcomes.0, outcomes.1, outcomes.2), (Ok(1), Err(LedgerError::Full), Ok(3)));
        assert!(matches!(outcomes.3, Err(LedgerError::Broken(_))), "the key is taken");
        let sum = writer.write(|connection| Ok(connection.query_row("SELECT sum(n) FROM t", (), |row| row.get(0))?));
        assert_eq!(sum.await, Ok(4_i64));
    }
}
