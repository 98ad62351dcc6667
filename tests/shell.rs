//! `s`: a shell inside what was just built, on the student's own terminal.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::time::{Duration, Instant};

use common::machine::{Snapshot, run_as_init};
use common::session::Session;
use common::{Folder, can_run_or_skip, is_root, lab, room};
use nix::sys::signal::Signal;

/// In the background, deaf to SIGHUP: nothing but the lab's clean-up ends it.
const BACKGROUND: &str = "(trap '' HUP; while :; do :; done) & echo in $PWD with *; exit";

#[test]
fn what_a_shell_leaves_is_gone_after_a_kill_and_a_reset() {
    let Some(_room) = room::enter("what_a_shell_leaves_is_gone_after_a_kill_and_a_reset") else {
        return;
    };
    if !can_run_or_skip("what_a_shell_leaves_is_gone_after_a_kill_and_a_reset", "chroot") {
        return;
    }
    let before = Snapshot::take();
    let mut session = Session::start("chroot");
    session.walk_to(5 + usize::from(!is_root()));
    session.press(b's');
    session.type_line(BACKGROUND);
    session.until_pause();
    session.signal(Signal::SIGKILL);
    session.end();
    let said = run_as_init(&mut lab(["reset", "chroot"]));
    assert_eq!(said.status, Some(0), "{}", said.err);
    before.assert_unchanged("a shell with something in the background, and SIGKILL");
}

#[test]
fn a_shell_is_inside_and_what_it_leaves_is_gone_at_the_end() {
    let Some(_room) = room::enter("a_shell_is_inside_and_what_it_leaves_is_gone_at_the_end") else {
        return;
    };
    if !can_run_or_skip("a_shell_is_inside_and_what_it_leaves_is_gone_at_the_end", "chroot") {
        return;
    }
    let before = Snapshot::take();
    let mut session = Session::start("chroot");
    session.walk_to(5 + usize::from(!is_root()));
    session.press(b's');
    session.type_line(BACKGROUND);
    let (_, waits) = session.until_pause();
    assert!(waits);
    let screen = session.screen();
    assert!(screen.contains("in / with bin lib lib64"), "{screen}");
    session.press(b'q');
    assert_eq!(session.end().status, Some(130));
    before.assert_unchanged("a shell with something in the background");
}

/// Walks `lab unshare` to its first shell, types `lines`, and quits; what the terminal showed.
fn in_a_shell(environment: &[(&str, &OsStr)], lines: &str) -> String {
    let mut session = Session::start_in("unshare", &[], environment);
    session.walk_to(1 + usize::from(!is_root()));
    session.press(b's');
    session.type_line(&format!("{lines}; exit"));
    let (events, waits) = session.until_pause();
    let kinds: Vec<&str> = events.iter().map(|event| event["event"].as_str().unwrap()).collect();
    assert!(waits && kinds == ["shell_opened", "shell_left"], "{events:?}");
    let screen = session.screen();
    session.press(b'q');
    let ended = session.end();
    assert_eq!(ended.status, Some(130), "{}", ended.err);
    screen
}

#[test]
fn a_shell_leaves_the_history_of_its_user_alone() {
    let Some(_room) = room::enter("a_shell_leaves_the_history_of_its_user_alone") else { return };
    if !can_run_or_skip("a_shell_leaves_the_history_of_its_user_alone", "unshare") {
        return;
    }
    let home = Folder::make("history");
    let file = home.path().join(".bash_history");
    let history: String = (0..20_000).map(|line| format!("command {line}\n")).collect();
    std::fs::write(&file, &history).unwrap();
    // As somebody's own profile may have exported them.
    let kept = [("HOME", home.path().as_os_str()), ("HISTFILE", file.as_os_str())];
    let appended = ("PROMPT_COMMAND", OsStr::new("history -a"));
    for environment in [&kept[..1], &kept, &[kept[0], appended]] {
        let screen = in_a_shell(environment, "echo $HOME");
        assert!(screen.contains("history"), "{screen}");
        assert!(std::fs::read_to_string(&file).unwrap() == history, "{environment:?}");
    }
}

