//! Integration tests.

mod image;
