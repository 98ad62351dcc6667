//! Looking for work by hand, and choosing what is meant. It is done by a child made for it, because what others have made
//! may never answer: a file system that is far away.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::kernel::journal;
use crate::lab::Lab;
use crate::lab::goal::{Candidate, Wanted};
use crate::lab::witness::{Heard, Witness, cut_off, no_answer};
use crate::probe::survey::{Origin, Survey};
use crate::text;
use crate::text::Text;
use crate::visit::{confine, view};

/// How long it may take. With the time for which what was found is waited for ([`crate::lab::judge`]) these are some two
/// seconds.
const PATIENCE: Duration = Duration::from_millis(700);
/// More than these are not told apart.
const MOST: usize = 1000;
/// Of more than these the words that mean them are not looked for.
const NAMED: usize = 12;

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

/// What was asked for is taken wherever it came from; otherwise the one of the likeliest origin is, and services and
/// runtimes' containers are left out.
///
/// # Errors
/// [`crate::lab::ByHand::find`]'s; [`Error::Usage`] when what was asked for looks nothing like it.
fn choose(lab: &'static Lab, survey: &Survey, wanted: &Wanted) -> Result<Choice> {
    let mut found = (lab.by_hand.find)(survey, wanted)?;
    name(&mut found);
    match wanted.is_any() {
        true => found.retain(|one| one.is(wanted)),
        false => found.retain(|one| one.origin < Origin::Runtime),
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
    for at in 0..found.len().min(NAMED) {
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
