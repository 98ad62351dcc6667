//! Bad input, missing privilege, a full disk, a closed pipe: one clear line, the designed exit
//! status, nothing left, never a panic.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use std::process::Stdio;

use common::machine::Snapshot;
use common::session::Session;
use common::{
    can_run_or_skip, course, for_each_lab, is_root, is_root_or_skip, lab, labs_or_skip,
    private_mounts, room, run, shell, state,
};
use serde_json::Value;

#[test]
fn an_unknown_lab_is_told_the_nearest_name() {
    run(&mut lab(["chrot"])).assert_refused(2, "`chroot`?");
    run(&mut lab(["chrot", "--lang", "ko"])).assert_refused(2, "`chroot`입니까?");
    run(&mut lab(["verify", "chrot"])).assert_refused(2, "`chroot`?");
    run(&mut lab(["zzz"])).assert_refused(2, "lab --help");
}

#[test]
fn wrong_usage_is_one_line_and_exit_status_2() {
    run(&mut lab(["--nonsense"])).assert_refused(2, "--nonsense");
    run(&mut lab(["chroot", "--format", "xml"])).assert_refused(2, "xml");
    run(&mut lab(["chroot", "--lang", "de"])).assert_refused(2, "de");
    run(&mut lab(["completions"])).assert_refused(2, "SHELL");
    run(&mut lab(["chroot", "extra"])).assert_refused(2, "extra");
}

