//! What graders that count points get: Classroom 50's `result.json`, Gradescope's `results.json`. They parse, hold what
//! each specification asks for, add up, and say the same to a student as the terminal does.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use common::grading::{RUNNER, assert_is_result, assert_is_results, outputs, points};
use common::student::PART;
use common::{
    Folder, Said, apart, can_run_or_skip, course, has_tools_or_skip, is_root, lab, room, run,
};
use serde_json::Value;

fn can_run(test: &str) -> bool {
    can_run_or_skip(test, "unshare")
        && has_tools_or_skip(test, &["hostname", "ip", "mount", "unshare"])
}

fn in_folder(script: &str) -> Said {
    let folder = Folder::make("graders");
    let mut command = apart(&format!("export XDG_STATE_HOME=/run/state\n{script}"));
    run(command.envs(RUNNER).current_dir(folder.path()))
}

/// What `said` holds, where it ended as it should.
fn document(said: &Said) -> Value {
    assert_eq!((said.status, said.err.as_str()), (Some(0), ""), "{}", said.out);
    let document: Value = serde_json::from_str(&said.out).unwrap();
    for output in outputs(&document) {
        let is_plain = |letter: char| letter == '\n' || !letter.is_control();
        assert!(output.chars().all(is_plain), "{output:?}");
    }
    document
}

/// How many goals `lab_id` has.
fn goals(lab_id: &str) -> u64 {
    let entries: Value = serde_json::from_str(&run(&mut lab(["--format", "json"])).out).unwrap();
    let entry = entries.as_array().unwrap().iter().find(|entry| entry["lab"] == lab_id).unwrap();
    entry["by_hand"]["of"].as_u64().unwrap()
}

#[test]
fn classroom50_gets_a_result() {
    let Some(_room) = room::enter("classroom50_gets_a_result") else { return };
    if !can_run("classroom50_gets_a_result") {
        return;
    }
    let result = document(&in_folder(&format!("{PART}lab verify unshare --format classroom50")));
    assert_is_result(&result);
    assert_eq!((&result["score"], &result["max-score"]), (&4.into(), &5.into()), "{result:#}");
    for (field, name) in [
        ("classroom", "CLASSROOM"),
        ("assignment", "ASSIGNMENT"),
        ("submission", "SUBMISSION_TAG"),
        ("commit", "COMMIT_URL"),
        ("release", "RELEASE_URL"),
        ("review", "REVIEW_URL"),
        ("owner", "OWNER"),
        ("assignment_type", "ASSIGNMENT_TYPE"),
    ] {
        let (_, value) = RUNNER.into_iter().find(|(one, _)| *one == name).unwrap();
        assert_eq!(result[field], value);
    }
    let failed = result["tests"].as_array().unwrap().iter().find(|test| test["passed"] == false);
    let failed = failed.unwrap();
    assert_eq!(failed["test-name"], "unshare: host-name-apart");
    assert!(failed["output"].as_str().unwrap().contains("look at: "), "{failed:#}");
}

#[test]
fn a_submission_of_nobody_is_refused() {
    let lab = |without: &[&str]| {
        let mut command = lab(["verify", "chroot", "--format", "classroom50"]);
        command.env_remove("USERNAME").envs(RUNNER);
        for name in without {
            command.env_remove(name);
        }
        command
    };
    for name in ["CLASSROOM", "ASSIGNMENT", "SUBMISSION_TAG", "COMMIT_URL", "RELEASE_URL"] {
        run(&mut lab(&[name])).assert_refused(2, name);
        run(lab(&[name]).env(name, "")).assert_refused(2, name);
    }
    run(&mut lab(&["OWNER"])).assert_refused(2, "USERNAME");
    run(lab(&[]).env("SUBMISSION_TAG", "v1.0")).assert_refused(2, "submit/");
    run(lab(&["CLASSROOM"]).env("LAB_LANG", "ko")).assert_refused(2, "환경 변수가 없습니다");
}

#[test]
fn what_the_runner_may_leave_out_is_filled_in() {
    let Some(_room) = room::enter("what_the_runner_may_leave_out_is_filled_in") else { return };
    if !can_run("what_the_runner_may_leave_out_is_filled_in") {
        return;
    }
    let result = document(&in_folder(
        "unset REVIEW_URL OWNER ASSIGNMENT_TYPE; export USERNAME=$'o\"w\\nner'\n\
         lab verify chroot --format classroom50",
    ));
    assert_is_result(&result);
    assert_eq!(result["review"], result["commit"]);
    assert_eq!(
        (&result["owner"], &result["assignment_type"]),
        (&"o\"w\nner".into(), &"individual".into())
    );
}

#[test]
fn gradescope_gets_results() {
    let Some(_room) = room::enter("gradescope_gets_results") else { return };
    if !can_run("gradescope_gets_results") {
        return;
    }
    let results = document(&in_folder(&format!("{PART}lab verify unshare --format gradescope")));
    assert_is_results(&results);
    assert_eq!((&results["score"], points(&results, "max_score")), (&4.into(), 5));
    assert_eq!(results["output"], "4 of 5 points");
    let failed = outputs(&results).into_iter().find(|output| output.contains("look at: "));
    // What the terminal shows below the claim, and in its words.
    let said = in_folder(&format!("{PART}lab verify unshare || true"));
    let shown: String = said.out.split_whitespace().collect();
    for line in failed.unwrap().lines() {
        let line: String = line.split_whitespace().collect();
        assert!(shown.contains(&line), "{line} in {}", said.out);
    }
    let korean = in_folder(&format!("{PART}LAB_LANG=ko lab verify unshare --format gradescope"));
    assert_eq!(document(&korean)["output"], "5점 중 4점");
}

