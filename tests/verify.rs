//! What surrounds a verdict: the choice among several, the report for a grader, progress, hints, the
//! handout on a terminal, and that a lab leaves a student's work alone.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use std::process::Command;

use common::machine::Snapshot;
use common::student::PART;
use common::{
    Folder, Said, apart, can_run_or_skip, course, for_each_lab, has_tools_or_skip, is_root,
    is_root_or_skip, lab, room, run, skip,
};
use dialoguer::console::measure_text_width;
use junit_parser::{TestStatus, TestSuites};
use serde_json::Value;

const TOOLS: [&str; 4] = ["hostname", "ip", "mount", "unshare"];

/// Two that look like `lab unshare`: a complete one, its pid in `$whole`, and one without a name of its own, in `$part`.
const TWO: &str = "
mkfifo open; exec 7<>open
unshare --uts --pid --fork --mount-proc bash -c 'hostname inside; >ready1; read -r' <open &
whole=$!
unshare --uts --pid --fork --mount-proc bash -c '>ready2; read -r' <open &
part=$!
until [[ -e ready1 && -e ready2 ]]; do sleep 0.01; done
";

fn can_run(test: &str) -> bool {
    can_run_or_skip(test, "unshare") && has_tools_or_skip(test, &TOOLS)
}

fn in_folder(script: &str) -> Said {
    let folder = Folder::make("verify");
    run(apart(&format!("export XDG_STATE_HOME=/run/state\n{script}")).current_dir(folder.path()))
}

#[test]
fn several_are_listed_and_one_can_be_named() {
    let Some(_room) = room::enter("several_are_listed_and_one_can_be_named") else { return };
    if !can_run("several_are_listed_and_one_can_be_named") {
        return;
    }
    let before = Snapshot::take();
    // Each row ends with what selects it, whoever asks.
    for command in ["verify", "hint"] {
        let said = in_folder(&format!("{PART}{PART}lab {command} unshare"));
        assert_eq!(said.status, Some(2), "{}{}", said.out, said.err);
        let typed = format!("    lab {command} unshare --");
        let rows: Vec<&str> = said.out.lines().filter(|line| line.starts_with(&typed)).collect();
        assert_eq!(rows.len(), 2, "{}", said.out);
        let said = in_folder(&format!(
            "{PART}{PART}lab {command} unshare | grep '^    lab' | while read -r line; do\n\
             $line || [[ $? == 1 ]] || echo \"status $? of $line\"; done; true"
        ));
        assert_eq!(said.out.matches("host-name-apart").count(), 2, "{}{}", said.out, said.err);
        assert!(!said.out.contains("status"), "{}", said.out);
    }
    // What was read, what it said, and the rule, of what is proven too.
    let said = in_folder(&format!("{TWO}lab verify unshare --pid $whole --explain"));
    for part in ["read: /proc/", "said: uts:[", "rule: not uts:["] {
        assert!(said.out.contains(part), "{part}: {}", said.out);
    }
    // Of several the one that alone meets every goal is taken.
    let said = in_folder(&format!("{TWO}lab verify unshare"));
    assert_eq!(said.status, Some(0), "{}{}", said.out, said.err);
    let said = in_folder(&format!("{TWO}lab verify unshare --pid $whole"));
    assert_eq!(said.status, Some(0), "{}{}", said.out, said.err);
    let said = in_folder(&format!("{TWO}lab verify unshare --pid $part"));
    assert_eq!(said.status, Some(1), "{}{}", said.out, said.err);
    assert!(said.out.contains("✘ host-name-apart"), "{}", said.out);
    before.assert_unchanged("several");
}

