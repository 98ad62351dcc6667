//! What by hand looks like this lab.

use std::collections::HashSet;
use std::path::Path;

use nix::unistd::{Pid, Uid};

use super::activity;
use super::contests::{self, Arena, Group, Worker};
use crate::error::Result;
use crate::lab::check::Subject;
use crate::lab::goal::{Candidate, Wanted};
use crate::probe::cgroup::{self, Cpu};
use crate::probe::namespace;
use crate::probe::process;
use crate::probe::survey::{Origin, Resident, Survey};
use crate::text;
use crate::visit::kind::Kind;

/// Where groups compete, or were meant to.
struct Contest<'a, 'b> {
    parent: &'b Path,
    groups: Vec<&'b Group<'a>>,
    /// What is busy and belongs to it, in the groups or beside them.
    workers: Vec<&'b Worker<'a>>,
    /// How many programs that are.
    busy: usize,
    /// How sure it is that this was meant: what is less sure counts only where nothing else was found.
    certainty: Certainty,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Certainty {
    /// The service manager has put programs into groups, and these compete.
    Units,
    /// One alone, or nobody yet.
    Begun,
    /// Two that compete as every group does from the beginning.
    Competing,
    /// Somebody has given shares.
    ToldApart,
}

/// Each group that holds groups with busy processes, and what competes below it.
///
/// # Errors
/// open(2)'s; [`crate::error::Error::Interrupted`].
pub fn find(survey: &Survey, wanted: &Wanted) -> Result<Vec<Candidate>> {
    let Some(cpu) = Cpu::find()? else { return Ok(Vec::new()) };
    let arena = Arena::look(&cpu, survey, wanted.is_any())?;
    let parents = arena.parents();
    let mut found: Vec<Contest<'_, '_>> =
        parents.into_iter().filter_map(|parent| contest(&arena, parent)).collect();
    // Groups within groups compete at each level: that is meant where somebody has set shares. But nobody's work is
    // covered up by a stranger's.
    let of_all: Vec<(Class, Certainty, &Path)> =
        found.iter().map(|one| (one.class(), one.certainty, one.parent)).collect();
    found.retain(|one| {
        // One that stands alone may hold what competes.
        let is_inside =
            |parent: &Path| one.groups.iter().any(|group| parent.starts_with(&group.dir));
        !of_all.iter().any(|(class, certainty, parent)| {
            *class <= one.class()
                && (*certainty > one.certainty
                    || one.certainty == Certainty::Begun && is_inside(parent))
        })
    });
    Ok(found.iter().map(Contest::candidate).collect())
}

/// Whose work it may be: a person's; that of a container, which has numbers of its own; the machine's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Person,
    Container,
    Service,
}

/// Whether it has numbers of its own, as what runs in a container does.
fn is_contained(resident: &Resident) -> bool {
    let numbers = |pid| namespace::in_proc(Path::new("/proc"), pid, Kind::Pid).ok();
    numbers(resident.pid) != numbers(Pid::this())
}

impl Class {
    fn of(resident: &Resident) -> Class {
        match resident.origin {
            Origin::Service => Class::Service,
            Origin::Runtime => Class::Container,
            Origin::Elsewhere if is_contained(resident) => Class::Container,
            _ => Class::Person,
        }
    }

    /// Where nobody is in it, nobody else's.
    fn of_group(group: &Group<'_>) -> Class {
        let all = group.members.iter().map(|resident| Class::of(resident));
        all.min().unwrap_or(Class::Person)
    }
}

