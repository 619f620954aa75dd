use upferry_engine::FailureCode;

use super::{Rejection, Trouble};

/// What happened and what to do about it, for people. What the server or the engine has to say goes first.
#[must_use]
pub fn message(trouble: &Trouble) -> String {
    match trouble {
        Trouble::Failed(failure) => failure.detail.clone().unwrap_or_else(|| of_code(failure.code)),
        Trouble::Rejected(rejection) => of_rejection(*rejection).to_owned(),
    }
}

fn of_code(code: FailureCode) -> String {
    let text = match code {
        FailureCode::Server(code) => return [code.title(), "."].concat(),
        FailureCode::FileChanged => "The file is not what it was when it was picked. Pick it again.",
        FailureCode::FileUnreadable => {
            "The file can't be read: it was moved, deleted or changed, or may not be read any more. Pick it again."
        }
        FailureCode::FileMismatch => {
            "This is not the file that the interrupted upload is of. Pick that file, or add this one as a new upload."
        }
        FailureCode::Network => "The server can't be reached. Check the connection and try again.",
        FailureCode::Timeout => "The server did not answer in time. Check the connection and try again.",
        FailureCode::BlockedByProxy => {
            "Something between this browser and the server refuses uploads, even small ones. Ask whoever runs the network or the server."
        }
        FailureCode::StorageUnavailable => {
            "The browser's storage can't be used, so this upload can't go on after a reload. Keep the page open until it is done."
        }
    };
    text.to_owned()
}

const fn of_rejection(rejection: Rejection) -> &'static str {
    match rejection {
        Rejection::TooLarge => "The file is larger than is accepted here.",
        Rejection::TooSmall => "The file is smaller than is accepted here.",
        Rejection::NotAccepted => "Files of this type are not accepted here.",
        Rejection::TooManyFiles => "No more files are accepted here.",
    }
}