fn a_run_of_a_lab_is_nobodys_work_by_hand(test: &str, lab_id: &str) {
    if !can_run(test) {
        return;
    }
    let folder = Folder::make("another");
    let another = folder.path().join("lab");
    std::fs::copy(common::LAB, &another).unwrap();
    if !can_run_or_skip(test, lab_id) {
        return;
    }
    let mut session = common::session::Session::start(lab_id);
    session.walk_to(3);
    let said = run(&mut lab(["verify", lab_id, "--by-hand"]));
    let other = run(Command::new(&another).args(["verify", lab_id, "--by-hand"]));
    let may_be_nobody = is_root() && has_tools_or_skip(test, &["setpriv"]);
    let nobody = may_be_nobody.then(|| as_nobody(&["verify", lab_id, "--by-hand"]));
    session.press(b'q');
    session.end();
    assert!(said.out.contains("lab guide"), "{lab_id}: {}", said.out);
    assert!(other.out.contains("lab guide"), "{lab_id}, another build: {}", other.out);
    if let Some(said) = nobody {
        assert_eq!(said.status, Some(1), "{lab_id}, to nobody: {}{}", said.out, said.err);
        assert!(said.out.contains("lab guide"), "{lab_id}, to nobody: {}", said.out);
        assert!(!said.out.contains('✔'), "{lab_id}, to nobody: {}", said.out);
    }
}

/// What it says to an ordinary user, from a place where everybody may run it.
fn as_nobody(arguments: &[&str]) -> Said {
    const EVERYBODYS: &str = "/run/lab-of-all";
    std::fs::copy(common::LAB, EVERYBODYS).unwrap();
    let nobody = ["--reuid", "65534", "--regid", "65534", "--clear-groups", "env", "HOME=/nowhere"];
    run(Command::new("setpriv").args(nobody).arg(EVERYBODYS).args(arguments))
}

for_each_lab! { a_run_of_a_lab_is_nobodys_work_by_hand }

#[test]
fn a_grader_gets_junit() {
    let Some(_room) = room::enter("a_grader_gets_junit") else { return };
    if !can_run("a_grader_gets_junit") {
        return;
    }
    let said =
        in_folder(&format!("{TWO}lab verify unshare --pid $part --format junit || [[ $? == 1 ]]"));
    let report = parse(&said);
    let suite = &report.suites[0];
    assert_eq!((suite.name.as_str(), suite.failures), ("unshare", 1));
    for case in &suite.cases {
        assert_eq!(case.classname.as_deref(), Some("unshare.hand"), "{}", case.name);
    }
    let case = |name: &str| suite.cases.iter().find(|case| case.original_name == name).unwrap();
    assert!(matches!(case("pid-one").status, TestStatus::Success));
    assert!(matches!(case("host-name-apart").status, TestStatus::Failure(_)));
    assert!(matches!(case("three-of-eight").status, TestStatus::Success));

    let report = parse(&in_folder("lab verify --by-hand --format junit || [[ $? == 1 ]]"));
    assert_eq!((report.suites.len(), report.failures), (course().len(), course().len() as u64));
    let report = parse(&in_folder("lab verify --reference unshare --format junit"));
    assert_eq!((report.failures, report.errors), (0, 0));
    assert_eq!(report.suites[0].cases[0].classname.as_deref(), Some("unshare.lab"));
}

fn parse(said: &Said) -> TestSuites {
    assert_eq!(said.status, Some(0), "{}{}", said.out, said.err);
    junit_parser::from_reader(said.out.as_bytes()).unwrap()
}

#[test]
fn progress_is_kept_and_shown() {
    let Some(_room) = room::enter("progress_is_kept_and_shown") else { return };
    if !can_run("progress_is_kept_and_shown") {
        return;
    }
    let said = in_folder(&format!(
        "{TWO}lab verify unshare --pid $part >/dev/null || true\nlab\nlab --format json"
    ));
    assert!(said.out.contains("4 of 5"), "{}", said.out);
    let course: Value = serde_json::from_str(said.out.lines().last().unwrap()).unwrap();
    assert_eq!(course[1]["by_hand"]["proven"], 4);
    let said =
        in_folder(&format!("{TWO}lab verify unshare --pid $whole >/dev/null\nlab; date +%Y-%m-%d"));
    let today = said.out.lines().last().unwrap();
    assert!(said.out.contains(&format!("✔ {today}")), "{}", said.out);
    // What a lab's own run proves is nobody's progress.
    let said = in_folder("lab verify --reference unshare >/dev/null; ls /run/state 2>&1 || true");
    assert!(said.out.contains("No such file"), "{}", said.out);
}

