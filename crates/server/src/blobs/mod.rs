//! The blobs: the bytes of the uploads.
//!
//! Calls block; the server makes them on threads that may. What a store keeps is unfinished first, and finished once
//! it was published; nothing here ever removes a finished file.

#[cfg(test)]
mod conformance;
mod folder;
mod folder_blob;

pub use folder::FolderBlobs;

use std::io;
use std::sync::Arc;

use upferry_protocol::ByteRange;

use crate::UploadId;

/// Where the bytes of uploads are kept.
pub trait Blobs: Send + Sync + 'static {
    /// Makes the place for an upload of `size` bytes, the first of which are `content`, if any are known already.
    /// Place and content are durable on return.
    ///
    /// # Errors
    /// When it can't be made, or exists; nothing of it stays then.
    fn create(&self, id: UploadId, size: u64, content: &[u8]) -> io::Result<()>;

    /// Opens an unfinished upload to read and write.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] when there is none.
    fn open_unfinished(&self, id: UploadId) -> io::Result<Arc<dyn Blob>>;

    /// Opens a finished file to read.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] when there is none.
    fn open_finished(&self, id: UploadId) -> io::Result<Arc<dyn Blob>>;

    /// Where the bytes of an upload are now.
    ///
    /// # Errors
    /// When the store can't tell.
    fn whereabouts(&self, id: UploadId) -> io::Result<Whereabouts>;

    /// Makes an unfinished upload a finished file, in one step and without writing its bytes again. Never replaces
    /// another file. Durable only after [`sync_published`](Self::sync_published).
    ///
    /// # Errors
    /// When there is nothing to publish, or a finished file stands in its place.
    fn publish(&self, id: UploadId) -> io::Result<()>;

    /// Makes a publication durable.
    ///
    /// # Errors
    /// When the store can't promise it.
    fn sync_published(&self, id: UploadId) -> io::Result<()>;

    /// Removes an unfinished upload; fine when there is none.
    ///
    /// # Errors
    /// When it can't be removed.
    fn remove_unfinished(&self, id: UploadId) -> io::Result<()>;

    /// The ids of all unfinished uploads.
    ///
    /// # Errors
    /// When the store can't list them.
    fn unfinished(&self) -> io::Result<Vec<UploadId>>;

    /// The room that the store has; `None` where it can't tell.
    ///
    /// # Errors
    /// When asking fails.
    fn space(&self) -> io::Result<Option<Space>>;
}

/// The bytes of one upload. Ranges of different chunks are written at the same time.
pub trait Blob: Send + Sync + 'static {
    /// Takes the room for a range before it is written, where the store can, so that a full disk is known early.
    ///
    /// # Errors
    /// [`io::ErrorKind::StorageFull`] or [`io::ErrorKind::QuotaExceeded`] when there is no room.
    fn reserve(&self, range: ByteRange) -> io::Result<()>;

    /// Writes all of `bytes` at `offset`.
    ///
    /// # Errors
    /// When not all of them could be written.
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Fills `buffer` from `offset`.
    ///
    /// # Errors
    /// [`io::ErrorKind::UnexpectedEof`] when there are not so many bytes.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()>;

    /// Makes all bytes that were written before the call durable.
    ///
    /// # Errors
    /// When the store can't promise it; what was written since the last success is to be taken as lost then.
    fn sync_data(&self) -> io::Result<()>;
}

/// Where the bytes of an upload are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Whereabouts {
    /// Unfinished only.
    Unfinished,
    /// Finished only.
    Finished,
    /// Nowhere.
    Neither,
    /// In both places, which nothing that the server does leaves behind.
    Both,
}

/// The room of a store, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Space {
    /// What may be written still.
    pub available: u64,
    /// What the store holds in all.
    pub total: u64,
}
