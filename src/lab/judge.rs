//! Judging work by hand. It is looked at by a child made for it, because what others have made may never answer: a file
//! system that is far away, a process that is stopped. A child that looks at somebody's work has that somebody's rights
//! and no more.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::lab::Lab;
use crate::lab::check::{Bar, Subject, Watch};
use crate::lab::choose::Choice;
use crate::lab::finding::{Finding, Recognised, Seen, Verdict};
use crate::lab::goal::{Candidate, Goal, Rights};
use crate::lab::witness::{Heard, Speaker, Witness, cut_off, no_answer};
use crate::probe::namespace;
use crate::text;
use crate::text::Text;
use crate::visit::confine;
use crate::visit::view::{self, Tree};

/// How long somebody's files may take to answer. A measurement tells how it goes, and has this time again from then on.
const PATIENCE: Duration = Duration::from_millis(1300);
/// Of more than these it is not asked whether one alone meets every goal.
const TRIED: usize = 12;

/// What came of a [choice](crate::lab::choose).
pub enum Judged {
    /// There was nothing.
    Nothing,
    /// This was meant, and so it was found, goal by goal.
    Work(Box<Candidate>, Vec<Finding>),
    /// The user has to say which of these is meant.
    Several(Vec<Candidate>),
}

/// Judges what was chosen; of several the one that alone meets every goal.
///
/// # Errors
/// As for [`judge`].
pub fn chosen(lab: &'static Lab, choice: Choice) -> Result<Judged> {
    Ok(match choice {
        Choice::Nothing => Judged::Nothing,
        Choice::One(one) => {
            let findings = judge(lab, &one, &mut |_, _, _| Ok(()))?;
            Judged::Work(one, findings)
        }
        Choice::Several(all) => match best(lab, &all)? {
            Some((one, findings)) => Judged::Work(Box::new(one), findings),
            None => Judged::Several(all),
        },
    })
}

/// Of several of the likeliest origin the one that alone meets every goal, with what was found of it.
///
/// # Errors
/// As for [`judge`].
fn best(lab: &'static Lab, candidates: &[Candidate]) -> Result<Option<(Candidate, Vec<Finding>)>> {
    let likeliest = candidates.iter().map(|one| one.origin).min();
    let mut whole = None;
    for one in candidates.iter().filter(|one| Some(one.origin) == likeliest).take(TRIED) {
        let (findings, lost) = listen(lab, one, Until::Unmet, &mut |_, _, _| Ok(()))?;
        let meets_all = lost.is_none() && findings.len() == lab.by_hand.goals.len();
        match (meets_all, &whole) {
            (true, None) => whole = Some((one.clone(), findings)),
            (true, Some(_)) => return Ok(None),
            // What does not answer must not be waited for again and again.
            (false, _) if lost.is_some() => return Ok(None),
            (false, _) => {}
        }
    }
    Ok(whole)
}

/// What the child says.
#[derive(Debug, Serialize, Deserialize)]
enum Word {
    /// How a measurement goes.
    Measured { caption: Text, bars: Vec<Bar>, done: bool },
    /// What was seen of the next goal, and the mistake that it looks like.
    Seen(Box<Seen>, Option<Recognised>),
}

/// How far it is looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Until {
    /// At every goal.
    End,
    /// At those before the first that is not met.
    Unmet,
}

/// Holds `candidate` against every goal of `lab`. A goal that rests on another which is not met waits for that, and says
/// so.
///
/// # Errors
/// [`crate::error::Error::Interrupted`]; clone(2)'s; `watch`'s.
pub fn judge(lab: &'static Lab, candidate: &Candidate, watch: Watch<'_>) -> Result<Vec<Finding>> {
    let (mut findings, lost) = listen(lab, candidate, Until::End, watch)?;
    let answer = || Text::new("an answer", "응답");
    let lost = lost.unwrap_or_else(cut_off);
    let unheard = lab.by_hand.goals.iter().skip(findings.len());
    let untold = |goal: &Goal| goal.check.finding(Seen::unknown(answer(), lost.clone(), "lab"));
    findings.extend(unheard.map(untold));
    Ok(findings)
}

