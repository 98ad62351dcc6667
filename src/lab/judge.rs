//! Judging work by hand. Looking for it and looking at it are each done by a child made for it, because
//! what others have made may never answer: a file system that is far away, a process that is stopped. A
//! child that looks at somebody's work has that somebody's rights and no more.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::kernel::journal;
use crate::lab::Lab;
use crate::lab::check::{Bar, Check, Finding, Seen, Subject, Verdict, Watch};
use crate::lab::goal::{Candidate, Rights, Wanted};
use crate::lab::witness::{Heard, Speaker, Witness};
use crate::probe::namespace;
use crate::probe::survey::{Origin, Survey};
use crate::text;
use crate::text::Text;
use crate::visit::confine;
use crate::visit::view::{self, Tree};

/// How long the files of somebody's work may take to answer. A measurement tells how it goes, and has this
/// time again from then on.
const PATIENCE: Duration = Duration::from_secs(2);
/// More than these are not told apart.
const MOST: usize = 1000;

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
        let lost = match witness.hear(Instant::now() + PATIENCE) {
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
    let seconds = PATIENCE.as_secs();
    text!(
        "its files do not answer within {seconds} s",
        "{seconds}초 안에 파일 시스템이 응답하지 않습니다"
    )
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

/// That it has to be said which of several is meant.
pub fn several(lab: &'static Lab, count: usize) -> Error {
    let name = lab.id;
    Error::usage(
        text!("{count} look like {name}", "{name} 실습으로 보이는 후보가 {count}개입니다"),
        text!(
            "say which with `--pid PID` or `--dir DIR`, after `lab verify {name}`",
            "`lab verify {name}` 뒤에 `--pid PID`나 `--dir DIR`을 붙여 지정하십시오"
        ),
    )
}

/// What the child says.
#[derive(Debug, Serialize, Deserialize)]
enum Word {
    /// How a measurement goes.
    Measured { caption: Text, bars: Vec<Bar>, done: bool },
    /// What was seen of the next goal.
    Seen(Seen),
}

/// Holds `candidate` against every goal of `lab`. A goal that rests on another which is not met cannot
/// be told, and says which that is.
///
/// # Errors
/// [`Error::Interrupted`]; clone(2)'s; `watch`'s.
pub fn judge(lab: &'static Lab, candidate: &Candidate, watch: Watch<'_>) -> Result<Vec<Finding>> {
    let mut witness =
        Witness::call(|speaker: &mut Speaker<'_, Word>| testify(lab, candidate, speaker))?;
    let mut goals = lab.by_hand.goals.iter().map(|goal| goal.check);
    let mut findings = Vec::new();
    let mut end = Instant::now() + PATIENCE;
    let lost = loop {
        match witness.hear(end) {
            Ok(Heard::Word(Word::Measured { caption, bars, done })) => {
                watch(caption, bars, done)?;
                end = Instant::now() + PATIENCE;
            }
            Ok(Heard::Word(Word::Seen(seen))) => {
                findings.extend(goals.next().map(|check| check.finding(seen)));
            }
            Ok(Heard::Silence) => break no_answer(),
            Ok(Heard::End) => break cut_off(),
            Err(error) if error.is_stop() => return Err(error),
            Err(error) => break Text::plain(error),
        }
    };
    let answer = || Text::new("an answer", "응답");
    findings.extend(goals.map(|check| check.finding(Seen::unknown(answer(), lost.clone(), "lab"))));
    Ok(findings)
}

/// The child's part.
fn testify(
    lab: &'static Lab,
    candidate: &Candidate,
    speaker: &mut Speaker<'_, Word>,
) -> Result<()> {
    confine::close_inherited()?;
    view::restrain()?;
    namespace::remember_ours()?;
    let tree = with_rights(candidate)?;
    let mut subject = candidate.subject.clone();
    subject.seen_from = tree.as_ref().map(Tree::path);
    let mut met: Vec<&str> = Vec::new();
    for goal in lab.by_hand.goals {
        let missing = goal.after.iter().find(|check| !met.contains(&check.id));
        let seen = match missing {
            Some(first) => waits_for(first),
            None => goal.check.see(&subject, &mut |caption, bars, done| {
                speaker.say(Word::Measured { caption, bars, done })
            })?,
        };
        if seen.verdict() == Verdict::Pass {
            met.push(goal.check.id);
        }
        speaker.say(Word::Seen(seen))?;
    }
    Ok(())
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

fn waits_for(first: &Check) -> Seen {
    let id = first.id;
    Seen::unknown(
        text!("{id} first", "먼저 {id}"),
        text!("{id} comes first", "{id}부터 통과해야 합니다"),
        "lab",
    )
}
