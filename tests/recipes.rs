//! The recipes of the chapter on grading, as they stand in the book: what it says to write into a file is written there,
//! and run as the grader would run it. Only what installs `lab` is read and not run: here it is the build's own.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::book::{book, recipe, yaml};
use common::grader::Grader;
use common::grading::{assert_is_result, assert_is_results};
use common::{can_run_or_skip, has_tools_or_skip, is_root_or_skip, room, run, shell, skip};

/// What the student forgets: then the same recipe says so.
fn forget_the_libraries(grader: &Grader) {
    let script = recipe("chroot.sh");
    let forgotten = script.replace("; cp $f newroot$f", "");
    assert_ne!(script, forgotten);
    grader.write("work/chroot.sh", &format!("rm -r newroot\n{forgotten}"));
}

fn can_run(test: &str, tools: &[&str]) -> bool {
    can_run_or_skip(test, "chroot")
        && has_tools_or_skip(test, &["chroot", "ldd", "timeout", "unshare"])
        && has_tools_or_skip(test, tools)
}

#[test]
fn both_books_have_the_same_recipes() {
    let english = book("classroom.md");
    assert_eq!(english, book("classroom.ko.md"));
    let names: Vec<&str> = english.iter().map(|block| block.name.as_str()).collect();
    // Each is run by a test below.
    let run = [
        "",
        "chroot.sh",
        ".github/workflows/grade.yml",
        ".gitlab-ci.yml",
        "autograder.py",
        "setup.sh",
        "run_autograder",
        "grade.yml",
        "ansible",
        "junitparser",
        "jq",
    ];
    assert_eq!(names, run);
}

#[test]
fn a_self_check() {
    let Some(_room) = room::enter("a_self_check") else { return };
    if !can_run("a_self_check", &[]) {
        return;
    }
    let grader = Grader::make();
    let typed = recipe("");
    let said = grader.types(&format!("bash ./chroot.sh\nsleep 1\n{typed}"));
    assert_eq!(said.status, Some(0), "{}{}", said.out, said.err);
    assert!(said.out.contains("6 proven"), "{}", said.out);
}

/// The unit of GitHub's runner: a service, in which all that a workflow starts is.
struct Service(Vec<PathBuf>);

impl Service {
    fn make() -> Service {
        let tops = ["/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified", "/sys/fs/cgroup"];
        let tops = tops.map(Path::new).into_iter().filter(|top| top.join("cgroup.procs").exists());
        let groups = tops.map(|top| top.join("system.slice/hosted-compute-agent.service"));
        let groups: Vec<PathBuf> = groups.collect();
        groups.iter().for_each(|group| fs::create_dir_all(group).unwrap());
        Service(groups)
    }

    /// What a shell types to be in it.
    fn enter(&self) -> String {
        let enter = |group: &PathBuf| format!("echo $$ >{}/cgroup.procs\n", group.display());
        self.0.iter().map(enter).collect()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        for group in &self.0 {
            // Busy until the last process has gone.
            let gone = (0..200).any(|_| {
                std::thread::sleep(std::time::Duration::from_millis(10));
                fs::remove_dir(group).is_ok()
            });
            let above = group.parent().map(fs::remove_dir);
            assert!(gone && above.is_some_and(|above| above.is_ok()), "{} stays", group.display());
        }
    }
}

const INSTALL: &str = "\
git clone --depth 1 --branch v0.1.0 https://github.com/YOUR-COURSE/lab /tmp/lab
cargo install --locked --path /tmp/lab --root ";

