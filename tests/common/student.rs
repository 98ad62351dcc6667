//! A student who has built something, and what `lab verify` says of it.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{Folder, Said, apart, prelude, room, run};

/// Builds what looks like `lab unshare`, but has no name of its own; its pid is in `$part`.
pub const PART: &str = "
[[ -e open ]] || mkfifo open; exec 7<>open; rm -f ready
unshare --uts --pid --fork --mount-proc bash -c '>ready; read -r' <open &
part=$!
until [[ -e ready ]]; do sleep 0.01; done
";

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

/// Removes `group` and what was made in it; the kernel needs a moment after the last process has gone.
fn remove_groups(group: &Path) -> bool {
    for entry in fs::read_dir(group).into_iter().flatten().filter_map(Result::ok) {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            remove_groups(&entry.path());
        }
    }
    fs::remove_dir(group).is_ok()
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        for _ in 0..200 {
            if remove_groups(&self.0) {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }
}

/// What a verdict is waited for: a script's processes take a moment to get where they are meant to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Want {
    /// All goals are met.
    Pass,
    /// All of them, with a remark about this check.
    Remark(String),
    /// This check fails.
    Fail(String),
    /// This one is not done yet.
    Open(String),
    /// Nothing is found.
    Nothing,
}

impl Want {
    /// Reads a line of a script's head.
    pub fn read(line: &str) -> Want {
        let (verdict, check) = line.split_once(' ').unwrap_or((line, ""));
        match (verdict, check.to_owned()) {
            ("pass", _) => Want::Pass,
            ("remark", check) => Want::Remark(check),
            ("fail", check) => Want::Fail(check),
            ("open", check) => Want::Open(check),
            ("nothing", _) => Want::Nothing,
            other => unreachable!("{other:?}: pass, remark, fail, open or nothing"),
        }
    }

    /// Whether the JSON in `$said`, with `$status`, says so, as a command of bash.
    fn is_said(&self) -> String {
        let of = |check: &str, verdict: &str| {
            format!(r#"[[ $said == *'"check":"{check}","verdict":"{verdict}"'* ]]"#)
        };
        match self {
            Want::Pass | Want::Remark(_) => "((status == 0))".to_owned(),
            Want::Fail(check) => of(check, "fail"),
            Want::Open(check) => of(check, "open"),
            Want::Nothing => r#"[[ $said == *'"by":"nobody"'* ]]"#.to_owned(),
        }
    }
}

/// A script that builds something by hand, with what its head says.
pub struct Work<'a> {
    /// The lab that it is for.
    pub lab: &'a str,
    /// The script.
    pub script: &'a str,
    /// How it is judged.
    pub options: &'a str,
    /// What is waited for.
    pub want: Want,
}

impl Work<'_> {
    /// Builds it, and returns what `lab verify` says in the end.
    pub fn judge(&self) -> Value {
        let said = self.build("echo \"$said\"");
        serde_json::from_str(&said.out).unwrap()
    }

    /// Builds it, types the last hint as it stands, and returns what `lab verify` says of `check` then, and that hint.
    pub fn judge_mended(&self, check: &str) -> (Value, String) {
        let Work { lab, options, .. } = self;
        let mended = Want::Fail(check.to_owned()).is_said();
        let said = self.build(&format!(
            "export XDG_STATE_HOME=/run/state\n\
             for _ in 1 2 3; do hint=$(lab hint {lab} {options}); done\n\
             mend=$(sed -n 's/^  3\\/3  //p' <<<\"$hint\"); echo \"$mend\"\n\
             {{ eval \"$mend\"; }} <\"$LAB_OPEN\" >/dev/null 2>/run/refused &\n\
             {}\necho \"$said\"; cat /run/refused >&2",
            Self::until(lab, options, &format!("! {mended}"))
        ));
        let (hint, judged) = said.out.split_once('\n').unwrap();
        (serde_json::from_str(judged).unwrap(), format!("{hint}\n{}", said.err))
    }

    /// Asks until what is said is what `condition` is true of, and not for ever.
    fn until(lab: &str, options: &str, condition: &str) -> String {
        format!(
            "for _ in {{1..20}}; do sleep 0.05; status=0\n\
             said=$(lab verify {lab} --by-hand --format json {options} 2>/dev/null) || status=$?\n\
             ! {{ {condition}; }} || break; done"
        )
    }

    fn build(&self, then: &str) -> Said {
        let Work { lab, script, options, want } = self;
        let prelude = prelude(lab);
        let folder = Folder::make("work");
        let _alone = room::measure(lab);
        let cgroup = (*lab == "cpu-shares").then(Cgroup::make);
        let until = Self::until(lab, options, &want.is_said());
        let home = folder.path().display();
        let whole =
            format!("{{\n{prelude}\n{script}\n}} >/dev/null 2>&1\ncd '{home}'\n{until}\n{then}");
        let groups = cgroup.as_ref().map_or(Path::new(""), |cgroup| cgroup.0.as_path());
        let said = run(apart(&whole).current_dir(folder.path()).env("LAB_CGROUP", groups));
        assert_eq!(said.status, Some(0), "{script}: {}{}", said.out, said.err);
        said
    }
}

/// The scripts of a lab's folder `name`, by their names.
pub fn scripts(lab: &str, name: &str) -> Vec<PathBuf> {
    let labs = Path::new(env!("CARGO_MANIFEST_DIR")).join("labs");
    let entries = fs::read_dir(labs.join(lab).join(name)).into_iter().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// A line of a script's head, without its `# `.
pub fn head<'a>(script: &'a str, name: &str) -> Option<&'a str> {
    let head = script.lines().take_while(|line| line.starts_with('#'));
    head.map(|line| line.trim_start_matches(['#', ' '])).find_map(|line| line.strip_prefix(name))
}

/// The checks of `judged` that have this verdict.
pub fn with_verdict<'a>(judged: &'a Value, verdict: &str) -> Vec<&'a str> {
    let findings = judged["findings"].as_array().unwrap().iter();
    let these = findings.filter(|finding| finding["verdict"] == verdict);
    these.map(|finding| finding["check"].as_str().unwrap()).collect()
}

/// What was found of `check`.
pub fn finding<'a>(judged: &'a Value, check: &str) -> &'a Value {
    let findings = judged["findings"].as_array().unwrap();
    findings.iter().find(|finding| finding["check"] == check).unwrap_or(&Value::Null)
}