/// What competes below `parent`, and where that is one group alone, what is busy beside it and may use the same
/// processors, or was meant to.
fn contest<'a, 'b>(arena: &'b Arena<'a>, parent: &'b Path) -> Option<Contest<'a, 'b>> {
    let all = arena.below(parent);
    let all_busy: Vec<&Group<'_>> =
        all.iter().copied().filter(|group| group.activity.is_busy()).collect();
    let busy = likeliest(&all_busy);
    let class = busy.iter().map(|group| Class::of_group(group)).min().unwrap_or(Class::Person);
    let quiet: Vec<&Group<'_>> = all
        .into_iter()
        .filter(|it| !it.activity.is_busy() && Class::of_group(it) == class)
        .filter(|it| class == Class::Person || it.is_told_apart)
        .collect();
    let is_in = |worker: &Worker<'_>, groups: &[&Group<'_>]| {
        groups.iter().any(|group| worker.group.starts_with(&group.dir))
    };
    let workers: Vec<&Worker<'_>> = arena.workers.iter().filter(|it| is_in(it, &busy)).collect();
    let beside = arena.workers.iter().filter(|it| !is_in(it, &all_busy));
    let beside = beside.filter(|it| Class::of(it.resident) == class);
    let beside: Vec<&Worker<'_>> = beside.filter(|it| competes(it, &workers)).collect();
    let meant = meant_to_compete(&quiet, busy.len(), !beside.is_empty());
    // Where two compete already, whoever else wants the processor takes from both alike.
    let beside: Vec<&Worker<'_>> = match (busy.len(), meant.is_empty()) {
        (0 | 1, false) => beside,
        (0 | 2.., true) => Vec::new(),
        (1, true) | (2.., false) => beside.into_iter().filter(|it| it.group == parent).collect(),
    };
    let certainty = certainty(&busy, &meant, beside.len())?;
    let is_a_persons = |it: &&Group<'_>| class == Class::Person && !contests::is_unit(&it.dir);
    if certainty == Certainty::Begun && !busy.iter().chain(&meant).all(is_a_persons) {
        return None;
    }
    let programs: usize = busy.iter().map(|group| group.activity.programs.len()).sum();
    let groups = busy.iter().copied().chain(meant).collect();
    let all = programs + beside.len();
    let workers = workers.into_iter().chain(beside).collect();
    Some(Contest { parent, groups, workers, busy: all, certainty })
}

/// How sure it is that these were meant to compete: busy groups, others, and so many processes beside them. None where
/// nothing is.
fn certainty(busy: &[&Group<'_>], meant: &[&Group<'_>], beside: usize) -> Option<Certainty> {
    let all = || busy.iter().chain(meant);
    let is_told_apart = all().any(|group| group.is_told_apart);
    let programs: usize = busy.iter().map(|group| group.activity.programs.len()).sum();
    let certainty = match (busy.len(), busy.len() + meant.len() + beside) {
        (_, 0) => return None,
        (0, _) if beside == 0 && !is_started(meant) => Certainty::Begun,
        (1, 1) if programs < 2 => Certainty::Begun,
        (_, 2..) | (1, _) if is_told_apart => Certainty::ToldApart,
        (1, 1) => Certainty::Begun,
        (0, _) if !is_told_apart && meant.len() < 2 => return None,
        _ if all().all(|group| contests::is_unit(&group.dir)) => Certainty::Units,
        _ => Certainty::Competing,
    };
    Some(certainty)
}

