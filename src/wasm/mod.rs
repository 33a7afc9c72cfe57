//! The wasm doors.
