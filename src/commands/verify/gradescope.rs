//! Gradescope's `results.json`, after its specification
//! (<https://gradescope-autograders.readthedocs.io/en/latest/specs/>): `score` is the sum of the tests'; `status` says of
//! each whether it passed; `text` keeps what a student has named from being read as HTML; what else the grading script
//! prints stays hidden from students. Written also where the judge fails, as its best practices ask.

use std::time::Duration;

use serde::Serialize;

use super::Judged;
use super::graded::{self, Test};
use crate::error::{Error, Result};
use crate::text;
use crate::text::visible;

#[derive(Serialize)]
struct Document {
    score: u32,
    /// In seconds.
    execution_time: f64,
    output: String,
    output_format: &'static str,
    test_output_format: &'static str,
    test_name_format: &'static str,
    visibility: &'static str,
    stdout_visibility: &'static str,
    tests: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    name: String,
    status: &'static str,
    score: u32,
    max_score: u32,
    output: String,
    visibility: &'static str,
}

/// What came of `all`, which took so long.
///
/// # Errors
/// [`Error::Broken`] when it cannot be written.
pub fn document(all: &[Judged], took: Duration) -> Result<String> {
    let tests = graded::tests(all);
    let (score, most) = graded::total(&tests);
    let proven = text!("{score} of {most} points", "{most}점 중 {score}점");
    written(score, proven.to_string(), tests, took)
}

/// That nothing could be judged, and why.
///
/// # Errors
/// As for [`document`].
pub fn failed(error: &Error, took: Duration) -> Result<String> {
    let line = error.line();
    let line = text!("nothing could be judged: {line}", "채점하지 못했습니다: {line}");
    written(0, visible(&line.to_string()), Vec::new(), took)
}

fn written(score: u32, output: String, tests: Vec<Test>, took: Duration) -> Result<String> {
    let document = Document {
        score,
        execution_time: took.as_secs_f64(),
        output,
        output_format: "text",
        test_output_format: "text",
        test_name_format: "text",
        visibility: "visible",
        stdout_visibility: "hidden",
        tests: tests.into_iter().map(row).collect(),
    };
    graded::written(&document)
}

fn row(Test { name, passed, score, max_score, output }: Test) -> Row {
    let status = if passed { "passed" } else { "failed" };
    Row { name, status, score, max_score, output, visibility: "visible" }
}
