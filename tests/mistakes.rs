//! Each common mistake, `labs/LAB/mistakes/*.sh`, fails exactly the check that its first line names, with
//! a sentence about what was seen and another about what to look at.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::machine::Snapshot;
use common::{
    Folder, apart, can_run_or_skip, for_each_lab, has_tools_or_skip, is_meant, room, run,
};
use serde_json::Value;

/// What the scripts call beyond coreutils.
const TOOLS: [&str; 6] = ["hostname", "ip", "ldd", "mount", "taskset", "unshare"];
/// So many at least for each lab.
const FEWEST: usize = 5;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn mistakes(lab: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("labs").join(lab).join("mistakes")).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// A line of the script's head: `# CHECK`, then perhaps `# options: …`.
fn head(script: &str) -> (&str, &str) {
    let mut lines = script.lines().map(|line| line.strip_prefix("# ").unwrap_or_default());
    let check = lines.next().unwrap();
    (check, lines.next().and_then(|line| line.strip_prefix("options: ")).unwrap_or_default())
}

/// A control group for one script's groups.
struct Cgroup(PathBuf);

impl Cgroup {
    fn make() -> Cgroup {
        let v1 = Path::new("/sys/fs/cgroup/cpu");
        let top = if v1.is_dir() { v1 } else { Path::new("/sys/fs/cgroup") };
        let group = top.join("lab-mistakes");
        fs::create_dir(&group).unwrap();
        if !v1.is_dir() {
            // The room's own root gives its groups no controller by itself.
            for above in [top, &group] {
                fs::write(above.join("cgroup.subtree_control"), "+cpu").unwrap();
            }
        }
        Cgroup(group)
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        // The kernel needs a moment after the last process has gone.
        for _ in 0..200 {
            for name in ["a", "b"] {
                let _ = fs::remove_dir(self.0.join(name));
            }
            if fs::remove_dir(&self.0).is_ok() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }
}

/// What `lab verify` says once it says that `expected` alone fails; a script's processes take a moment to
/// get where they are meant to be, and after a while it is what it last said.
fn verify(lab: &str, path: &Path) -> Value {
    let script = fs::read_to_string(path).unwrap();
    let (expected, options) = head(&script);
    let prelude = common::prelude(lab);
    let folder = Folder::make("mistake");
    let _alone = room::measure(lab);
    let cgroup = (lab == "cpu-shares").then(Cgroup::make);
    let whole = format!(
        "{{\n{prelude}\n{script}\n}} >/dev/null 2>&1\ncd '{}'\n\
         for _ in {{1..10}}; do sleep 0.1\n\
         said=$(lab verify {lab} --by-hand --format json {options} 2>/dev/null || true)\n\
         failed=$(grep -o '\"check\":\"[^\"]*\",\"verdict\":\"fail\"' <<<\"$said\" || true)\n\
         [[ $failed != '\"check\":\"{expected}\",\"verdict\":\"fail\"' ]] || break; done\n\
         echo \"$said\"",
        folder.path().display()
    );
    let groups = cgroup.as_ref().map(|cgroup| cgroup.0.as_path()).unwrap_or(Path::new(""));
    let said = run(apart(&whole).current_dir(folder.path()).env("LAB_CGROUP", groups));
    assert_eq!(said.status, Some(0), "{}: {}", path.display(), said.err);
    serde_json::from_str(&said.out).unwrap()
}

fn each_mistake_fails_exactly_its_check(test: &str, lab: &str) {
    if !is_meant(lab) || !has_tools_or_skip(test, &TOOLS) || !can_run_or_skip(test, lab) {
        return;
    }
    let before = Snapshot::take();
    let paths = mistakes(lab);
    assert!(paths.len() >= FEWEST, "{lab} has {} mistakes", paths.len());
    for path in paths {
        let script = fs::read_to_string(&path).unwrap();
        let judged = verify(lab, &path);
        let findings = judged["findings"].as_array().unwrap();
        let failed: Vec<&Value> =
            findings.iter().filter(|finding| finding["verdict"] == "fail").collect();
        let names: Vec<&str> = failed.iter().map(|it| it["check"].as_str().unwrap()).collect();
        assert_eq!(names, [head(&script).0], "{}: {judged:#}", path.display());
        for field in ["seen", "hint", "source"] {
            assert_ne!(failed[0][field], "", "{}: {field}", path.display());
        }
    }
    before.assert_unchanged("mistakes");
}

/// A goal that no mistake fails would be one that cannot fail.
fn each_goal_has_a_mistake_or_something_that_breaks_it(test: &str, lab: &str) {
    if !can_run_or_skip(test, lab) {
        return;
    }
    let judged = verify(lab, &mistakes(lab)[0]);
    let named: Vec<String> = mistakes(lab)
        .iter()
        .map(|path| head(&fs::read_to_string(path).unwrap()).0.to_owned())
        .collect();
    for finding in judged["findings"].as_array().unwrap() {
        let check = finding["check"].as_str().unwrap();
        let broken = root().join("labs").join(lab).join("breaks").join(format!("{check}.sh"));
        assert!(broken.is_file() || named.iter().any(|it| it == check), "{lab}/{check}");
    }
}

for_each_lab! {
    each_mistake_fails_exactly_its_check,
    each_goal_has_a_mistake_or_something_that_breaks_it,
}