/// Under sudo the calling user's, as that user: a link in a home leads root nowhere.
#[test]
fn progress_under_sudo_is_the_callers() {
    let Some(_room) = room::enter("progress_under_sudo_is_the_callers") else { return };
    if !is_root_or_skip("progress_under_sudo_is_the_callers")
        || !can_run("progress_under_sudo_is_the_callers")
    {
        return;
    }
    let student = format!(
        "{TWO}cp /etc/passwd p; echo \"student:x:4242:4242::$PWD/home:/bin/bash\" >>p\n\
         mount --bind p /etc/passwd; mkdir home; chown 4242:4242 home\n\
         export SUDO_UID=4242 SUDO_GID=4242 SUDO_USER=student HOME=/root\n"
    );
    let said = in_folder(&format!(
        "{student}lab verify unshare --pid $whole >/dev/null\nlab | grep -c ✔\n\
         stat -c '%u:%g' home/.local/state/lab/progress.json home/.local; ls /run/state 2>&1 || true"
    ));
    assert!(said.out.starts_with("1\n4242:4242\n4242:4242\n"), "{}{}", said.out, said.err);
    assert!(said.out.contains("No such file"), "{}", said.out);
    let said = in_folder(&format!(
        "{student}mkdir root; ln -s ../root home/.local\n\
         lab verify unshare --pid $whole >/dev/null; ls root"
    ));
    assert_eq!((said.status, said.out.as_str()), (Some(0), ""), "{}", said.err);
    assert_eq!(said.err.lines().count(), 1, "{}", said.err);
}

#[test]
fn a_damaged_book_is_said_and_takes_nothing_from_the_verdict() {
    let Some(_room) = room::enter("a_damaged_book_is_said_and_takes_nothing_from_the_verdict")
    else {
        return;
    };
    if !can_run("a_damaged_book_is_said_and_takes_nothing_from_the_verdict") {
        return;
    }
    let said = in_folder(&format!(
        "{TWO}mkdir -p /run/state/lab; echo nonsense >/run/state/lab/progress.json\n\
         lab verify unshare --pid $whole; cat /run/state/lab/progress.json"
    ));
    assert_eq!(said.status, Some(0), "{}{}", said.out, said.err);
    assert!(said.err.contains("damaged") && said.out.ends_with("nonsense\n"), "{}", said.err);
}

#[test]
fn hints_come_one_by_one_up_to_the_command() {
    let Some(_room) = room::enter("hints_come_one_by_one_up_to_the_command") else { return };
    if !can_run("hints_come_one_by_one_up_to_the_command") {
        return;
    }
    let said = in_folder(&format!("{TWO}for n in 1 2 3 4; do lab hint unshare --pid $part; done"));
    assert_eq!(said.status, Some(0), "{}{}", said.out, said.err);
    let hints = |number: &str| said.out.matches(number).count();
    assert_eq!((hints(" 1/3 "), hints(" 2/3 "), hints(" 3/3 ")), (4, 3, 2), "{}", said.out);
    assert!(said.out.trim_end().ends_with("hostname happy.life.com"), "{}", said.out);
    let said = in_folder(&format!("{TWO}lab hint unshare --pid $whole"));
    assert!(said.out.contains("all is proven"), "{}", said.out);
    // What cannot be told yet is not proven either.
    let said = in_folder(
        "mkdir image image2 up work merge; echo old >image/a; echo 2 >image2/c\n\
         mount -t overlay overlay -o lowerdir=image2:image,upperdir=up,workdir=work merge\n\
         echo new >merge/a; echo d >merge/d; lab hint overlay",
    );
    assert!(said.out.contains("newer-on-top"), "{}{}", said.out, said.err);
    // With nothing there, the first hint is about the first goal.
    for lab_id in course() {
        let said = in_folder(&format!("lab hint {lab_id}; lab hint {lab_id} --lang ko"));
        assert_eq!(said.status, Some(0), "{}{}", said.out, said.err);
        assert!(said.out.contains(" 1/3 ") && said.out.contains(" 2/3 "), "{}", said.out);
    }
}