#[test]
fn a_shell_has_the_environment_of_its_user_byte_for_byte() {
    let Some(_room) = room::enter("a_shell_has_the_environment_of_its_user_byte_for_byte") else {
        return;
    };
    if !can_run_or_skip("a_shell_has_the_environment_of_its_user_byte_for_byte", "unshare") {
        return;
    }
    let odd = OsStr::from_bytes(b"\xff\xfe=\xc3");
    let screen = in_a_shell(&[("ODD", odd)], "printf %s \"$ODD\" | od -An -tx1");
    assert!(screen.contains("ff fe 3d c3"), "{screen}");
}

#[test]
fn programs_in_a_shell_find_their_signals_as_anywhere() {
    let Some(_room) = room::enter("programs_in_a_shell_find_their_signals_as_anywhere") else {
        return;
    };
    if !can_run_or_skip("programs_in_a_shell_find_their_signals_as_anywhere", "unshare") {
        return;
    }
    let screen = in_a_shell(&[], "yes | head -n 1; echo ended by $((PIPESTATUS[0] - 128))");
    assert!(screen.contains("ended by 13"), "{screen}");
    assert!(!screen.contains("Broken pipe"), "{screen}");
    let screen = in_a_shell(&[], "grep -E 'Sig(Blk|Ign)' /proc/self/status");
    let masks = screen.lines().filter_map(|line| line.trim().split_once(":\t"));
    let masks: Vec<_> = masks.collect();
    assert_eq!(masks.len(), 2, "{screen}");
    for (name, mask) in masks {
        let mask = u64::from_str_radix(mask, 16).unwrap();
        for signal in [Signal::SIGPIPE, Signal::SIGXFSZ, Signal::SIGINT, Signal::SIGCHLD] {
            assert_eq!(mask >> (signal as u32 - 1) & 1, 0, "{name} {signal}: {screen}");
        }
    }
}

/// Each head has a successor, which waits for its end at a pipe, and then takes its place with a
/// successor of its own: whoever kills them one after the other never comes to an end.
const HYDRA: &str = "h() { trap '' HUP TERM; exec 3> >(read; h); while :; do sleep 999 3>&-; done; }; \
                     for i in {1..50}; do h & done; sleep 1; exit";

/// The same without a mark, in a session of its own, under init but for the lab's being there.
const DISGUISED: &str = "env -i setsid bash -c \"h() { trap '' HUP TERM; exec 3> >(read; h); \
                         while :; do sleep 999 3>&-; done; }; for i in {1..50}; do h & done\" & \
                         sleep 1; exit";

/// How long its end may take; a busy machine takes its time.
const SOON: Duration = Duration::from_secs(3);

fn set_free(hydra: &str) -> Session {
    let mut session = Session::start("unshare");
    session.walk_to(1 + usize::from(!is_root()));
    session.press(b's');
    session.type_line(hydra);
    assert!(session.until_pause().1);
    session
}

#[test]
fn what_forks_when_one_of_its_own_dies_ends_with_the_lab() {
    let Some(_room) = room::enter("what_forks_when_one_of_its_own_dies_ends_with_the_lab") else {
        return;
    };
    if !can_run_or_skip("what_forks_when_one_of_its_own_dies_ends_with_the_lab", "unshare") {
        return;
    }
    let before = Snapshot::take();
    for hydra in [HYDRA, DISGUISED] {
        let mut session = set_free(hydra);
        let begun = Instant::now();
        session.press(b'q');
        assert_eq!(session.end().status, Some(130));
        assert!(begun.elapsed() < SOON, "{:?}: {hydra}", begun.elapsed());
        before.assert_unchanged(hydra);
    }
}

#[test]
fn what_forks_when_one_of_its_own_dies_is_gone_after_a_kill_and_a_reset() {
    let Some(_room) =
        room::enter("what_forks_when_one_of_its_own_dies_is_gone_after_a_kill_and_a_reset")
    else {
        return;
    };
    const TEST: &str = "what_forks_when_one_of_its_own_dies_is_gone_after_a_kill_and_a_reset";
    if !can_run_or_skip(TEST, "unshare") {
        return;
    }
    let before = Snapshot::take();
    let session = set_free(HYDRA);
    session.signal(Signal::SIGKILL);
    session.end();
    let begun = Instant::now();
    let said = run_as_init(&mut lab(["reset", "unshare"]));
    assert_eq!(said.status, Some(0), "{}", said.err);
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    before.assert_unchanged("a hydra, SIGKILL and a reset");
}
