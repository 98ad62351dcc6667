//! Classroom 50's `result.json`, after its schema `classroom50/result/v1`
//! (<https://github.com/foundation50/classroom50/blob/main/schemas/result-v1.schema.json>) and what an `autograder.py`
//! is promised and has to keep (<https://github.com/foundation50/classroom50/wiki/Advanced-Autograding>): exit status 0
//! says that it ran to its end, whatever the points are; any other that it could not.

use chrono::{SubsecRound, Utc};
use serde::Serialize;

use super::Judged;
use super::graded::{self, Test};
use crate::error::{Error, Result};
use crate::text;
use crate::text::Text;

/// Whose submission is judged, as the runner says in the environment.
#[derive(Debug, Serialize)]
pub struct Submission {
    classroom: String,
    assignment: String,
    /// The runner overwrites this and the next with what it knows itself.
    assignment_type: String,
    owner: String,
    submission: String,
    commit: String,
    release: String,
    review: String,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    #[serde(flatten)]
    submission: &'a Submission,
    /// When it was handed in, which only the runner knows: it overwrites this with the commit's date.
    datetime: String,
    score: u32,
    #[serde(rename = "max-score")]
    max_score: u32,
    tests: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    #[serde(rename = "test-name")]
    name: String,
    passed: bool,
    score: u32,
    #[serde(rename = "max-score")]
    max_score: u32,
    /// Beyond the schema, which lets a test have more fields, and keeps them.
    output: String,
}

impl Submission {
    /// What the runner sets.
    ///
    /// # Errors
    /// [`Error::Usage`] where something is missing without which a result would be refused.
    pub fn from_environment() -> Result<Submission> {
        let submission = must("SUBMISSION_TAG")?;
        if !submission.starts_with("submit/") {
            return Err(Error::usage(
                Text::new(
                    "SUBMISSION_TAG does not begin with submit/",
                    "SUBMISSION_TAG 값이 submit/로 시작하지 않습니다",
                ),
                where_it_comes_from(),
            ));
        }
        let commit = must("COMMIT_URL")?;
        Ok(Submission {
            classroom: must("CLASSROOM")?,
            assignment: must("ASSIGNMENT")?,
            assignment_type: set("ASSIGNMENT_TYPE").unwrap_or_else(|| "individual".to_owned()),
            owner: set("OWNER").map_or_else(|| must("USERNAME"), Ok)?,
            submission,
            release: must("RELEASE_URL")?,
            review: set("REVIEW_URL").unwrap_or_else(|| commit.clone()),
            commit,
        })
    }

    /// The document.
    ///
    /// # Errors
    /// [`Error::Broken`] when it cannot be written.
    pub fn document(&self, all: &[Judged]) -> Result<String> {
        let tests = graded::tests(all);
        let (score, max_score) = graded::total(&tests);
        let document = Document {
            schema: "classroom50/result/v1",
            submission: self,
            datetime: Utc::now().trunc_subsecs(0).format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            score,
            max_score,
            tests: tests.into_iter().map(row).collect(),
        };
        graded::written(&document)
    }
}

fn row(Test { name, passed, score, max_score, output }: Test) -> Row {
    Row { name, passed, score, max_score, output }
}

/// A variable that is set to something.
fn set(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

fn must(name: &str) -> Result<String> {
    set(name).ok_or_else(|| {
        Error::usage(
            text!("{name} is not set", "{name} 환경 변수가 없습니다"),
            where_it_comes_from(),
        )
    })
}

fn where_it_comes_from() -> Text {
    Text::new(
        "Classroom 50's runner sets it, and sudo keeps it with --preserve-env",
        "Classroom 50의 실행기(runner)가 설정하며, sudo에서는 --preserve-env로 유지하십시오",
    )
}