#[test]
fn the_handout_fits_the_terminal() {
    for lab_id in course() {
        for lang in ["en", "ko"] {
            let said = run(&mut lab(["guide", &lab_id, "--lang", lang]));
            assert_eq!(said.status, Some(0), "{}", said.err);
            assert!(said.out.contains(&format!("lab verify {lab_id}")), "{}", said.out);
            let also = |options: &[&str]| {
                let words = [&["guide", &lab_id, "--lang", lang], options].concat();
                let said = run(&mut lab(words));
                assert_eq!(said.status, Some(0), "{options:?}: {}", said.err);
                said.out
            };
            let (all, first) = (also(&["--all"]), also(&["1"]));
            assert!(all.lines().count() >= said.out.lines().count(), "{all}");
            assert!(all.contains(first.lines().next().unwrap()), "{first}");
            assert!(first.lines().count() < said.out.lines().count(), "{first}");
            for line in said.out.lines().chain(also(&["--answers"]).lines()) {
                // A command is to be copied, and stands as it is.
                let fits = measure_text_width(line) <= 80 || line.starts_with("    ");
                assert!(fits && !line.contains("```"), "{lab_id} {lang}: {line}");
            }
        }
    }
}

#[test]
fn a_part_that_the_handout_does_not_have_is_refused() {
    run(&mut lab(["guide", "chroot", "99"])).assert_refused(2, "99");
}

/// A lab that would get in the way of a student's work does not begin; one that would not leaves the work
/// as it was.
#[test]
fn a_lab_leaves_a_students_work_alone() {
    let Some(_room) = room::enter("a_lab_leaves_a_students_work_alone") else { return };
    if !can_run("a_lab_leaves_a_students_work_alone") {
        return;
    }
    let said = in_folder("ip netns add lab-left\nlab veth --yes || echo status $?; ip netns");
    assert!(said.out.contains("status 3\nlab-left"), "{}{}", said.out, said.err);
    assert!(said.err.contains("lab-left"), "{}", said.err);
    let said = in_folder(&format!(
        "{TWO}mkdir image image2 up work merge; echo old >image/a; echo 2 >image2/c\n\
         mount -t overlay overlay -o lowerdir=image2:image,upperdir=up,workdir=work merge\n\
         echo new >merge/a; echo d >merge/d; ip netns add red; ip netns add blue\n\
         for l in chroot unshare veth overlay; do lab $l --yes >/dev/null; done\n\
         lab verify unshare --pid $whole; lab verify overlay || [[ $? == 1 ]]; ip netns; cat up/a image/a"
    ));
    assert_eq!(said.status, Some(0), "{}{}", said.out, said.err);
    assert!(said.out.contains("blue\nred") || said.out.contains("red\nblue"), "{}", said.out);
    assert!(said.out.ends_with("new\nold\n"), "{}", said.out);
}

