//! Which processors those that compete may use, and whether each of these is contended.

use std::collections::BTreeSet;

use super::rivals::Rival;
use crate::probe::process;

/// Numbers of processors.
pub type Processors = BTreeSet<u32>;

/// What the busy threads of each may use: a list for each thread, as the kernel writes it.
pub fn lists(rivals: &[&Rival]) -> Vec<Vec<String>> {
    let of = |rival: &&Rival| {
        let own = rival.activity.ready.iter().filter_map(|it| allowed(it.tid));
        let own: Vec<String> = own.collect();
        // What was ready has ended: a child of a program that starts many, and may use what that may.
        let programs = || rival.activity.programs.iter().filter_map(|pid| allowed(*pid)).collect();
        if own.is_empty() { programs() } else { own }
    };
    rivals.iter().map(of).collect()
}

fn allowed(pid: nix::unistd::Pid) -> Option<String> {
    process::allowed_processors(pid).ok()
}

/// A list as the kernel writes it, `0-2,5`.
pub fn parse(list: &str) -> Processors {
    let range = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        Some(first.trim().parse().ok()?..=last.trim().parse().ok()?)
    };
    list.split(',').filter_map(range).flatten().collect()
}

/// Whether each processor that any of them may use is wanted by all of them: they may all use one alone, or each has as
/// many busy threads as there are processors.
pub fn all_contended(threads: &[Vec<Processors>]) -> bool {
    let all: Processors = threads.iter().flatten().flatten().copied().collect();
    !all.is_empty() && threads.iter().all(|own| covers(own, &all))
}

/// Whether threads that may use these leave none of `all` free: some are tied to one each, and for each of the others
/// there is one that may use all.
fn covers(threads: &[Processors], all: &Processors) -> bool {
    let tied = threads.iter().filter(|it| it.len() == 1).flatten();
    let tied: Processors = tied.copied().collect();
    let free = threads.iter().filter(|it| it.len() > 1 && *it == all).count();
    all.difference(&tied).count() <= free
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contended(threads: &[&[&str]]) -> bool {
        let of = |lists: &&[&str]| lists.iter().map(|list| parse(list)).collect();
        all_contended(&threads.iter().map(of).collect::<Vec<_>>())
    }

    #[test]
    fn a_processor_that_one_may_have_alone_is_not_contended() {
        assert!(contended(&[&["0"], &["0"]]));
        assert!(contended(&[&["3"], &["3", "3"]]));
        assert!(!contended(&[&["0"], &["1"]]));
        assert!(!contended(&[&["0-1"], &["0-1"]]));
        assert!(contended(&[&["0-1", "0-1"], &["0-1", "0-1", "0-1"]]));
        assert!(!contended(&[&["0-3", "0-3"], &["0-3", "0-3"]]));
        assert!(contended(&[&["0", "1"], &["0-1", "0-1"]]));
        assert!(!contended(&[&["0"], &["0-1", "0-1"]]));
        assert!(!contended(&[&[], &[]]));
    }

    #[test]
    fn a_list_has_ranges() {
        assert_eq!(parse("0-2,5"), [0, 1, 2, 5].into());
        assert_eq!(parse("nonsense"), Processors::new());
    }
}
