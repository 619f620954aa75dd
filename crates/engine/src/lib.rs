//! The upload engine.
