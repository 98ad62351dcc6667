//! JUnit XML, for graders: a suite a lab, a case a check.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{Builder, Judged, details};
use crate::error::{Error, Result};
use crate::lab::finding::{Finding, Verdict};
use crate::text;
use crate::text::{Text, visible};

/// One document for all labs.
///
/// # Errors
/// [`Error::Broken`] when it cannot be written.
pub fn report(all: &[Judged]) -> Result<String> {
    let mut report = Report::new("lab verify");
    report.add_test_suites(all.iter().map(suite));
    report.to_string().map_err(|error| Error::Broken(format!("JUnit: {error}")))
}

fn suite(judged: &Judged) -> TestSuite {
    let mut suite = TestSuite::new(judged.lab);
    suite.add_property(("built-by", builder(judged.by)));
    if let Some(what) = &judged.what {
        suite.add_property(("what", what.to_string().as_str()));
    }
    let class = format!("{}.{}", judged.lab, builder(judged.by));
    for finding in &judged.findings {
        let mut case = TestCase::new(finding.check, status(finding));
        case.set_classname(class.clone());
        suite.add_test_case(case);
    }
    if let Some(line) = &judged.stopped {
        // Nobody's work is a failure of the student's, unless nobody has asked for it; and an error what kept the lab
        // from running.
        let mut status = match (judged.by, judged.is_asked_for) {
            (Builder::Nobody, true) => TestCaseStatus::non_success(NonSuccessKind::Failure),
            (Builder::Nobody, false) => TestCaseStatus::skipped(),
            (Builder::Hand | Builder::Lab, _) => TestCaseStatus::non_success(NonSuccessKind::Error),
        };
        // It may name a path, which may hold what XML cannot carry.
        status.set_message(visible(line));
        let mut case = TestCase::new("found", status);
        case.set_classname(class);
        suite.add_test_case(case);
    }
    suite
}

fn builder(by: Builder) -> &'static str {
    match by {
        Builder::Hand => "hand",
        Builder::Lab => "lab",
        Builder::Nobody => "nobody",
    }
}

fn status(finding: &Finding) -> TestCaseStatus {
    let Finding { claim, seen, hint, .. } = finding;
    let failure = |message: &Text, first: &[Text]| {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_message(message.to_string());
        status.set_type(finding.check);
        let details = details::of(finding, true);
        let lines: Vec<String> = first.iter().chain(&details).map(Text::to_string).collect();
        status.set_description(lines.join("\n"));
        status
    };
    match finding.verdict {
        Verdict::Pass => TestCaseStatus::success(),
        Verdict::Unknown => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(seen.to_string());
            status
        }
        Verdict::Open => failure(
            &text!("to do: {hint}", "할 일: {hint}"),
            &[claim.clone(), text!("seen: {seen}", "실제값: {seen}")],
        ),
        Verdict::Fail => failure(claim, &[]),
    }
}
