//! What a run leaves to be read later can be trusted: nobody else's word is taken for it, nothing of
//! anybody's is undone in its place, and what is odd about it is one line.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use common::{Said, apart, can_run_or_skip, has_tools_or_skip, is_root_or_skip, room, run};

/// Another user than root; a journal with a folder of root's, `/run/victim`, and a process of root's to
/// undo; how root is made to believe it.
const FORGERY: &str = r#"
chmod 1777 /run
other="setpriv --reuid 65534 --regid 65534 --clear-groups"
sleep 1000 & victim=$!
# Born as what a lab makes is.
mkdir -m 1700 /run/victim
forge() {
    echo '{"pid":1,"boot":"'"$(cat /proc/sys/kernel/random/boot_id)"'","token":"t"}'
    echo '{"undo":{"remove_dir":{"path":"/run/victim"}}}'
    echo '{"undo":{"kill":{"pid":'$victim',"started":'"$(cut -d' ' -f22 /proc/$victim/stat)"'}}}'
}
# That each of its arguments, as a command, is refused in one line with status 3, soon.
refuse() {
    for command in "$@"; do
        status=0; timeout -s KILL 10 $command >/run/out 2>/run/err || status=$?
        echo "$command: $status $(wc -l </run/err) $(cat /run/err)"
    done
    kill -0 $victim; test -d /run/victim
}
"#;

/// `script` after [`FORGERY`], as root; its lines.
fn forge(script: &str) -> Vec<String> {
    let said = run(&mut apart(&format!("{FORGERY}{script}")));
    assert_eq!(said.status, Some(0), "{}{}", said.out, said.err);
    said.out.lines().map(str::to_owned).collect()
}

#[track_caller]
fn assert_all_refused(lines: &[String], how_many: usize, word: &str) {
    assert_eq!(lines.len(), how_many, "{lines:#?}");
    for line in lines {
        assert!(line.contains(": 3 1 lab: ") && line.contains(word), "{word} in {line}");
    }
}

#[test]
fn a_forged_journal_is_a_good_one_where_root_has_made_it() {
    let Some(_room) = room::enter("a_forged_journal_is_a_good_one_where_root_has_made_it") else {
        return;
    };
    if !is_root_or_skip("a_forged_journal_is_a_good_one_where_root_has_made_it") {
        return;
    }
    let lines = forge(
        "mkdir -m 755 /run/lab; forge >/run/lab/chroot.journal
        lab reset chroot; ! kill -0 $victim 2>/dev/null; test ! -e /run/victim",
    );
    assert!(lines[1].contains("/run/victim removed"), "{lines:?}");
}

#[test]
fn a_state_folder_that_is_not_roots_alone_is_refused() {
    let Some(_room) = room::enter("a_state_folder_that_is_not_roots_alone_is_refused") else {
        return;
    };
    if !is_root_or_skip("a_state_folder_that_is_not_roots_alone_is_refused") {
        return;
    }
    let lines = forge(
        "forge >/run/forged; chmod 644 /run/forged; all=('lab reset' 'lab chroot --yes')
        $other mkdir /run/lab; $other cp /run/forged /run/lab/chroot.journal; refuse \"${all[@]}\"
        chown -R 0:0 /run/lab; chmod 777 /run/lab; refuse \"${all[@]}\"
        mv /run/lab /run/theirs; ln -s theirs /run/lab; refuse \"${all[@]}\"
        rm /run/lab; forge >/run/lab; refuse \"${all[@]}\"",
    );
    assert_all_refused(&lines, 8, "only you can write to");
}

#[test]
fn a_journal_that_is_not_roots_alone_is_refused() {
    let Some(_room) = room::enter("a_journal_that_is_not_roots_alone_is_refused") else { return };
    if !is_root_or_skip("a_journal_that_is_not_roots_alone_is_refused") {
        return;
    }
    let lines = forge(
        "mkdir -m 755 /run/lab; j=/run/lab/chroot.journal; all=('lab reset' 'lab chroot --yes')
        forge >$j; chown 65534 $j; refuse \"${all[@]}\"; rm $j
        forge >$j; chmod 666 $j; refuse \"${all[@]}\"; rm $j
        forge >/run/other; ln /run/other $j; refuse \"${all[@]}\"; rm $j",
    );
    assert_all_refused(&lines, 6, "only you can write to");
    let lines = forge(
        "mkdir -m 755 /run/lab; j=/run/lab/chroot.journal; all=('lab reset' 'lab chroot --yes')
        forge >/run/other; ln -s /run/other $j; refuse \"${all[@]}\"; rm $j
        mkfifo $j; refuse \"${all[@]}\"; rm $j
        mkdir $j; refuse \"${all[@]}\"; rmdir $j
        mknod $j c 1 5; refuse \"${all[@]}\"",
    );
    assert_all_refused(&lines, 8, "not a regular file");
}

