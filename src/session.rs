//! What every door calls.
