mod digest;
mod fingerprint;
mod http;
mod json;
mod options;
mod records;
mod support;
mod uploader;
