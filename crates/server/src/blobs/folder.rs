//! Blobs as files in a folder.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::{CWD, RenameFlags, renameat_with, statvfs};

use super::folder_blob::FolderBlob;
use super::{Blob, Blobs, Space, Whereabouts};
use crate::{UploadId, fault};

/// [`Blobs`] in a local folder: `unfinished/<id>` until published, `files/ab/cd/<id>` afterwards, on one file system,
/// so that publishing is a rename. No name that a client chose is ever part of a path.
pub struct FolderBlobs {
    unfinished: PathBuf,
    files: PathBuf,
}

impl FolderBlobs {
    /// Opens the folder, or makes it; readable by its owner only.
    ///
    /// # Errors
    /// When the folders can't be made or synced.
    pub fn open(root: &Path) -> io::Result<Self> {
        let store = Self { unfinished: root.join("unfinished"), files: root.join("files") };
        make_folder(&store.unfinished)?;
        make_folder(&store.files)?;
        sync_folder(root)?;
        Ok(store)
    }

    fn unfinished_path(&self, id: UploadId) -> PathBuf {
        self.unfinished.join(id.to_string())
    }

    /// Spread over 65,536 folders: a folder with millions of entries is slow on many file systems.
    fn finished_path(&self, id: UploadId) -> PathBuf {
        let name = id.to_string();
        self.files.join(&name[..2]).join(&name[2..4]).join(name)
    }

    /// The folders between `files` and the finished file, outermost first.
    fn shards(&self, id: UploadId) -> [PathBuf; 2] {
        let name = id.to_string();
        let outer = self.files.join(&name[..2]);
        let inner = outer.join(&name[2..4]);
        [outer, inner]
    }
}

impl Blobs for FolderBlobs {
    fn create(&self, id: UploadId, size: u64, content: &[u8]) -> io::Result<()> {
        let path = self.unfinished_path(id);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        let fill = || {
            file.set_len(size)?;
            file.write_all_at(content, 0)?;
            if content.is_empty() || !fault::skips_data_sync() {
                file.sync_all()?;
            }
            sync_folder(&self.unfinished)
        };
        let made = fill();
        if made.is_err() {
            // The error that matters is the first one; what stays behind is swept at the next start.
            let _ = fs::remove_file(&path);
        }
        made
    }

    fn open_unfinished(&self, id: UploadId) -> io::Result<Arc<dyn Blob>> {
        let file = OpenOptions::new().read(true).write(true).open(self.unfinished_path(id))?;
        Ok(Arc::new(FolderBlob::new(file)?))
    }

    fn open_finished(&self, id: UploadId) -> io::Result<Arc<dyn Blob>> {
        Ok(Arc::new(FolderBlob::new(File::open(self.finished_path(id))?)?))
    }

    fn whereabouts(&self, id: UploadId) -> io::Result<Whereabouts> {
        Ok(match (self.unfinished_path(id).try_exists()?, self.finished_path(id).try_exists()?) {
            (true, false) => Whereabouts::Unfinished,
            (false, true) => Whereabouts::Finished,
            (false, false) => Whereabouts::Neither,
            (true, true) => Whereabouts::Both,
        })
    }

    fn publish(&self, id: UploadId) -> io::Result<()> {
        for shard in self.shards(id) {
            if make_folder(&shard)? {
                sync_folder(shard.parent().unwrap_or(&self.files))?;
            }
        }
        let (from, to) = (self.unfinished_path(id), self.finished_path(id));
        match renameat_with(CWD, &from, CWD, &to, RenameFlags::NOREPLACE) {
            // A file system without the flag. The folder is locked for one server, and one task completes an upload,
            // so nothing can come between the question and the rename.
            Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => {
                if to.try_exists()? {
                    return Err(io::ErrorKind::AlreadyExists.into());
                }
                fs::rename(from, to)
            }
            done => Ok(done?),
        }
    }

    fn sync_published(&self, id: UploadId) -> io::Result<()> {
        let [_, inner] = self.shards(id);
        sync_folder(&inner)?;
        sync_folder(&self.unfinished)
    }

    fn remove_unfinished(&self, id: UploadId) -> io::Result<()> {
        match fs::remove_file(self.unfinished_path(id)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            done => done,
        }
    }

    fn unfinished(&self) -> io::Result<Vec<UploadId>> {
        let mut ids = Vec::new();
        for entry in fs::read_dir(&self.unfinished)? {
            // Whatever has another name is not ours to judge.
            ids.extend(entry?.file_name().to_str().and_then(UploadId::parse));
        }
        Ok(ids)
    }

    fn space(&self) -> io::Result<Option<Space>> {
        let disk = statvfs(&self.unfinished)?;
        let bytes = |blocks: u64| blocks.saturating_mul(disk.f_frsize);
        Ok(Some(Space { available: bytes(disk.f_bavail), total: bytes(disk.f_blocks) }))
    }
}

/// Makes a folder unless it exists; tells whether it made it.
fn make_folder(path: &Path) -> io::Result<bool> {
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

/// Makes the names in a folder durable.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}
