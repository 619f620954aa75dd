//! One file of a folder.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::{Mutex, PoisonError};

use upferry_protocol::{ByteRange, RangeSet};

use super::Blob;
use crate::fault;

/// Room is taken from the file system in steps of this many bytes: fewer calls and longer extents than one per chunk,
/// and no claim on the whole of a file that may never come.
const STEP: u64 = 64 << 20;

pub(super) struct FolderBlob {
    file: File,
    size: u64,
    /// The steps that room was taken for; `None` where the file system can't.
    taken: Mutex<Option<RangeSet>>,
}

impl FolderBlob {
    pub(super) fn new(file: File) -> io::Result<Self> {
        let size = file.metadata()?.len();
        Ok(Self { file, size, taken: Mutex::new(Some(RangeSet::new())) })
    }
}

impl Blob for FolderBlob {
    fn reserve(&self, range: ByteRange) -> io::Result<()> {
        let start = range.start() / STEP * STEP;
        let end = range.end().next_multiple_of(STEP).min(self.size);
        let Some(steps) = ByteRange::new(start, end) else { return Ok(()) };
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(done) = taken.as_mut() else { return Ok(()) };
        while let Some(gap) = done.first_gap(steps) {
            if allocate(&self.file, gap)? {
                done.insert(gap);
            } else {
                *taken = None;
                return Ok(());
            }
        }
        Ok(())
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all_at(bytes, offset)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.file.read_exact_at(buffer, offset)
    }

    fn sync_data(&self) -> io::Result<()> {
        if fault::skips_data_sync() { Ok(()) } else { self.file.sync_data() }
    }
}

/// Takes room with the raw system call: the C library's `posix_fallocate` writes zeros where the file system has no
/// such call. Tells whether the file system has it.
#[cfg(target_os = "linux")]
fn allocate(file: &File, range: ByteRange) -> io::Result<bool> {
    use rustix::fs::{FallocateFlags, fallocate};
    use rustix::io::Errno;
    loop {
        match fallocate(file, FallocateFlags::KEEP_SIZE, range.start(), range.len()) {
            Ok(()) => return Ok(true),
            Err(Errno::OPNOTSUPP | Errno::NOSYS) => return Ok(false),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn allocate(_: &File, _: ByteRange) -> io::Result<bool> {
    Ok(false)
}