/// A service is nobody's work by hand, until it is asked for: known by the group that its manager keeps it
/// in, and by having neither a terminal nor a login nor us among its ancestors.
#[test]
fn services_are_left_out_unless_asked_for() {
    let Some(_room) = room::enter("services_are_left_out_unless_asked_for") else { return };
    if !is_root_or_skip("services_are_left_out_unless_asked_for")
        || !can_run("services_are_left_out_unless_asked_for")
    {
        return;
    }
    let Some(top) = ["/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified", "/sys/fs/cgroup"]
        .into_iter()
        .find(|top| std::path::Path::new(top).join("cgroup.procs").exists())
    else {
        return skip("services_are_left_out_unless_asked_for", "no control groups are mounted");
    };
    let group = format!("{top}/lab-test.service");
    let said = in_folder(&format!(
        "mkdir {group}; trap 'kill $pid; sleep 0.2; rmdir {group}' EXIT\n\
         setsid --fork bash -c 'echo $$ >{group}/cgroup.procs; echo $$ >pid; exec unshare --uts sleep 99'\n\
         until [[ -s pid ]]; do sleep 0.01; done; pid=$(cat pid); sleep 0.2\n\
         lab verify unshare --by-hand || true; lab verify unshare --pid $pid || true"
    ));
    let (left_out, asked_for) = said.out.split_once("lab guide unshare").unwrap();
    assert!(!left_out.contains("sleep"), "{}", said.out);
    assert!(asked_for.contains("sleep") && asked_for.contains("✔ uts-namespace"), "{}", said.out);
}

/// In another mount namespace; in network namespaces without a name; a container that a runtime made, with
/// its root on an overlay.
#[test]
fn work_in_other_namespaces_is_found() {
    let Some(_room) = room::enter("work_in_other_namespaces_is_found") else { return };
    if !can_run("work_in_other_namespaces_is_found") {
        return;
    }
    let layers = "mkdir image image2 up work merge; echo old >image/a; echo 2 >image2/c\n\
         mkfifo open; exec 7<>open";
    let mount = "mount -t overlay overlay -o lowerdir=image2:image,upperdir=up,workdir=work merge";
    let said = in_folder(&format!(
        "{layers}\nunshare --mount bash -c '{mount}; echo new >merge/a; echo d >merge/d; >ready; read -r' \
         <open &\nuntil [[ -e ready ]]; do sleep 0.01; done\n! grep -q /merge /proc/self/mountinfo\n\
         lab verify overlay --by-hand"
    ));
    // Nothing was deleted.
    assert_eq!(said.status, Some(1), "{}{}", said.out, said.err);
    assert!(said.out.contains("✔ copied-up"), "{}", said.out);

    let said = in_folder(
        "mkfifo open; exec 7<>open\nunshare --net bash -c 'read -r' <open & left=$!\n\
         unshare --net bash -c 'read -r' <open & right=$!\nsleep 0.2\n\
         ip link add one type veth peer name two; ip link set one netns $left; ip link set two netns $right\n\
         nsenter -t $left -n ip address add 198.51.100.1/24 dev one; nsenter -t $left -n ip link set one up\n\
         nsenter -t $right -n ip address add 198.51.100.2/24 dev two; nsenter -t $right -n ip link set two up\n\
         lab verify veth --by-hand --pid $right",
    );
    assert_eq!(said.status, Some(0), "{}{}", said.out, said.err);

    let container = "mount --bind merge merge && cd merge && mkdir -p proc old bin lib lib64 && \
         cp /bin/bash bin/ && for f in $(ldd /bin/bash | grep -o \"/lib[^ )]*\"); \
         do mkdir -p .${f%/*}; cp $f .$f; done && mount -t proc proc proc && pivot_root . old && \
         exec /bin/bash -c \"umount() { :; }; >ready; read -r\"";
    let said = in_folder(&format!(
        "{layers}\n{mount}\nunshare --mount --uts --pid --fork --net --ipc bash -c '{container}' <open &\n\
         until [[ -e merge/ready ]]; do sleep 0.01; done\n\
         for l in chroot unshare veth overlay; do lab verify $l --by-hand || echo status $?; done"
    ));
    for lab_id in ["chroot", "unshare", "overlay"] {
        assert!(said.out.contains(&format!("{lab_id} (built by hand")), "{lab_id}: {}", said.out);
    }
    assert!(said.out.contains("✔ pid-one"), "{}", said.out);
}