#[test]
fn help_and_version_are_spoken_in_both_languages() {
    for (lang, word) in [("en", "Usage:"), ("ko", "사용법:")] {
        let said = run(&mut lab(["--help", "--lang", lang]));
        assert_eq!((said.status, said.err.as_str()), (Some(0), ""));
        assert!(said.out.contains(word), "{}", said.out);
        course().iter().for_each(|id| assert!(said.out.contains(id), "{id} in {}", said.out));
    }
    assert_eq!(run(&mut lab(["--version"])).out, concat!("lab ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn the_language_comes_from_the_option_then_the_variables() {
    let korean = |command: &mut std::process::Command| run(command).out.contains("실습");
    assert!(!korean(&mut lab::<&str>([])));
    assert!(korean(lab::<&str>([]).env("LANG", "ko_KR.UTF-8")));
    assert!(!korean(lab::<&str>([]).env("LANG", "ko_KR.UTF-8").env("LC_ALL", "C")));
    assert!(korean(lab::<&str>([]).env("LC_ALL", "C").env("LAB_LANG", "ko")));
    assert!(!korean(lab(["--lang", "en"]).env("LAB_LANG", "ko")));
}

#[test]
fn completions_are_made_for_each_shell() {
    for name in ["bash", "zsh", "fish"] {
        let said = run(&mut lab(["completions", name]));
        assert_eq!(said.status, Some(0));
        assert!(said.out.contains("verify"), "{name}");
    }
}

#[test]
fn root_without_its_capabilities_is_told_which() {
    if !is_root_or_skip("root_without_its_capabilities_is_told_which") {
        return;
    }
    let script = "exec setpriv --bounding-set -sys_admin --inh-caps -all lab chroot --yes";
    run(&mut shell(script)).assert_refused(3, "CAP_SYS_ADMIN");
}

#[test]
fn a_missing_controller_is_one_line() {
    let Some(_room) = room::enter("a_missing_controller_is_one_line") else { return };
    if !is_root_or_skip("a_missing_controller_is_one_line") {
        return;
    }
    let script = "exec unshare -m bash -c '
        umount --recursive --lazy /sys/fs/cgroup; exec lab cpu-shares --yes'";
    run(&mut shell(script)).assert_refused(3, "cpu controller");
}

#[test]
fn a_missing_file_system_is_one_line() {
    let Some(_room) = room::enter("a_missing_file_system_is_one_line") else { return };
    if !can_run_or_skip("a_missing_file_system_is_one_line", "overlay") {
        return;
    }
    // Neither built in, as far as anybody can see, nor a module to load.
    let script = format!(
        "exec {} bash -c '
        mount --bind /dev/null /proc/filesystems
        if [[ -d /lib/modules ]]; then mount -t tmpfs none /lib/modules; fi
        exec lab overlay --yes'",
        private_mounts()
    );
    run(&mut shell(&script)).assert_refused(3, "overlay");
}

#[test]
fn a_lab_that_cannot_run_is_named_by_verify_and_the_others_are_judged() {
    let Some(_room) =
        room::enter("a_lab_that_cannot_run_is_named_by_verify_and_the_others_are_judged")
    else {
        return;
    };
    if !is_root_or_skip("a_lab_that_cannot_run_is_named_by_verify_and_the_others_are_judged") {
        return;
    }
    let script = "exec unshare -m bash -c '
        umount --recursive --lazy /sys/fs/cgroup; exec lab verify --reference unshare cpu-shares'";
    let said = run(&mut shell(script));
    said.assert_refused(3, "cpu controller");
    assert!(said.out.contains("✔ uts-namespace"), "{}", said.out);
}

#[test]
fn a_read_only_run_is_one_line() {
    let Some(_room) = room::enter("a_read_only_run_is_one_line") else { return };
    if !is_root_or_skip("a_read_only_run_is_one_line") {
        return;
    }
    let script = "exec unshare -m bash -c 'mount -t tmpfs -o ro none /run; exec lab chroot --yes'";
    run(&mut shell(script)).assert_refused(3, "read-only");
}

#[test]
fn a_disk_full_at_the_start_is_one_line() {
    let Some(_room) = room::enter("a_disk_full_at_the_start_is_one_line") else { return };
    if !can_run_or_skip("a_disk_full_at_the_start_is_one_line", "chroot") {
        return;
    }
    // A page for each file or folder is all there is: room for the folder, none for the journal.
    let script = format!(
        "exec {} bash -c '
        mount -t tmpfs -o nr_inodes=2 none /run
        status=0; lab chroot --yes || status=$?
        ls -A /run; exit $status'",
        private_mounts()
    );
    let said = run(&mut shell(&script));
    said.assert_refused(3, "ENOSPC");
    assert_eq!(said.out, "");
}

#[test]
fn a_disk_full_in_the_middle_undoes_everything() {
    let Some(_room) = room::enter("a_disk_full_in_the_middle_undoes_everything") else { return };
    if !can_run_or_skip("a_disk_full_in_the_middle_undoes_everything", "chroot") {
        return;
    }
    let before = Snapshot::take();
    let mut session = Session::start("chroot");
    session.walk_to(3 + usize::from(!is_root()));
    let fill = format!("/proc/{}/root{}/chroot/fill", session.pid(), state().display());
    run(&mut shell(&format!("head -c 1G /dev/zero >{fill} || true")));
    session.press(b'\n');
    let (_, waits) = session.until_pause();
    assert!(!waits);
    let ended = session.end();
    assert_eq!(ended.status, Some(3), "{}", ended.err);
    assert!(ended.err.contains("ENOSPC") && ended.err.lines().count() == 1, "{}", ended.err);
    before.assert_unchanged("a full disk");
}

fn a_closed_pipe_undoes_everything(test: &str, id: &str) {
    if !can_run_or_skip(test, id) {
        return;
    }
    let before = Snapshot::take();
    let script = format!("lab {id} --yes | head -n 1; exit ${{PIPESTATUS[0]}}");
    let said = run(shell(&script).env("BASH_ENV", "").arg("--"));
    assert!(matches!(said.status, Some(0 | 3)), "{}", said.err);
    assert!(!said.err.contains("panic"), "{}", said.err);
    before.assert_unchanged(&format!("lab {id} --yes | head -n 1"));
}

for_each_lab! { a_closed_pipe_undoes_everything }

#[test]
fn a_full_standard_output_undoes_everything() {
    let Some(_room) = room::enter("a_full_standard_output_undoes_everything") else { return };
    if !can_run_or_skip("a_full_standard_output_undoes_everything", "chroot") {
        return;
    }
    let before = Snapshot::take();
    run(&mut shell("exec lab chroot --yes > /dev/full")).assert_refused(3, "ENOSPC");
    before.assert_unchanged("a full standard output");
}

#[test]
fn the_same_lab_twice_is_refused_and_another_is_not() {
    let Some(_room) = room::enter("the_same_lab_twice_is_refused_and_another_is_not") else {
        return;
    };
    let before = Snapshot::take();
    let labs = labs_or_skip("the_same_lab_twice_is_refused_and_another_is_not");
    let mut first = Session::start(&labs[0]);
    first.walk_to(2);
    run(&mut lab([&labs[0], "--yes"])).assert_refused(3, &first.pid().to_string());
    for other in &labs[1..] {
        let said = run(&mut lab([other, "--yes"]));
        assert_eq!(said.status, Some(0), "{other}: {}{}", said.out, said.err);
    }
    let said = run(&mut lab(["reset"]));
    assert_eq!(said.status, Some(0));
    assert!(said.out.contains("left alone"), "{}", said.out);
    first.press(b'q');
    assert_eq!(first.end().status, Some(130));
    before.assert_unchanged("two labs at once");
}

#[test]
fn what_a_student_has_in_the_way_is_refused_and_untouched() {
    let Some(_room) = room::enter("what_a_student_has_in_the_way_is_refused_and_untouched") else {
        return;
    };
    if !can_run_or_skip("what_a_student_has_in_the_way_is_refused_and_untouched", "chroot") {
        return;
    }
    let script = format!(
        "exec {} bash -c '
        mount -t tmpfs none /run
        mkdir -p /run/lab/chroot; echo mine > /run/lab/chroot/file
        status=0; lab chroot --yes || status=$?
        lab reset; cat /run/lab/chroot/file; exit $status'",
        private_mounts()
    );
    let said = run(&mut shell(&script));
    said.assert_refused(3, "/run/lab/chroot");
    assert!(said.out.ends_with("mine\n"), "{}", said.out);
}

#[test]
fn a_working_directory_that_is_gone_does_not_matter() {
    let Some(_room) = room::enter("a_working_directory_that_is_gone_does_not_matter") else {
        return;
    };
    if !can_run_or_skip("a_working_directory_that_is_gone_does_not_matter", "overlay") {
        return;
    }
    let script = "cd \"$(mktemp -d)\"; rmdir \"$PWD\"; lab verify --reference overlay chroot";
    let said = run(&mut shell(script));
    assert_eq!((said.status, said.err.as_str()), (Some(0), ""));
}

#[test]
fn a_pipe_gets_no_colour_and_no_prompt() {
    let Some(_room) = room::enter("a_pipe_gets_no_colour_and_no_prompt") else { return };
    if !can_run_or_skip("a_pipe_gets_no_colour_and_no_prompt", "chroot") {
        return;
    }
    let said = run(&mut lab(["chroot"]));
    assert_eq!(said.status, Some(0));
    assert!(!said.out.contains('\x1b') && !said.out.contains("Enter"), "{}", said.out);
}

#[test]
fn json_is_one_event_a_line() {
    let Some(_room) = room::enter("json_is_one_event_a_line") else { return };
    if !can_run_or_skip("json_is_one_event_a_line", "chroot") {
        return;
    }
    for lang in ["en", "ko"] {
        let said =
            run(&mut lab(["verify", "--reference", "chroot", "--format", "json", "--lang", lang]));
        assert_eq!(said.status, Some(0), "{}", said.err);
        for line in said.out.lines() {
            let judged: Value = serde_json::from_str(line).unwrap();
            assert_eq!(judged["lab"], "chroot");
        }
    }
}

#[test]
fn a_closed_standard_error_is_no_panic() {
    let status = lab(["chrot"]).stderr(Stdio::null()).status().unwrap();
    assert_eq!(status.code(), Some(2));
    assert_eq!(run(&mut shell("lab chrot 2>&- >&-")).status, Some(2));
}

/// A run may be killed after it has made its state folder and before its journal, or while it removes the
/// two.
#[test]
fn reset_removes_an_empty_state_folder() {
    let Some(_room) = room::enter("reset_removes_an_empty_state_folder") else { return };
    if !can_run_or_skip("reset_removes_an_empty_state_folder", "chroot") {
        return;
    }
    let said = run(&mut common::apart("mkdir /run/lab; lab reset >/dev/null; ls /run"));
    assert_eq!((said.status, said.out.as_str()), (Some(0), ""), "{}", said.err);
}