#[test]
fn a_workflow_in_the_service_of_its_runner() {
    let Some(_room) = room::enter("a_workflow_in_the_service_of_its_runner") else { return };
    let test = "a_workflow_in_the_service_of_its_runner";
    if !is_root_or_skip(test) || !can_run(test, &[]) {
        return;
    }
    let service = Service::make();
    if service.0.is_empty() {
        return skip(test, "no control groups are mounted");
    }
    let workflow = yaml(".github/workflows/grade.yml");
    let steps = workflow["jobs"]["grade"]["steps"].as_array().unwrap();
    let install = steps.iter().find(|step| step["name"] == "Install lab").unwrap();
    let installed = "/tmp/lab-bin\nsudo install /tmp/lab-bin/bin/lab /usr/local/bin/lab\n";
    assert_eq!(install["run"], format!("{INSTALL}{installed}"));
    let upload = steps.last().unwrap();
    assert_eq!(
        (&upload["if"], &upload["with"]["path"]),
        (&"always()".into(), &"report.xml\nbuild.log\n".into())
    );

    let grader = Grader::make();
    let steps =
        steps.iter().filter(|step| *step != install).filter_map(|step| step["run"].as_str());
    let mut script = service.enter();
    for (number, step) in steps.enumerate() {
        let name = format!("steps/{number}");
        grader.write(&name, step);
        // As the runner runs what names no shell.
        script += &format!("bash -e {}\n", grader.path(&name).display());
    }
    let said = grader.types(&script);
    assert_eq!(said.status, Some(0), "{}{}", said.out, said.err);
    assert_eq!(grader.report("report.xml"), (6, 6));
    assert!(grader.path("work/build.log").is_file());

    forget_the_libraries(&grader);
    let said = grader.types(&script);
    assert_eq!(said.status, Some(1), "{}{}", said.out, said.err);
    // Without its libraries bash has not started: the tree is there, and nobody in it.
    assert_eq!(grader.report("report.xml"), (0, 6));
}

/// What is called by a tag is whatever somebody makes of that tag.
#[test]
fn what_a_workflow_uses_is_pinned() {
    let text = recipe(".github/workflows/grade.yml");
    let uses = text.lines().filter_map(|line| line.split_once("uses: ").map(|(_, what)| what));
    let uses: Vec<&str> = uses.collect();
    assert_eq!(uses.len(), 2);
    for one in uses {
        let (commit, tag) = one.split_once('@').unwrap().1.split_once(" # v").unwrap();
        assert!(commit.len() == 40 && commit.chars().all(|c| c.is_ascii_hexdigit()), "{one}");
        assert!(tag.chars().all(|c| c.is_ascii_digit() || c == '.'), "{one}");
        assert!(!one.contains("classroom"), "{one}");
    }
}

#[test]
fn a_job_of_gitlab() {
    let Some(_room) = room::enter("a_job_of_gitlab") else { return };
    if !can_run("a_job_of_gitlab", &[]) {
        return;
    }
    let job = &yaml(".gitlab-ci.yml")["grade"];
    let lines = |part: &str| -> Vec<&str> {
        job[part].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect()
    };
    assert_eq!(lines("before_script").join("\n"), format!("{INSTALL}/usr/local"));
    assert_eq!(
        (&job["artifacts"]["when"], &job["artifacts"]["reports"]["junit"]),
        (&"always".into(), &"report.xml".into())
    );
    let grader = Grader::make();
    // One shell for all of them, which a line that fails ends.
    let script = format!("bash -eo pipefail <<'EOF'\n{}\nEOF\n", lines("script").join("\n"));
    let said = grader.types(&script);
    assert_eq!(said.status, Some(0), "{}{}", said.out, said.err);
    assert_eq!(grader.report("report.xml"), (6, 6));
    assert!(grader.path("work/build.log").is_file());
    forget_the_libraries(&grader);
    assert_eq!(grader.types(&script).status, Some(1));
}

#[test]
fn an_autograder_of_classroom50() {
    let Some(_room) = room::enter("an_autograder_of_classroom50") else { return };
    if !can_run("an_autograder_of_classroom50", &["python3"]) {
        return;
    }
    let grader = Grader::make();
    grader.write("bundle/autograder.py", &recipe("autograder.py"));
    fs::copy(common::LAB, grader.path("bundle/lab")).unwrap();
    let script = format!("python3 {}", grader.path("bundle/autograder.py").display());
    let said = grader.types(&script);
    assert_eq!((said.status, said.err.as_str()), (Some(0), ""), "{}", said.out);
    let result = grader.result("work/result.json");
    assert_is_result(&result);
    assert_eq!((&result["score"], &result["max-score"]), (&6.into(), &6.into()), "{result:#}");
    forget_the_libraries(&grader);
    let said = grader.types(&script);
    assert_eq!(said.status, Some(0), "{}{}", said.out, said.err);
    let result = grader.result("work/result.json");
    assert_is_result(&result);
    assert_eq!((&result["score"], &result["max-score"]), (&0.into(), &6.into()), "{result:#}");
    // Outside of the runner.
    let said = grader.types(&format!("unset CLASSROOM\n{script}"));
    assert_eq!(said.status, Some(2), "{}{}", said.out, said.err);
}