/// Whether somebody has ever been put into one of them.
fn is_started(groups: &[&Group<'_>]) -> bool {
    groups.iter().any(|group| !group.members.is_empty())
}

/// Strangers' busy groups may be beside a student's: those of the likeliest origin, where these are two at least, of
/// these those that are no containers, and those of the one user who has two; or those of persons; or else of whoever there
/// is.
fn likeliest<'a, 'b>(busy: &[&'b Group<'a>]) -> Vec<&'b Group<'a>> {
    let best = busy.iter().filter_map(|group| group.origin()).min();
    let of_best = busy.iter().copied().filter(|group| group.origin() == best);
    let of_best: Vec<&Group<'_>> = of_best.collect();
    if of_best.len() > 1 {
        let is_plain = |group: &&Group<'_>| !group.members.iter().all(|it| is_contained(it));
        let plain: Vec<&Group<'_>> = of_best.iter().copied().filter(is_plain).collect();
        let of_best = if plain.len() > 1 { plain } else { of_best };
        let users: Vec<Option<Uid>> = of_best.iter().map(|group| user(group)).collect();
        let has_two = |user: &&Option<Uid>| users.iter().filter(|it| it == user).count() > 1;
        let with_two: HashSet<Option<Uid>> = users.iter().filter(has_two).copied().collect();
        let is_theirs = |user: &Option<Uid>| with_two.len() != 1 || with_two.contains(user);
        let all = of_best.into_iter().zip(users);
        return all.filter(|(_, user)| is_theirs(user)).map(|(group, _)| group).collect();
    }
    let class = busy.iter().map(|group| Class::of_group(group)).min();
    busy.iter().copied().filter(|group| Some(Class::of_group(group)) == class).collect()
}

/// Whose the first program in there is.
fn user(group: &Group<'_>) -> Option<Uid> {
    process::user(*group.activity.programs.first()?).ok()
}

/// Of the groups in which nothing is busy, those that were meant to compete: somebody has given them shares, or has stopped what is
/// in them; where nothing else competes with one that is busy, whatever has a process in it.
fn meant_to_compete<'a, 'b>(
    quiet: &[&'b Group<'a>],
    busy: usize,
    has_strays: bool,
) -> Vec<&'b Group<'a>> {
    let told_apart = quiet.iter().any(|group| group.is_told_apart);
    let is_stopped = |group: &&Group<'_>| group.activity.stopped().is_some() && !holds_us(group);
    let waits = |group: &&Group<'_>| !group.members.is_empty() && !holds_us(group);
    let any = |wanted: &dyn Fn(&&Group<'_>) -> bool| -> Vec<&'b Group<'a>> {
        quiet.iter().copied().filter(|group| wanted(group)).collect()
    };
    match busy {
        0 if told_apart => any(&|it| it.is_told_apart || waits(it)),
        0 => any(&is_stopped),
        1 => {
            let first = any(&|it| it.is_told_apart || is_stopped(it));
            if first.is_empty() && !has_strays { any(&waits) } else { first }
        }
        _ => any(&|it| it.is_told_apart),
    }
}

/// Whether whoever asks is in it: then a shell waits in there, and nothing is missing.
fn holds_us(group: &Group<'_>) -> bool {
    let line = activity::our_line();
    let inside = cgroup::tree(&group.dir, MOST_BELOW).into_iter();
    let mut inside = inside.flat_map(|dir| cgroup::processes(&dir).unwrap_or_default());
    inside.any(|pid| line.contains(&pid))
}

/// More groups than these are not looked at for that.
const MOST_BELOW: usize = 100;

/// Whether it may use the same processors as one of those in a group; with nobody in a group yet, it can be anything.
fn competes(worker: &Worker<'_>, inside: &[&Worker<'_>]) -> bool {
    inside.is_empty() || inside.iter().any(|other| other.processors == worker.processors)
}

impl Contest<'_, '_> {
    fn class(&self) -> Class {
        self.groups.iter().map(|group| Class::of_group(group)).min().unwrap_or(Class::Person)
    }

    fn candidate(&self) -> Candidate {
        let names = self.groups.iter().map(|group| group.dir.display().to_string());
        let names = names.collect::<Vec<_>>().join(", ");
        let count = self.busy;
        let what = text!("{names}, {count} busy", "{names}, 바쁜 프로세스 {count}개");
        let groups = self.groups.iter().map(|group| group.dir.clone()).collect();
        let workers = self.workers.iter().map(|worker| worker.resident.pid);
        let subject = Subject { groups, ..Subject::default() }.with(workers);
        let members = self.groups.iter().flat_map(|group| group.members.iter().copied());
        let all = self.workers.iter().map(|worker| worker.resident).chain(members);
        let all: Vec<&Resident> = all.collect();
        let first = all.iter().min_by_key(|resident| resident.origin);
        let mut candidate = match first {
            Some(first) => Candidate::of(first, subject, what),
            None => Candidate::named(subject, what),
        };
        all.iter().for_each(|resident| candidate.take_in(resident));
        // Who gives a runtime's containers shares has built it: `docker run --cpu-shares`.
        candidate.origin = match candidate.origin {
            Origin::Runtime => Origin::Elsewhere,
            other => other,
        };
        candidate.dirs = candidate.subject.groups.clone();
        candidate.dirs.push(self.parent.to_owned());
        candidate
    }
}
