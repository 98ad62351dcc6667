//! Judging work by hand. Looking for it and looking at it are each done by a child made for it, because
//! what others have made may never answer: a file system that is far away, a process that is stopped. A
//! child that looks at somebody's work has that somebody's rights and no more.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::kernel::journal;
use crate::lab::Lab;
use crate::lab::check::{Bar, Subject, Watch};
use crate::lab::finding::{Finding, Recognised, Seen, Verdict};
use crate::lab::goal::{Candidate, Goal, Rights, Wanted};
use crate::lab::witness::{Heard, Speaker, Witness};
use crate::probe::namespace;
use crate::probe::survey::{Origin, Survey};
use crate::text;
use crate::text::Text;
use crate::visit::confine;
use crate::visit::view::{self, Tree};

/// How long it may take to look for somebody's work, and then how long its files may take to answer, so that both
/// together are some two seconds. A measurement tells how it goes, and has this time again from then on.
const PATIENCE_TO_FIND: Duration = Duration::from_millis(700);
const PATIENCE: Duration = Duration::from_millis(1300);
/// More than these are not told apart.
const MOST: usize = 1000;
/// Of more than these the words that mean them are not looked for, nor whether one alone meets every goal.
const FEW: usize = 12;

/// What came of looking for work by hand.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Choice {
    /// Nothing looks like it.
    Nothing,
    /// This is meant.
    One(Box<Candidate>),
    /// One of these is, and the user has to say which.
    Several(Vec<Candidate>),
}

/// Looks for work by hand of each of `labs`. What cannot be looked through is an error of that lab's, and
/// keeps none of the others from being judged.
///
/// # Errors
/// [`Error::Interrupted`]; clone(2)'s.
pub fn look(labs: &[&'static Lab], wanted: &Wanted) -> Result<Vec<Result<Choice>>> {
    let mut witness: Witness<std::result::Result<Choice, Error>> = Witness::call(|speaker| {
        confine::close_inherited()?;
        view::restrain()?;
        let survey = Survey::take(&journal::holders())?;
        labs.iter().try_for_each(|lab| speaker.say(choose(lab, &survey, wanted)))
    })?;
    let mut choices = Vec::new();
    while choices.len() < labs.len() {
        let lost = match witness.hear(Instant::now() + PATIENCE_TO_FIND) {
            Ok(Heard::Word(choice)) => {
                choices.push(choice);
                continue;
            }
            Ok(Heard::Silence) => Error::untold(no_answer()),
            Ok(Heard::End) => Error::untold(cut_off()),
            Err(error) if error.is_stop() => return Err(error),
            Err(error) => error,
        };
        choices.resize_with(labs.len(), || Err(lost.clone()));
    }
    Ok(choices)
}

fn no_answer() -> Text {
    Text::new("its files do not answer in time", "파일 시스템이 제때 응답하지 않습니다")
}

fn cut_off() -> Text {
    Text::new(
        "looking at it took more memory than lab allows",
        "lab이 허용하는 것보다 많은 메모리가 필요해 중단했습니다",
    )
}

/// What was asked for is taken wherever it came from; otherwise the one of the likeliest origin is, and
/// services are left out.
///
/// # Errors
/// [`crate::lab::ByHand::find`]'s; [`Error::Usage`] when what was asked for looks nothing like it.
fn choose(lab: &'static Lab, survey: &Survey, wanted: &Wanted) -> Result<Choice> {
    let mut found = (lab.by_hand.find)(survey, wanted)?;
    name(&mut found);
    match wanted.is_any() {
        true => found.retain(|one| one.is(wanted)),
        false => found.retain(|one| one.origin < Origin::Service),
    }
    let best = found.iter().map(|one| one.origin).min();
    let mut likeliest = found.iter().filter(|one| Some(one.origin) == best);
    Ok(match (likeliest.next(), likeliest.next()) {
        (Some(one), None) => Choice::One(Box::new(one.clone())),
        (Some(_), Some(_)) => {
            found.sort_by_key(|one| one.origin);
            found.truncate(MOST);
            Choice::Several(found)
        }
        (None, _) if wanted.is_any() => {
            let name = lab.id;
            return Err(Error::usage(
                text!("that looks nothing like {name}", "{name} 실습으로 보이지 않습니다"),
                text!(
                    "`lab guide {name}` says what to build",
                    "`lab guide {name}`에 만드는 방법이 있습니다"
                ),
            ));
        }
        (None, _) => Choice::Nothing,
    })
}

/// Finds the words that mean each of the likeliest of `found`, and no other.
fn name(found: &mut [Candidate]) {
    found.sort_by_key(|one| one.origin);
    for at in 0..found.len().min(FEW) {
        let others = found.iter().enumerate().filter(|(other, _)| *other != at);
        let others: Vec<&Candidate> = others.map(|(_, other)| other).collect();
        let words = found.get(at).and_then(|one| one.words(&others));
        if let Some(one) = found.get_mut(at) {
            one.words = words;
        }
    }
}

/// That it has to be said which of several is meant.
pub fn several(lab: &'static Lab, count: usize) -> Error {
    let name = lab.id;
    Error::usage(
        text!("{count} look like {name}", "{name} 실습으로 보이는 후보가 {count}개입니다"),
        Text::new(
            "say which, with the words that stand below it",
            "위 목록에서 골라 그 아래 적힌 명령을 입력하십시오",
        ),
    )
}

/// Of several of the likeliest origin the one that alone meets every goal, with what was found of it.
///
/// # Errors
/// As for [`judge`].
pub fn best(
    lab: &'static Lab,
    candidates: &[Candidate],
) -> Result<Option<(Candidate, Vec<Finding>)>> {
    let likeliest = candidates.iter().map(|one| one.origin).min();
    let mut whole = None;
    for one in candidates.iter().filter(|one| Some(one.origin) == likeliest).take(FEW) {
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
/// [`Error::Interrupted`]; clone(2)'s; `watch`'s.
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
