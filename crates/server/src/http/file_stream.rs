//! A part of a blob as the body of an answer.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::blobs::Blob;

/// Bytes read at a time: one piece is in memory for each download.
const PIECE: u64 = 256 << 10;

/// Reads a blob piece by piece as the client takes it.
pub(crate) struct FileStream {
    blob: Arc<dyn Blob>,
    at: u64,
    end: u64,
    reading: Option<JoinHandle<io::Result<Bytes>>>,
}

impl FileStream {
    /// The bytes from `start` up to `end`.
    pub(crate) fn new(blob: Arc<dyn Blob>, start: u64, end: u64) -> Self {
        Self { blob, at: start, end, reading: None }
    }

    fn read(&self) -> JoinHandle<io::Result<Bytes>> {
        let (blob, at) = (Arc::clone(&self.blob), self.at);
        let length = usize::try_from(PIECE.min(self.end - at)).unwrap_or(0);
        spawn_blocking(move || {
            let mut piece = vec![0; length];
            blob.read_at(at, &mut piece)?;
            Ok(Bytes::from(piece))
        })
    }
}

impl Body for FileStream {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.at == self.end {
            return Poll::Ready(None);
        }
        let mut reading = self.reading.take().unwrap_or_else(|| self.read());
        let Poll::Ready(done) = Pin::new(&mut reading).poll(context) else {
            self.reading = Some(reading);
            return Poll::Pending;
        };
        let piece = done.map_err(io::Error::other).flatten();
        if let Ok(piece) = &piece {
            self.at += piece.len() as u64;
        }
        Poll::Ready(Some(piece.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.at == self.end
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.end - self.at)
    }
}