#[test]
fn what_was_not_begun_counts() {
    let Some(_room) = room::enter("what_was_not_begun_counts") else { return };
    if !can_run("what_was_not_begun_counts") {
        return;
    }
    // Whatever a student has begun, the most that can be had is the same.
    let all: u64 = course().iter().map(|lab_id| goals(lab_id)).sum();
    for (format, most) in [("classroom50", "max-score"), ("gradescope", "max_score")] {
        for built in ["", PART] {
            let document = document(&in_folder(&format!("{built}lab verify --format {format}")));
            assert_eq!(points(&document, most), all, "{document:#}");
        }
        let document = document(&in_folder(&format!("lab verify veth --format {format}")));
        let test = &document["tests"][0];
        assert_eq!(document["tests"].as_array().unwrap().len(), 1, "{document:#}");
        assert_eq!((&test["score"], &test[most]), (&0.into(), &goals("veth").into()));
        assert!(test["output"].as_str().unwrap().contains("lab guide veth"), "{test:#}");
    }
}

#[test]
fn what_cannot_be_judged_is_a_test_that_says_why() {
    let Some(_room) = room::enter("what_cannot_be_judged_is_a_test_that_says_why") else { return };
    if !can_run("what_cannot_be_judged_is_a_test_that_says_why") {
        return;
    }
    for format in ["classroom50", "gradescope"] {
        // Which of two is meant: each with the words that say so.
        let said = in_folder(&format!("{PART}{PART}lab verify unshare --format {format}"));
        let two = document(&said);
        let output = outputs(&two).remove(0);
        assert_eq!(output.matches("    lab verify unshare --pid ").count(), 2, "{output}");
        assert_eq!((&two["score"], outputs(&two).len()), (&0.into(), 1));
        // What is named is nothing of the kind.
        let other = document(&in_folder(&format!("lab verify unshare --pid $$ --format {format}")));
        assert!(outputs(&other)[0].contains("looks nothing like unshare"), "{other:#}");
        // Where nobody can tell, nothing is proven: a loader that waits for ever.
        let untold = document(&in_folder(&format!(
            "mkdir -p new/{{bin,etc,lib,lib64}}; cp /bin/bash /bin/ls new/bin/\n\
             for f in $(ldd /bin/bash /bin/ls | grep -o '/lib[^ )]*' | sort -u)\n\
             do mkdir -p new${{f%/*}}; cp $f new$f; done; mkfifo new/etc/ld.so.cache\n\
             lab verify chroot --dir new --format {format}"
        )));
        let outputs = outputs(&untold);
        assert_eq!(outputs.len() as u64, goals("chroot"), "{untold:#}");
        assert!(outputs.iter().any(|output| output.contains("\ncannot be told: ")), "{untold:#}");
    }
}

/// Whatever a student calls things, it is JSON, and no line that a terminal or a page would obey.
#[test]
fn a_hostile_name_is_text() {
    let Some(_room) = room::enter("a_hostile_name_is_text") else { return };
    if !can_run("a_hostile_name_is_text") {
        return;
    }
    for format in ["classroom50", "gradescope"] {
        let document = document(&in_folder(&format!(
            r#"name=$'"],}}\n\e[2J<script>\xff\xe2\x80\xae'; mkdir l1 l2 container work "$name"
            touch "l2/$name" l1/a "container/$name"
            mount -t overlay overlay -o lowerdir=l2:l1,upperdir=container,workdir=work "$name"
            lab verify overlay --format {format}"#
        )));
        let all = outputs(&document).join("\n");
        assert_eq!(outputs(&document).len() as u64, goals("overlay"), "{document:#}");
        assert!(all.contains(r"\n\u{1b}[2J<script>"), "{all}");
        match format {
            "classroom50" => assert_is_result(&document),
            _ => assert_is_results(&document),
        }
    }
}

/// Gradescope shows students nothing at all where there are no results.
#[test]
fn where_the_judge_fails_gradescope_is_told_and_classroom50_by_the_status() {
    const TEST: &str = "where_the_judge_fails_gradescope_is_told_and_classroom50_by_the_status";
    let Some(_room) = room::enter(TEST) else { return };
    if !can_run(TEST) || !has_tools_or_skip(TEST, &["prlimit", "setpriv"]) {
        return;
    }
    // A user who may have no other process: root of the machine is not held to it.
    let user = if is_root() { "setpriv --reuid 65534 --clear-groups" } else { "" };
    let failing = |format: &str| {
        in_folder(&format!(
            "cp $(command -v lab) /run/lab-copy; {user} prlimit --nproc=1 /run/lab-copy verify chroot --format {format}"
        ))
    };
    let said = failing("gradescope");
    assert_eq!(said.status, Some(3), "{}{}", said.out, said.err);
    let results: Value = serde_json::from_str(&said.out).unwrap();
    assert_is_results(&results);
    assert_eq!((&results["score"], points(&results, "max_score")), (&0.into(), 0));
    assert!(results["output"].as_str().unwrap().contains("EAGAIN"), "{results:#}");
    failing("classroom50").assert_refused(3, "EAGAIN");
}

#[test]
fn points_are_for_the_students_own_work() {
    for format in ["classroom50", "gradescope"] {
        let refused = |arguments: &[&str], word| {
            run(lab(arguments).args(["--format", format]).envs(RUNNER)).assert_refused(2, word);
        };
        refused(&["verify", "chroot", "--reference"], "--reference");
        refused(&["chroot"], "only `lab verify`");
        refused(&["doctor"], "only `lab verify`");
    }
    let completions = run(&mut lab(["completions", "bash"])).out;
    let page = run(&mut lab(["manual"])).out;
    for format in ["junit", "classroom50", "gradescope"] {
        assert!(completions.contains(format) && page.contains(format), "{format}");
    }
}
