//! What every store must do. A new implementation adds its factory to [`every_store`].

use std::io::ErrorKind;

use upferry_protocol::ByteRange;

use super::{Blobs, FolderBlobs, Whereabouts};
use crate::UploadId;

/// Runs a test against each implementation.
macro_rules! every_store {
    ($($(#[$doc:meta])* fn $name:ident($store:ident) $body:block)*) => {$(
        $(#[$doc])*
        #[test]
        fn $name() {
            let dir = tempfile::tempdir().unwrap();
            let $store = &FolderBlobs::open(dir.path()).unwrap() as &dyn Blobs;
            $body
        }
    )*};
}

fn created(store: &dyn Blobs, size: u64) -> UploadId {
    let id = UploadId::random().unwrap();
    store.create(id, size, &[]).unwrap();
    id
}

every_store! {
    fn ranges_land_at_their_offsets(store) {
        let id = created(store, 10);
        let blob = store.open_unfinished(id).unwrap();
        blob.reserve(ByteRange::new(0, 10).unwrap()).unwrap();
        blob.write_at(5, b"world").unwrap();
        blob.write_at(0, b"hello").unwrap();
        blob.sync_data().unwrap();
        let mut bytes = [0; 10];
        store.open_unfinished(id).unwrap().read_at(0, &mut bytes).unwrap();
        assert_eq!(&bytes, b"helloworld");
        assert_eq!(blob.read_at(5, &mut bytes).unwrap_err().kind(), ErrorKind::UnexpectedEof);
    }

    fn what_is_known_at_creation_is_there(store) {
        let id = UploadId::random().unwrap();
        store.create(id, 8, b"hello").unwrap();
        let mut bytes = [9; 8];
        store.open_unfinished(id).unwrap().read_at(0, &mut bytes).unwrap();
        assert_eq!(&bytes, b"hello\0\0\0");
    }

    fn ids_are_taken_once(store) {
        let id = created(store, 10);
        assert!(store.create(id, 10, &[]).is_err());
        assert_eq!(store.unfinished().unwrap(), [id]);
    }

    fn publishing_moves_the_bytes(store) {
        let id = created(store, 4);
        store.open_unfinished(id).unwrap().write_at(0, b"data").unwrap();
        assert_eq!(store.whereabouts(id).unwrap(), Whereabouts::Unfinished);
        assert_eq!(store.open_finished(id).err().unwrap().kind(), ErrorKind::NotFound);
        store.publish(id).unwrap();
        store.sync_published(id).unwrap();
        assert_eq!(store.whereabouts(id).unwrap(), Whereabouts::Finished);
        assert_eq!(store.open_unfinished(id).err().unwrap().kind(), ErrorKind::NotFound);
        assert_eq!(store.unfinished().unwrap(), []);
        let mut bytes = [0; 4];
        store.open_finished(id).unwrap().read_at(0, &mut bytes).unwrap();
        assert_eq!(&bytes, b"data");
    }

    fn nothing_finished_is_replaced_or_removed(store) {
        let id = created(store, 4);
        store.publish(id).unwrap();
        store.create(id, 9, &[]).unwrap();
        assert_eq!(store.whereabouts(id).unwrap(), Whereabouts::Both);
        assert!(store.publish(id).is_err());
        store.remove_unfinished(id).unwrap();
        assert_eq!(store.whereabouts(id).unwrap(), Whereabouts::Finished);
        assert!(store.open_finished(id).unwrap().read_at(0, &mut [0; 4]).is_ok());
        assert!(store.open_finished(id).unwrap().read_at(0, &mut [0; 5]).is_err(), "it is the first one");
    }

    fn removing_can_be_repeated(store) {
        let id = created(store, 4);
        store.remove_unfinished(id).unwrap();
        store.remove_unfinished(id).unwrap();
        assert_eq!(store.whereabouts(id).unwrap(), Whereabouts::Neither);
        assert!(store.publish(id).is_err());
    }

    fn files_without_bytes_are_files(store) {
        let id = created(store, 0);
        store.publish(id).unwrap();
        assert!(store.open_finished(id).unwrap().read_at(0, &mut [0; 1]).is_err());
    }

    fn the_room_is_known_or_not(store) {
        if let Some(space) = store.space().unwrap() {
            assert!(space.available <= space.total);
        }
    }
}