#[test]
fn a_journal_that_no_run_has_written_is_damaged() {
    let Some(_room) = room::enter("a_journal_that_no_run_has_written_is_damaged") else { return };
    if !is_root_or_skip("a_journal_that_no_run_has_written_is_damaged") {
        return;
    }
    let lines = forge(
        "mkdir -m 755 /run/lab; j=/run/lab/chroot.journal; all=('lab reset' 'lab chroot --yes')
        { forge; printf '\\xff\\xfe\\n'; } >$j; refuse \"${all[@]}\"
        printf '\\xff\\xfe' >$j; refuse \"${all[@]}\"
        { forge; head -c 2M /dev/zero; } >$j; refuse \"${all[@]}\"
        { forge; echo nonsense; } >$j; refuse \"${all[@]}\"",
    );
    assert_all_refused(&lines, 8, "is damaged");
}

/// What cannot be trusted is no journal of a lab that runs, and takes nothing from a verdict.
#[test]
fn an_untrusted_state_folder_takes_nothing_from_a_verdict() {
    let Some(_room) = room::enter("an_untrusted_state_folder_takes_nothing_from_a_verdict") else {
        return;
    };
    let test = "an_untrusted_state_folder_takes_nothing_from_a_verdict";
    if !is_root_or_skip(test) || !can_run_or_skip(test, "unshare") {
        return;
    }
    let lines = forge(
        "unshare --uts bash -c 'hostname inside; sleep 1000' &
        export XDG_STATE_HOME=/root; mount -t tmpfs -o mode=700 none /root; sleep 0.5
        look() { status=0; timeout -s KILL 10 lab verify unshare --by-hand --pid $! 2>&1 || status=$?; echo $status; }
        look >/run/good
        $other mkdir /run/lab; $other mkfifo /run/lab/unshare.journal; look | diff /run/good -
        chown 0:0 /run/lab; look | diff /run/good -; tail -n 1 /run/good",
    );
    assert_eq!(lines, ["1"]);
}

/// Begins `lab`, kills it once `until` holds, and clears up by hand what it has left: all but its journal.
fn killed(lab: &str, until: &str, clear_up: &str) -> String {
    format!(
        "export TIMEFORMAT=; lab {lab} --yes >/dev/null 2>&1 & run=$!
        until {until}; do kill -0 $run; done
        kill -9 $run; wait $run 2>/dev/null || true
        test -s /run/lab/{lab}.journal\n{clear_up}\n"
    )
}

/// What somebody has made under the names of a killed run stays, after `lab reset` and after the next run,
/// which says that it is in the way.
#[track_caller]
fn assert_stays(lab: &str, until: &str, clear_up: &str, make: &str, is_there: &str) {
    let killed = killed(lab, until, clear_up);
    for (mend, status) in [("reset", 0), ("", 3)] {
        let lab_does =
            if mend.is_empty() { format!("{lab} --yes") } else { format!("reset {lab}") };
        let script = format!(
            "{killed}{make}\nstatus=0; lab {lab_does} || status=$?
            {is_there} >&2 || {{ echo 'it is gone' >&2; exit 9; }}
            if [[ -z '{mend}' ]]; then {clear_up}; fi; exit $status"
        );
        let said: Said = run(&mut apart(&script));
        assert_eq!(said.status, Some(status), "lab {lab_does}: {}{}", said.out, said.err);
        assert!(said.out.contains("stays"), "lab {lab_does}: {}{}", said.out, said.err);
        assert!(status == 0 || said.err.contains("is there already"), "{}", said.err);
    }
}

#[test]
fn namespaces_that_somebody_has_named_as_a_killed_run_did_stay() {
    let Some(_room) = room::enter("namespaces_that_somebody_has_named_as_a_killed_run_did_stay")
    else {
        return;
    };
    let test = "namespaces_that_somebody_has_named_as_a_killed_run_did_stay";
    if !can_run_or_skip(test, "veth") || !has_tools_or_skip(test, &["ip"]) {
        return;
    }
    assert_stays(
        "veth",
        "[[ -e /run/netns/lab-right ]]",
        "ip netns del lab-left; ip netns del lab-right",
        "ip netns add lab-left; ip netns add lab-right",
        "ip -n lab-left link && ip -n lab-right link",
    );
}

