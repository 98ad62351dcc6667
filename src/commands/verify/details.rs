//! What there is to say of a finding below its claim, whoever reads it: a person, or a grader.

use crate::lab::finding::{Finding, Verdict};
use crate::text;
use crate::text::Text;

/// Line by line; to whom has built it `by_hand` also what to look at.
pub fn of(finding: &Finding, by_hand: bool) -> Vec<Text> {
    let Finding { expected, seen, source, hint, .. } = finding;
    match finding.verdict {
        Verdict::Pass => {
            let remark = finding.remark.iter();
            remark.map(|remark| text!("remark: {remark}", "참고: {remark}")).collect()
        }
        Verdict::Fail => {
            let mut details = vec![
                text!("expected: {expected}", "기대값: {expected}"),
                text!("seen: {seen} ({source})", "실제값: {seen} ({source})"),
            ];
            details.extend(looks_like(finding));
            if by_hand {
                details.push(text!("look at: {hint}", "확인할 점: {hint}"));
            }
            details
        }
        Verdict::Open => {
            let mut details: Vec<Text> = looks_like(finding).into_iter().collect();
            details.push(text!("to do: {hint}", "할 일: {hint}"));
            details
        }
        Verdict::Unknown => vec![text!("cannot be told: {seen}", "확인 불가: {seen}")],
    }
}

/// The mistake that it looks like.
fn looks_like(finding: &Finding) -> Option<Text> {
    let mistake = finding.mistake.as_ref()?;
    let (name, what) = (&mistake.name, &mistake.what_happened);
    Some(text!("this looks like {name}: {what}", "이런 실수로 보입니다: {name}. {what}"))
}