/// What is heard of `candidate`, and why no more.
fn listen(
    lab: &'static Lab,
    candidate: &Candidate,
    until: Until,
    watch: Watch<'_>,
) -> Result<(Vec<Finding>, Option<Text>)> {
    let mut witness =
        Witness::call(|speaker: &mut Speaker<'_, Word>| testify(lab, candidate, until, speaker))?;
    let mut findings = Vec::new();
    let mut end = Instant::now() + PATIENCE;
    loop {
        match witness.hear(end) {
            Ok(Heard::Word(Word::Measured { caption, bars, done })) => {
                watch(caption, bars, done)?;
                end = Instant::now() + PATIENCE;
            }
            Ok(Heard::Word(Word::Seen(seen, mistake))) => {
                let goal = lab.by_hand.goals.get(findings.len());
                findings.extend(goal.map(|goal| goal.check.recognised(*seen, mistake)));
            }
            Ok(Heard::Silence) => return Ok((findings, Some(no_answer()))),
            Ok(Heard::End) => return Ok((findings, None)),
            Err(error) if error.is_stop() => return Err(error),
            Err(error) => return Ok((findings, Some(Text::plain(error)))),
        }
    }
}

/// The child's part.
fn testify(
    lab: &'static Lab,
    candidate: &Candidate,
    until: Until,
    speaker: &mut Speaker<'_, Word>,
) -> Result<()> {
    confine::close_inherited()?;
    view::restrain()?;
    namespace::remember_ours()?;
    candidate.subject.pid.into_iter().for_each(namespace::remember_host_name);
    let tree = with_rights(candidate)?;
    let mut subject = candidate.subject.clone();
    subject.seen_from = tree.as_ref().map(Tree::path);
    let mut unmet: Vec<(&str, Verdict)> = Vec::new();
    for goal in lab.by_hand.goals {
        let rests_on = |unmet: &str| goal.after.iter().any(|check| check.id == unmet);
        let first = unmet.iter().find(|(unmet, _)| rests_on(unmet)).copied();
        let seen = match first {
            Some((first, verdict)) => waits_for(first, verdict),
            None => goal.check.see(&subject, &mut |caption, bars, done| {
                speaker.say(Word::Measured { caption, bars, done })
            })?,
        };
        let verdict = seen.verdict();
        if verdict != Verdict::Pass {
            unmet.push((goal.check.id, verdict));
            if until == Until::Unmet {
                return Ok(());
            }
        }
        let waits = first.is_some();
        let mistake = if waits { None } else { recognise(lab, goal, verdict, &subject)? };
        speaker.say(Word::Seen(Box::new(seen), mistake))?;
    }
    Ok(())
}

/// The mistake that a goal which is not met looks like.
fn recognise(
    lab: &'static Lab,
    goal: &Goal,
    verdict: Verdict,
    subject: &Subject,
) -> Result<Option<Recognised>> {
    if !matches!(verdict, Verdict::Fail | Verdict::Open) {
        return Ok(None);
    }
    for mistake in lab.by_hand.mistakes.iter().filter(|it| it.check.id == goal.check.id) {
        match (mistake.looks_like)(subject) {
            Ok(true) => {
                let (name, what_happened) = (mistake.name.clone(), mistake.what_happened.clone());
                return Ok(Some(Recognised { id: mistake.id.to_owned(), name, what_happened }));
            }
            Ok(false) => {}
            Err(error) if error.is_stop() => return Err(error),
            // It could not be looked at, and so it is not recognised.
            Err(_) => {}
        }
    }
    Ok(None)
}

/// Takes on the rights with which `candidate` is looked at; a copy of what is to be looked at, where there is
/// more than one's own to lose.
fn with_rights(candidate: &Candidate) -> Result<Option<Tree>> {
    let subject: &Subject = &candidate.subject;
    match (candidate.rights, &subject.dir) {
        (Rights::Process(pid), _) => view::as_process(pid),
        (Rights::Owner, Some(dir)) => view::as_owner(dir),
        (Rights::Owner | Rights::Asker, _) => Ok(None),
    }
}

/// What is not met rests on `first`: nobody has failed at it yet, unless nobody can tell.
fn waits_for(first: &str, verdict: Verdict) -> Seen {
    let expected = text!("{first} first", "먼저 {first}");
    let reason = text!("{first} comes first", "{first}부터 통과해야 합니다");
    match verdict {
        Verdict::Unknown => Seen::unknown(expected, reason, "lab"),
        _ => Seen::open(expected, reason.clone(), "lab").advise(|| Some(reason)),
    }
}