/// The kernel gives the number of a namespace again at once: the file below the mount tells.
#[test]
fn a_namespace_is_known_by_the_file_that_it_is_mounted_on() {
    let Some(_room) = room::enter("a_namespace_is_known_by_the_file_that_it_is_mounted_on") else {
        return;
    };
    let test = "a_namespace_is_known_by_the_file_that_it_is_mounted_on";
    if !can_run_or_skip(test, "veth") || !has_tools_or_skip(test, &["ip"]) {
        return;
    }
    let said = run(&mut apart(
        r#"ip netns add a; umount /run/netns/a
        born=$(stat -c %.9W /run/netns/a); born="[${born%.*},$((10#${born#*.}))]"
        inode=$(stat -c %i /run/netns/a); mount --bind /proc/self/ns/net /run/netns/a
        net=$(readlink /proc/self/ns/net)
        file() {
            mkdir -p -m 755 /run/lab; printf '%s\n' >/run/lab/veth.journal \
                '{"pid":1,"boot":"'"$(cat /proc/sys/kernel/random/boot_id)"'","token":"t"}' \
                '{"undo":{"delete_netns":{"path":"/run/netns/a","namespace":"'"$1"'"}}}' \
                '{"made":{"inode":'"$2"',"born":'"$3"',"mount":0}}'
            lab reset veth
        }
        file "$net" $inode '[1,0]'; file "$net" $((inode + 1)) "$born"; file 'net:[1]' $inode "$born"
        mountpoint -q /run/netns/a; file "$net" $inode "$born"; test ! -e /run/netns/a"#,
    ));
    assert_eq!((said.status, said.err.as_str()), (Some(0), ""), "{}", said.out);
    let stays: Vec<bool> = said.out.lines().map(|line| line.contains("stays")).collect();
    assert_eq!(stays, [true, true, true, false], "{}", said.out);
}

#[test]
fn a_folder_that_somebody_has_named_as_a_killed_run_did_stays() {
    let Some(_room) = room::enter("a_folder_that_somebody_has_named_as_a_killed_run_did_stays")
    else {
        return;
    };
    if !can_run_or_skip("a_folder_that_somebody_has_named_as_a_killed_run_did_stays", "chroot") {
        return;
    }
    let folder = "/run/lab/chroot";
    assert_stays(
        "chroot",
        &format!("[[ -d {folder} ]]"),
        &format!("rmdir {folder}"),
        &format!("mkdir {folder}"),
        &format!("test -d {folder}"),
    );
}

/// The groups that a killed run of `cpu-shares` has made, the outer ones first.
const GROUPS: &str = r#"
groups() { grep -o '"remove_cgroup":{"path":"[^"]*' /run/lab/cpu-shares.journal | cut -d'"' -f6; }
remove() { for g in $(tac /run/groups); do
    for n in {1..50}; do rmdir $g 2>/dev/null && break; sleep 0.02; done; test ! -e $g; done; }
"#;

#[test]
fn groups_that_somebody_has_named_as_a_killed_run_did_stay() {
    let Some(_room) = room::enter("groups_that_somebody_has_named_as_a_killed_run_did_stay") else {
        return;
    };
    let test = "groups_that_somebody_has_named_as_a_killed_run_did_stay";
    if !can_run_or_skip(test, "cpu-shares") || !is_root_or_skip(test) {
        return;
    }
    let killed = killed(
        "cpu-shares",
        "[[ -e /run/lab/cpu-shares.journal && $(groups | wc -l) -ge 4 ]]",
        "groups >/run/groups; remove",
    );
    let script = format!(
        "{GROUPS}{killed}xargs mkdir </run/groups; inner=$(tail -n 1 /run/groups)
        sleep 1000 & echo $! >$inner/cgroup.procs
        lab reset cpu-shares; [[ $(cat $inner/cgroup.procs) == $! ]]; xargs ls -d </run/groups >/dev/null
        status=0; lab cpu-shares --yes || status=$?; [[ $(cat $inner/cgroup.procs) == $! ]]
        {{ kill -9 $!; wait $!; }} 2>/dev/null || true; remove; exit $status"
    );
    let said = run(&mut apart(&script));
    said.assert_refused(3, "is there already");
    assert!(said.out.contains("stays"), "{}", said.out);
}

/// A group of ours that somebody has put a process into is ours all the same.
#[test]
fn a_process_in_a_group_of_a_killed_run_is_moved_out() {
    let Some(_room) = room::enter("a_process_in_a_group_of_a_killed_run_is_moved_out") else {
        return;
    };
    let test = "a_process_in_a_group_of_a_killed_run_is_moved_out";
    if !can_run_or_skip(test, "cpu-shares") || !is_root_or_skip(test) {
        return;
    }
    let until = "[[ -e /run/lab/cpu-shares.journal && $(groups | wc -l) -ge 4 ]]";
    let killed = killed("cpu-shares", until, "groups >/run/groups");
    let said = run(&mut apart(&format!(
        "{GROUPS}{killed}sleep 1000 & echo $! >$(tail -n 1 /run/groups)/cgroup.procs
        lab reset cpu-shares; kill -0 $!; ! xargs ls -d </run/groups 2>/dev/null"
    )));
    assert_eq!((said.status, said.err.as_str()), (Some(0), ""), "{}", said.out);
    assert!(!said.out.contains("stays"), "{}", said.out);
}

