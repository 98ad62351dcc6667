//! The book of progress may be anything: it is read and written in time and by its owner alone, and takes
//! nothing from a hint or a verdict.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use common::{apart, can_run_or_skip, has_tools_or_skip, is_root_or_skip, room, run};

/// A hint is given and the course is shown while `spoil` has made the book, `$book`, what it is; each says
/// why it has no progress in one line, with `word`, and within three seconds.
#[track_caller]
fn assert_said(spoil: &str, commands: &str, word: &str) {
    let said = run(&mut apart(&format!(
        "cd /run; export XDG_STATE_HOME=/run/state; mkdir -p state/lab; book=state/lab/progress.json\n\
         {spoil}\nfor command in {commands}; do\n\
         timeout -s KILL 3 lab $command >out 2>err; test -s out; cat err; wc -l <err\ndone"
    )));
    assert_eq!(said.status, Some(0), "{spoil}: {}{}", said.out, said.err);
    let lines: Vec<&str> = said.out.lines().collect();
    for pair in lines.chunks(2) {
        assert!(pair[0].contains(word) && pair[1] == "1", "{spoil}: {lines:#?}");
        assert!(!pair[0].contains("defect"), "{pair:?}");
    }
}

const BOTH: &str = "'hint chroot' ''";

fn can_run(test: &str) -> bool {
    can_run_or_skip(test, "chroot") && has_tools_or_skip(test, &["flock", "timeout"])
}

#[test]
fn a_book_that_is_no_file_is_said_at_once() {
    let Some(_room) = room::enter("a_book_that_is_no_file_is_said_at_once") else { return };
    if can_run("a_book_that_is_no_file_is_said_at_once") {
        assert_said("mkfifo $book", BOTH, "not a regular file");
        assert_said("ln -s /dev/zero $book", BOTH, "not a regular file");
        assert_said(">$book; mount --bind /dev/zero $book", BOTH, "not a regular file");
        assert_said("mkdir $book", BOTH, "not a regular file");
    }
}

#[test]
fn a_book_that_nobody_has_written_is_damaged() {
    let Some(_room) = room::enter("a_book_that_nobody_has_written_is_damaged") else { return };
    if can_run("a_book_that_nobody_has_written_is_damaged") {
        assert_said("printf '\\xff\\xfe' >$book", BOTH, "damaged");
        assert_said(
            "{ echo -n '{}'; head -c 2M /dev/zero | tr '\\0' ' '; } >$book",
            BOTH,
            "damaged",
        );
    }
}

#[test]
fn a_lock_that_is_held_is_said_within_a_moment() {
    let Some(_room) = room::enter("a_lock_that_is_held_is_said_within_a_moment") else { return };
    if can_run("a_lock_that_is_held_is_said_within_a_moment") {
        let hold = "flock state/lab -c '>held; exec sleep 1000' &\nuntil [[ -e held ]]; do sleep 0.01; done";
        assert_said(hold, "'hint chroot'", "locked");
    }
}

/// A run that was killed leaves a half-written book: it is no obstacle, and a link in its place is not
/// followed.
#[test]
fn what_a_killed_run_left_beside_the_book_is_no_obstacle() {
    let Some(_room) = room::enter("what_a_killed_run_left_beside_the_book_is_no_obstacle") else {
        return;
    };
    if !can_run("what_a_killed_run_left_beside_the_book_is_no_obstacle") {
        return;
    }
    let said = run(&mut apart(
        "cd /run; export XDG_STATE_HOME=/run; mkdir lab; echo half >lab/progress.json.new; lab hint chroot
        echo secret >secret; ln -s ../secret lab/progress.json.new; lab hint chroot >/dev/null
        cat secret; ls lab; grep -c hints lab/progress.json",
    ));
    assert_eq!((said.status, said.err.as_str()), (Some(0), ""), "{}", said.out);
    assert!(said.out.ends_with("secret\nprogress.json\n1\n"), "{}", said.out);
}

