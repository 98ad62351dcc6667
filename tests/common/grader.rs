//! What runs the recipes of the book as a grader would.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use junit_parser::TestStatus;
use serde_json::Value;

use super::book::recipe;
use super::grading::RUNNER;
use super::{Folder, Said, apart, run};

/// sudo(8) as it is set up almost everywhere: of the environment it leaves what it is told to keep.
const SUDO: &str = r#"#!/usr/bin/env bash
kept=(PATH="$PATH" HOME="$HOME" XDG_STATE_HOME="$XDG_STATE_HOME")
while [[ $1 == -* ]]; do
    case $1 in
        --preserve-env=*)
            IFS=, read -ra names <<<"${1#*=}"
            for name in "${names[@]}"; do [[ ! -v $name ]] || kept+=("$name=${!name}"); done ;;
        -u | -p) shift ;;
    esac
    shift
done
exec env --ignore-environment "${kept[@]}" "$@"
"#;

/// Where a student's submission lies, and what the book says of it is typed.
pub struct Grader(Folder);

impl Grader {
    /// With the script that the book hands in.
    pub fn make() -> Grader {
        let grader = Grader(Folder::make("recipes"));
        grader.write("bin/sudo", SUDO);
        grader.write("work/chroot.sh", &recipe("chroot.sh"));
        grader
    }

    /// Where something of it is.
    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A program, or a text.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Types `script` in the folder of the submission; what it leaves running ends with it.
    pub fn types(&self, script: &str) -> Said {
        let bin = self.path("bin");
        let script =
            format!("export XDG_STATE_HOME=/run/state PATH={}:$PATH\n{script}", bin.display());
        run(apart(&script).envs(RUNNER).current_dir(self.path("work")))
    }

    /// How many cases of a report passed, and how many there are.
    pub fn report(&self, name: &str) -> (usize, usize) {
        let text = fs::read(self.path("work").join(name)).unwrap();
        let report = junit_parser::from_reader(text.as_slice()).unwrap();
        let cases = &report.suites[0].cases;
        let passed = cases.iter().filter(|case| matches!(case.status, TestStatus::Success));
        (passed.count(), cases.len())
    }

    /// A document that is JSON.
    pub fn result(&self, name: &str) -> Value {
        serde_json::from_slice(&fs::read(self.path(name)).unwrap()).unwrap()
    }
}