#[test]
fn a_group_that_was_made_in_the_last_moment_is_known_by_its_birth() {
    let Some(_room) = room::enter("a_group_that_was_made_in_the_last_moment_is_known_by_its_birth")
    else {
        return;
    };
    let test = "a_group_that_was_made_in_the_last_moment_is_known_by_its_birth";
    if !can_run_or_skip(test, "cpu-shares") || !is_root_or_skip(test) {
        return;
    }
    let until = "[[ -e /run/lab/cpu-shares.journal && $(groups | wc -l) -ge 4 ]]";
    let killed = killed("cpu-shares", until, "groups | head -n 1 >/run/groups");
    let said = run(&mut apart(&format!(
        "{GROUPS}{killed}head -n 2 /run/lab/cpu-shares.journal >/run/last; lab reset cpu-shares >/dev/null
        group=$(cat /run/groups)
        last() {{ mkdir -p -m 755 /run/lab; cp /run/last /run/lab/cpu-shares.journal; lab reset cpu-shares; }}
        mkdir -m 1700 $group; last; mkdir $group; last; rmdir $group"
    )));
    assert_eq!((said.status, said.err.as_str()), (Some(0), ""), "{}", said.out);
    let lines: Vec<&str> = said.out.lines().collect();
    assert!(lines.len() == 2 && lines[0].contains("removed") && lines[1].contains("stays"));
}

/// A run may be killed after it has made something and before it has written down what: then it is known by
/// how it was born, and only while it is empty.
#[test]
fn what_was_made_in_the_last_moment_is_known_by_its_birth() {
    let Some(_room) = room::enter("what_was_made_in_the_last_moment_is_known_by_its_birth") else {
        return;
    };
    let test = "what_was_made_in_the_last_moment_is_known_by_its_birth";
    if !can_run_or_skip(test, "chroot") {
        return;
    }
    let said = run(&mut apart(
        r#"mkdir /run/netns
        header='{"pid":1,"boot":"'"$(cat /proc/sys/kernel/random/boot_id)"'","token":"t"}'
        last() { mkdir -p -m 755 /run/lab; printf '%s\n' "$header" '{"undo":'"$1"'}' >/run/lab/chroot.journal; lab reset chroot; }
        dir='{"remove_dir":{"path":"/run/a"}}'
        net='{"delete_netns":{"path":"/run/netns/a","namespace":"net:[1]"}}'
        mkdir -m 1700 /run/a; last "$dir"; mkdir -m 755 /run/a; last "$dir"; rmdir /run/a
        mkdir -p -m 1700 /run/a; touch /run/a/b; last "$dir"; ls /run/a/b; last "$dir"
        install -m 1700 /dev/null /run/netns/a; last "$net"; >/run/netns/a; last "$net"
        ls /run/netns/a"#,
    ));
    assert_eq!((said.status, said.err.as_str()), (Some(0), ""), "{}", said.out);
    let said: Vec<&str> = said.out.lines().collect();
    let words =
        ["removed", "stays", "stays", "/run/a/b", "stays", "removed", "stays", "/run/netns/a"];
    assert_eq!(said.len(), words.len(), "{said:#?}");
    said.iter().zip(words).for_each(|(line, word)| assert!(line.contains(word), "{word}: {line}"));
}

/// Where it cannot begin, it leaves nothing: neither a journal nor its folder.
#[test]
fn a_run_that_cannot_begin_leaves_no_journal() {
    let Some(_room) = room::enter("a_run_that_cannot_begin_leaves_no_journal") else { return };
    if !can_run_or_skip("a_run_that_cannot_begin_leaves_no_journal", "chroot") {
        return;
    }
    let said = run(&mut apart(
        "for n in {4..16}; do
            status=0; (ulimit -n $n; exec lab chroot --yes) >/dev/null 2>&1 || status=$?
            [[ $status == 3 || $n -gt 10 ]]; ls -d /run/lab 2>/dev/null || true
        done
        mount -t proc -o subset=pid proc /proc; status=0; lab chroot --yes 2>/dev/null || status=$?
        ls -d /run/lab 2>/dev/null || true; exit $status",
    ));
    assert_eq!((said.status, said.out.as_str()), (Some(3), ""), "{}", said.err);
}