/// After `su -m` HOME is somebody else's, with links of theirs in it; under sudo somebody may have no entry
/// in the user database.
#[test]
fn root_writes_into_nobody_elses_home() {
    let Some(_room) = room::enter("root_writes_into_nobody_elses_home") else { return };
    if !is_root_or_skip("root_writes_into_nobody_elses_home")
        || !can_run("root_writes_into_nobody_elses_home")
    {
        return;
    }
    let said = run(&mut apart(
        "echo secret >/run/secret; mkdir -p -m 755 /run/home /run/root /run/empty
        chown 65534 /run/home; other='setpriv --reuid 65534 --regid 65534 --clear-groups'
        $other mkdir -p /run/home/.local/state/lab
        $other ln -s /run/secret /run/home/.local/state/lab/progress.json.new
        unset XDG_STATE_HOME; hint() { lab hint chroot 2>&1 >/dev/null; }; export HOME=/run/home
        hint; cat /run/secret
        $other rm -r /run/home/.local; $other ln -s /run/root /run/home/.local; hint; ls -A /run/root
        SUDO_UID=31337 hint; SUDO_UID=nonsense hint
        HOME=/run/empty SUDO_UID=31337 hint; ls -A /run/empty
        HOME=/run/root hint; ls -A /run/root",
    ));
    assert_eq!((said.status, said.err.as_str()), (Some(0), ""), "{}", said.out);
    let refused = "no progress is kept";
    let words = [refused, "secret", refused, refused, refused, refused, ".local"];
    let lines: Vec<&str> = said.out.lines().collect();
    assert_eq!(lines.len(), words.len(), "{lines:#?}");
    lines.iter().zip(words).for_each(|(line, word)| assert!(line.contains(word), "{word}: {line}"));
}

/// What one machine exports another takes in; of two that know the same, the later counts.
#[test]
fn progress_moves_to_another_machine() {
    const TEST: &str = "progress_moves_to_another_machine";
    let Some(_room) = room::enter(TEST) else { return };
    if !can_run(TEST) {
        return;
    }
    let said = run(&mut apart(
        r#"cd /run; export XDG_STATE_HOME=/run/old; lab hint chroot >out
        XDG_STATE_HOME=/run/new lab progress import - <<'END'
{"chroot": {"proven": {"bash-runs": "2026-11-02T00:00:00Z", "only-three": "2026-11-01T00:00:00Z"},
            "watched": {"at": "2026-11-02T00:00:00Z", "predicted": 2, "asked": 3}},
 "\u001b[2J": {}}
END
        XDG_STATE_HOME=/run/new lab progress export >book
        lab progress import - <<<'{"chroot": {"proven": {"bash-runs": "2026-11-01T00:00:00Z"}}}'
        lab progress import book; lab progress export
        XDG_STATE_HOME=/run/new lab list | grep -c 'predicted 2/3'"#,
    ));
    assert_eq!(said.status, Some(0), "{}{}", said.out, said.err);
    assert!(!said.out.contains('\u{1b}') && said.out.contains(r"\u{1b}"), "{}", said.out);
    for kept in
        ["\"bash-runs\": \"2026-11-02T", "\"only-three\": \"2026-11-01T", "\"predicted\": 2"]
    {
        assert!(said.out.contains(kept), "{kept}: {}", said.out);
    }
    assert!(
        said.out.contains("\"libraries-resolve\": 1") && said.out.ends_with("\n1\n"),
        "{}",
        said.out
    );
}

#[test]
fn what_is_no_progress_is_refused() {
    for file in ["/dev/zero", "/etc/passwd", "/nowhere"] {
        let said = run(&mut common::lab(["progress", "import", file]));
        assert_eq!(said.err.lines().count(), 1, "{}", said.err);
        assert!(said.err.contains(file) && said.out.is_empty(), "{}", said.err);
    }
    run(&mut common::lab(["progress"])).assert_refused(2, "export");
}
