//! What JavaScript sees. Byte counts cross as numbers; methods take `&self` and hold nothing while they wait.

mod interrupted;
mod sha256;
mod types;
mod upload;
mod uploader;

pub use interrupted::Interrupted;
pub use sha256::sha256;
pub use upload::Upload;
pub use uploader::{Uploader, make_uploader};
