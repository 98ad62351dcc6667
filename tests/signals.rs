//! How a lab ends: Ctrl-C at every moment, limits that it meets half-way, a terminal that is too small.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::machine::Snapshot;
use common::session::{Ended, Session};
use common::{Folder, Said, can_run_or_skip, is_root, room, run, shell, state};
use nix::pty::{Winsize, openpty};
use nix::sys::signal::Signal;

/// What a terminal makes a SIGINT of, for all of its foreground group.
const CTRL_C: u8 = 3;

/// How one way to run a lab is struck: so many times, evenly over the time that it takes.
struct Target {
    lab: &'static str,
    options: &'static [&'static str],
    strikes: u32,
}

fn targets() -> Vec<Target> {
    let target = |lab, options, strikes| Target { lab, options, strikes };
    let mut all = vec![
        target("unshare", &["--yes"][..], 60),
        target("chroot", &["--yes"], 20),
        target("veth", &["--yes"], 20),
        target("overlay", &["--yes"], 20),
    ];
    if is_root() {
        all.push(target("unshare", &["--yes", "--rootless"], 40));
    }
    all.into_iter()
        .filter(|one| can_run_or_skip("ctrl_c_is_130_at_every_moment", one.lab))
        .collect()
}

/// Whether it was interrupted; all but a quiet 130, or a run that was over, fails.
#[track_caller]
fn was_interrupted(ended: &Ended, when: &str) -> bool {
    let Ended { status, signal, err } = ended;
    // Before `main`, and after it, a process ends as any does: 130 for a shell.
    let interrupted = *status == Some(130) || *signal == Some(Signal::SIGINT as i32);
    assert!(interrupted || *status == Some(0), "{when}: {status:?} {signal:?} {err}");
    assert!(err.lines().count() <= 1, "{when}: {err}");
    assert!(!state().exists(), "{when}: {:?} is left, {err}", state());
    interrupted
}

#[test]
fn ctrl_c_is_130_at_every_moment() {
    let Some(_room) = room::enter("ctrl_c_is_130_at_every_moment") else { return };
    let before = Snapshot::take();
    for Target { lab, options, strikes } in targets() {
        let run = |_| {
            let begun = Instant::now();
            assert_eq!(Session::start_with(lab, options).end().status, Some(0), "{lab}");
            begun.elapsed()
        };
        // The first may be slow.
        let whole = (0..3).map(run).min().unwrap();
        let interrupted = (0..strikes).filter(|strike| {
            let mut session = Session::start_with(lab, options);
            std::thread::sleep(whole * *strike / strikes);
            session.press(CTRL_C);
            was_interrupted(
                &session.end(),
                &format!("lab {lab} {options:?}, {strike} of {strikes}"),
            )
        });
        let interrupted = interrupted.count();
        assert!(interrupted > strikes as usize / 3, "{lab}: only {interrupted} were in time");
    }
    before.assert_unchanged("Ctrl-C at every moment");
}

/// Where a process is made by one that ends, in a PID namespace: there a strike that ended the one of
/// them but not the other was taken for a defect, or for a process that cannot be killed.
#[test]
fn ctrl_c_is_130_while_an_orphan_is_made() {
    let Some(_room) = room::enter("ctrl_c_is_130_while_an_orphan_is_made") else { return };
    const STRIKES: u32 = 100;
    const WINDOW: Duration = Duration::from_millis(3);
    if !can_run_or_skip("ctrl_c_is_130_while_an_orphan_is_made", "unshare") {
        return;
    }
    let before = Snapshot::take();
    let interrupted = (0..STRIKES).filter(|strike| {
        let mut session = Session::start_with("unshare", &["--yes"]);
        session.until_step("orphan");
        std::thread::sleep(WINDOW * *strike / STRIKES);
        session.press(CTRL_C);
        was_interrupted(&session.end(), &format!("strike {strike} of {STRIKES}"))
    });
    let interrupted = interrupted.count();
    assert!(interrupted > STRIKES as usize / 2, "only {interrupted} were in time");
    before.assert_unchanged("Ctrl-C while an orphan is made");
}

/// `script`, under the limit that it sets for itself, must end as what this machine cannot do.
#[track_caller]
fn assert_refused(script: &str, reason: &str) {
    let Said { status, err, .. } = run(&mut shell(script));
    assert_eq!(status, Some(3), "{script}: {err}");
    assert!(err.lines().count() == 1 && err.contains(reason), "{script}: {err}");
    assert!(err.contains("ulimit"), "{script} names no mend: {err}");
    assert!(!state().exists(), "{script}: {:?} is left", state());
}

#[test]
fn the_limit_of_a_file_is_an_error_and_leaves_nothing() {
    let Some(_room) = room::enter("the_limit_of_a_file_is_an_error_and_leaves_nothing") else {
        return;
    };
    if !can_run_or_skip("the_limit_of_a_file_is_an_error_and_leaves_nothing", "unshare") {
        return;
    }
    let before = Snapshot::take();
    let folder = Folder::make("file-limit");
    let out = folder.path().join("out");
    for (kilobytes, command) in [(4, "unshare --yes --format json"), (1, "guide unshare")] {
        let script = format!("ulimit -f {kilobytes}; lab {command} >{}", out.display());
        assert_refused(&script, "EFBIG");
    }
    before.assert_unchanged("the limit of a file");
}

#[test]
fn the_limit_of_memory_is_an_error_and_leaves_nothing() {
    let Some(_room) = room::enter("the_limit_of_memory_is_an_error_and_leaves_nothing") else {
        return;
    };
    if !can_run_or_skip("the_limit_of_memory_is_an_error_and_leaves_nothing", "unshare") {
        return;
    }
    let before = Snapshot::take();
    let script = |kilobytes| format!("ulimit -v {kilobytes}; exec lab unshare --yes");
    let (mut short, mut enough) = (1000, 1_000_000);
    while enough - short > 50 {
        let middle = (short + enough) / 2;
        match run(&mut shell(&script(middle))).status {
            Some(0) => enough = middle,
            _ => short = middle,
        }
    }
    // Less than a child's stack.
    assert_refused(&script(enough - 300), "ENOMEM");
    before.assert_unchanged("the limit of memory");
}

#[test]
fn a_terminal_that_is_too_small_is_asked_nothing() {
    for ws_row in [1, 2] {
        let size = Winsize { ws_row, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
        let pty = openpty(&size, None).unwrap();
        let end = || Stdio::from(pty.slave.try_clone().unwrap());
        let mut lab = Command::new(common::LAB);
        let status = lab.stdin(end()).stdout(end()).stderr(end()).status().unwrap();
        // All ends of the slave, or what is read below has no end.
        drop((lab, pty.slave));
        let mut shown = Vec::new();
        // EIO is the end of a terminal whose other side is closed.
        let _ = std::fs::File::from(pty.master).read_to_end(&mut shown);
        let shown = String::from_utf8_lossy(&shown);
        assert!(status.success() && shown.contains("chroot"), "{ws_row} rows: {status} {shown}");
    }
}
