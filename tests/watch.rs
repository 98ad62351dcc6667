//! `lab verify LAB --watch` tells what becomes otherwise while somebody works, and nothing else.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use common::machine::Snapshot;
use common::{Folder, Said, apart, can_run_or_skip, has_tools_or_skip, room, run};
use serde_json::Value;

/// A shell without a name of its own and with the machine's `/proc`; then both are mended; then `/proc` is unmounted
/// again. Each time the watcher is waited for to say so.
const WORK: &str = r#"
mkfifo open; exec 7<>open
# heard COUNT WORD: that it was said so often.
heard() { for _ in {1..100}; do [[ $(grep -c "$2" out) -ge $1 ]] && return; sleep 0.05; done; }
heard 1 'lab guide'
unshare --uts --pid --fork --mount --kill-child bash -c 'echo $BASHPID >ready; read -r' <open &
until [[ -s ready ]]; do sleep 0.01; done
heard 1 three-of-eight
pid=$(pgrep -n -x bash)
nsenter --target "$pid" --uts hostname inside
nsenter --target "$pid" --mount --pid mount -t proc proc /proc
heard 2 three-of-eight
sleep 0.6
nsenter --target "$pid" --mount umount /proc
heard 3 three-of-eight
kill -INT $watcher; status=0; wait $watcher || status=$?
cat out; echo "status $status"
"#;

fn watch(options: &str) -> Said {
    let folder = Folder::make("watch");
    let script = format!("lab verify unshare --watch {options} >out & watcher=$!\n{WORK}");
    run(apart(&script).current_dir(folder.path()))
}

#[test]
fn what_changes_is_told_and_what_is_lost_says_so() {
    const TEST: &str = "what_changes_is_told_and_what_is_lost_says_so";
    let tools = ["hostname", "mount", "nsenter", "pgrep", "unshare"];
    let Some(_room) = room::enter(TEST) else { return };
    if !can_run_or_skip(TEST, "unshare") || !has_tools_or_skip(TEST, &tools) {
        return;
    }
    let before = Snapshot::take();
    let said = watch("--format json");
    let (told, status) = said.out.split_once("status ").unwrap();
    assert_eq!(status, "1\n", "{}{}", said.out, said.err);
    let told: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(told[0]["stopped"].is_string() && told[0]["by"] == "nobody", "{:#}", told[0]);
    let of = |check: &str| -> Vec<(String, bool)> {
        let these = told.iter().filter(|change| change["finding"]["check"] == check);
        let these = these.map(|change| (&change["finding"]["verdict"], &change["lost"]));
        these.map(|(it, lost)| (it.as_str().unwrap().to_owned(), lost.as_bool().unwrap())).collect()
    };
    let is = |verdicts: &[(&str, bool)]| -> Vec<(String, bool)> {
        verdicts.iter().map(|(verdict, lost)| ((*verdict).to_owned(), *lost)).collect()
    };
    assert_eq!(of("uts-namespace"), is(&[("pass", false)]), "{told:#?}");
    assert_eq!(of("host-name-apart"), is(&[("fail", false), ("pass", false)]), "{told:#?}");
    let lost = is(&[("fail", false), ("pass", false), ("fail", true)]);
    assert_eq!(of("proc-of-its-own"), lost, "{told:#?}");
    let said = watch("--format plain");
    assert!(said.out.contains("was proven, and is lost"), "{}{}", said.out, said.err);
    before.assert_unchanged("a watch");
}

#[test]
fn one_lab_is_watched() {
    run(&mut common::lab(["verify", "--watch"])).assert_refused(2, "--watch");
    run(&mut common::lab(["verify", "veth", "overlay", "--watch"])).assert_refused(2, "--watch");
}