/// A root in which there is `/autograder`, and all that there was.
const AUTOGRADER: &str = r#"
mkdir /run/root; mount -t tmpfs none /run/root
for at in /*; do
    if [[ -L $at ]]; then cp --no-dereference "$at" /run/root/
    elif [[ -d $at ]]; then mkdir "/run/root$at"; mount --rbind "$at" "/run/root$at"
    fi
done
mkdir /run/root/autograder /run/root/old; mount --bind .. /run/root/autograder
cd /run/root; pivot_root . old; umount --lazy /old; rmdir /old
cd /autograder
"#;

#[test]
fn an_autograder_of_gradescope() {
    let Some(_room) = room::enter("an_autograder_of_gradescope") else { return };
    if !can_run("an_autograder_of_gradescope", &["pivot_root"]) {
        return;
    }
    let setup = "#!/usr/bin/env bash\ninstall /autograder/source/lab /usr/local/bin/lab\n";
    assert_eq!(recipe("setup.sh"), setup);
    let grader = Grader::make();
    fs::create_dir(grader.path("results")).unwrap();
    fs::rename(grader.path("work"), grader.path("submission")).unwrap();
    std::os::unix::fs::symlink("submission", grader.path("work")).unwrap();
    grader.write("run_autograder", &recipe("run_autograder"));
    let script = format!("{AUTOGRADER}\n./run_autograder");
    let said = grader.types(&script);
    assert_eq!((said.status, said.err.as_str()), (Some(0), ""), "{}", said.out);
    let results = grader.result("results/results.json");
    assert_is_results(&results);
    assert_eq!(results["output"], "6 of 6 points", "{results:#}");
    // Students see results whatever has become of the judge.
    let said = grader
        .types(&format!("{AUTOGRADER}\nPATH=/usr/bin:/bin:/usr/sbin:/sbin\n./run_autograder"));
    assert_eq!(said.status, Some(0), "{}{}", said.out, said.err);
    assert_eq!(grader.result("results/results.json")["score"], 0);
}

/// All of it where Ansible is; else what the playbook runs on each machine.
#[test]
fn ansible_collects_a_class() {
    let Some(_room) = room::enter("ansible_collects_a_class") else { return };
    if !can_run("ansible_collects_a_class", &[]) {
        return;
    }
    let grader = Grader::make();
    grader.write("work/grade.yml", &recipe("grade.yml"));
    let python = "ansible_python_interpreter='{{ ansible_playbook_python }}'";
    grader
        .write("work/hosts.ini", &format!("[students]\nmine ansible_connection=local {python}\n"));
    let build = "bash ./chroot.sh >/dev/null; sleep 1";
    let task = &yaml("grade.yml")[0]["tasks"][0];
    let command = task["ansible.builtin.command"].as_str().unwrap();
    let said = grader
        .types(&format!("{build}\nmkdir results\n{command} >results/mine.xml || [[ $? == 1 ]]"));
    assert_eq!(said.status, Some(0), "{}{}", said.out, said.err);
    assert_eq!(grader.report("results/mine.xml"), (6, 6));

    if has_tools_or_skip("ansible_collects_a_class", &["ansible-playbook"]) {
        let typed = recipe("ansible");
        let home = "ANSIBLE_HOME=/run/ansible ANSIBLE_REMOTE_TMP=/run/ansible/tmp";
        let said = grader.types(&format!("rm -r results\n{build}\nexport {home}\n{typed}"));
        assert_eq!(said.status, Some(0), "{}{}", said.out, said.err);
        assert_eq!(grader.report("results/mine.xml"), (6, 6));
    }
    let reads_junit = run(&mut shell("python3 -c 'import junitparser'")).status == Some(0);
    if !reads_junit {
        return skip("ansible_collects_a_class", "python3 has no junitparser; install it");
    }
    let said = grader.types(&recipe("junitparser"));
    assert_eq!(said.status, Some(0), "{}{}", said.out, said.err);
    assert!(said.out.starts_with("mine\tchroot\t6/6\n"), "{}", said.out);
}

#[test]
fn jq_counts_on_one_machine() {
    let Some(_room) = room::enter("jq_counts_on_one_machine") else { return };
    if !can_run("jq_counts_on_one_machine", &["jq"]) {
        return;
    }
    let grader = Grader::make();
    let typed = recipe("jq");
    let said = grader.types(&format!("bash ./chroot.sh\nsleep 1\nset +o pipefail\n{typed}"));
    assert_eq!(said.status, Some(0), "{}{}", said.out, said.err);
    assert!(said.out.starts_with("chroot\t6\t6\n"), "{}", said.out);
}
