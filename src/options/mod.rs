//! What the application may set, checked once and with the name of whatever is wrong.

mod add_options;
mod field;
mod restrictions;
mod uploader_options;

pub use add_options::AddOptions;
pub use field::{Field, fields};
pub use restrictions::Restrictions;
pub use uploader_options::Options;
