//! Every lab has all its parts, in both languages, and each step fits a screen of 80 by 24.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use std::path::Path;

use common::{can_run_or_skip, course, events, for_each_lab, is_root, lab, room, run, state};
use dialoguer::console::measure_text_width;
use serde_json::Value;

const COLUMNS: usize = 80;
const LINES: usize = 24;
/// An empty line, and the keys.
const PROMPT: usize = 2;
const NARRATION: usize = 6;

fn of_kind<'a>(events: &'a [Value], kind: &str) -> Vec<&'a Value> {
    events.iter().filter(|event| event["event"] == kind).collect()
}

fn text<'a>(event: &'a Value, field: &str) -> &'a str {
    event[field].as_str().unwrap()
}

#[test]
fn each_lab_has_its_folder() {
    for id in course() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("labs").join(&id);
        for part in ["mod.rs", "checks.rs", "by_hand.rs", "README.md", "README.ko.md"] {
            assert!(folder.join(part).is_file(), "{id}/{part}");
        }
        // Each question of the handout has an answer, in its place.
        for lang in ["", ".ko"] {
            let read = |name: &str| {
                std::fs::read_to_string(folder.join(format!("{name}{lang}.md"))).unwrap()
            };
            let (handout, answers) = (read("README"), read("ANSWERS"));
            let questions = handout.rsplit("\n## ").nth(1).unwrap();
            let count = |text: &str| text.lines().filter(|line| line.starts_with("- ")).count();
            assert!(questions.starts_with("Questions") || lang == ".ko", "{id}{lang}");
            assert_eq!(count(questions), count(&answers), "{id}{lang}");
        }
    }
}

/// What a run says, in both languages. One run each serves all that is asked of it: a lab that measures takes its time.
fn what_is_said_is_whole_the_same_in_both_languages_and_as_it_was_reviewed(test: &str, id: &str) {
    if !can_run_or_skip(test, id) {
        return;
    }
    let _measures = room::measure(id);
    let (en, ko) = (events(id, "en"), events(id, "ko"));
    takes_the_steps_it_announces_and_proves_something_in_each(id, &en);
    says_everything_in_both_languages(id, &en, &ko);
    assert_eq!(commands(&en), commands(&ko), "{id}");
    says_where_it_is_met_again(id, &en, &ko);
    is_as_it_was_reviewed(id, &[("en", &en), ("ko", &ko)]);
}

fn takes_the_steps_it_announces_and_proves_something_in_each(id: &str, events: &[Value]) {
    let steps = of_kind(events, "step_started").len();
    assert_eq!(of_kind(events, "lab_started")[0]["steps"], steps, "{id}");
    let begins = |event: &Value| event["event"] == "step_started";
    for step in events.split(begins).skip(1) {
        assert!(!of_kind(step, "shell").is_empty(), "{id}: a step without its command");
        assert!(!of_kind(step, "checked").is_empty(), "{id}: a step without a proof");
    }
    for step in of_kind(events, "step_started") {
        assert!(!text(step, "met").is_empty(), "{id}: {step} is met nowhere");
    }
}

fn says_everything_in_both_languages(id: &str, en: &[Value], ko: &[Value]) {
    let hangul = |text: &str| text.chars().any(|letter| ('가'..='힣').contains(&letter));
    for (kind, fields) in
        [("step_started", &["title", "why"][..]), ("checked", &["claim", "hint"][..])]
    {
        let (en, ko) = (of_kind(en, kind), of_kind(ko, kind));
        assert_eq!(en.len(), ko.len(), "{id}: {kind}");
        for (en, ko) in en.iter().zip(ko) {
            for field in fields {
                assert!(!hangul(text(en, field)), "{id}: {}", text(en, field));
                assert!(hangul(text(ko, field)), "{id}: {}", text(ko, field));
            }
        }
    }
}

fn says_where_it_is_met_again(id: &str, en: &[Value], ko: &[Value]) {
    let (en, ko) = (of_kind(en, "debriefed"), of_kind(ko, "debriefed"));
    assert_eq!((en.len(), ko.len()), (1, 1), "{id}");
    let (met, also) = (en[0]["met"].as_array().unwrap(), ko[0]["met"].as_array().unwrap());
    assert!(met.len() >= 2, "{id}");
    for (en, ko) in met.iter().zip(also) {
        assert_eq!(en["place"], ko["place"], "{id}");
        assert_ne!(en["what"], ko["what"], "{id}");
    }
    for field in ["left_out", "deeper"] {
        assert_ne!(en[0][field], ko[0][field], "{id}");
    }
}

/// The commands that are shown to be typed, but for what follows a `#`, which is said to a reader.
fn commands(events: &[Value]) -> Vec<String> {
    let code = |line: &str| line.split("  # ").next().unwrap_or(line).trim_end().to_owned();
    let shown = of_kind(events, "shell").into_iter().filter(|event| event["typed"] == true);
    shown.map(|event| text(event, "command")).flat_map(str::lines).map(code).collect()
}

fn each_step_fits_a_screen(test: &str, id: &str) {
    if !can_run_or_skip(test, id) {
        return;
    }
    let _measures = room::measure(id);
    for lang in ["en", "ko"] {
        let said = run(&mut lab([id, "--yes", "--format", "plain", "--lang", lang]));
        assert_eq!(said.status, Some(0), "{}", said.err);
        let lines: Vec<&str> = said.out.lines().collect();
        for line in &lines {
            assert!(measure_text_width(line) <= COLUMNS, "{id} {lang}: {line}");
        }
        let rule = "─".repeat(COLUMNS);
        let rules: Vec<usize> = (0..lines.len()).filter(|&at| lines[at] == rule).collect();
        // What comes after the last step has no heading above its rule.
        let is_step = |pair: &&[usize]| lines[pair[0] - 1].starts_with("lab ");
        for pair in rules.windows(2).filter(is_step) {
            // From the line above this rule to the empty line before the next heading.
            let step = &lines[pair[0] - 1..pair[1] - 1];
            let shown = step.iter().rposition(|line| !line.is_empty()).unwrap() + 1;
            assert!(shown + PROMPT <= LINES, "{id} {lang}:\n{}", step.join("\n"));
            let why = step[4..].iter().take_while(|line| !line.is_empty()).count();
            assert!(why <= NARRATION, "{id} {lang}:\n{}", step.join("\n"));
        }
    }
}

for_each_lab! {
    what_is_said_is_whole_the_same_in_both_languages_and_as_it_was_reviewed,
    each_step_fits_a_screen,
}

/// What `for_each_lab` makes tests for is the course.
#[test]
fn each_lab_has_tests_of_its_own() {
    let mut listing = std::process::Command::new(std::env::current_exe().unwrap());
    let listed = run(listing.arg("--list")).out;
    let test = "each_step_fits_a_screen::";
    for id in course() {
        assert!(listed.contains(&format!("{test}{}: test", id.replace('-', "_"))), "{listed}");
    }
    assert_eq!(listed.matches(test).count(), course().len(), "{listed}");
}

/// What the tables call a process is what the commands call it.
#[test]
fn the_first_process_of_a_namespace_is_the_bash_that_is_shown() {
    const TEST: &str = "the_first_process_of_a_namespace_is_the_bash_that_is_shown";
    let Some(_room) = room::enter(TEST) else { return };
    if !can_run_or_skip(TEST, "unshare") {
        return;
    }
    let events = events("unshare", "en");
    let mut steps = events.split(|event| event["event"] == "step_started");
    let step = steps.rfind(|step| step.iter().any(|event| event["check"] == "orphan-adopted"));
    let observed = of_kind(step.unwrap(), "observed")[0];
    let rows = observed["view"]["table"]["rows"].as_array().unwrap().iter();
    let rows: Vec<(&str, &str)> =
        rows.map(|row| (row[1].as_str().unwrap(), row[2].as_str().unwrap())).collect();
    assert_eq!(rows, [("0", "bash"), ("1", "sleep")], "{observed:#}");
}

/// What a person reads, but for what differs from machine to machine: numbers of processes and
/// processors, what the kernel shows, and the names that depend on the version of control groups. `INSTA_UPDATE=always cargo test` after a change, and read the difference.
fn is_as_it_was_reviewed(id: &str, told: &[(&str, &[Value])]) {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"(/proc/|-KILL |nsenter -t |uid[ \n])[1-9][0-9]*", "$1#");
    settings.add_filter(r"(processor |CPU |taskset -c )[0-9]+", "$1#");
    settings.add_filter(state().to_str().unwrap(), "STATE");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let _settings = settings.bind_to_scope();
    let user = if is_root() { "" } else { ".rootless" };
    for (lang, events) in told {
        insta::assert_snapshot!(format!("{id}{user}.{lang}"), narration(events));
    }
}

fn narration(events: &[Value]) -> String {
    let mut lines = Vec::new();
    for event in events {
        match text(event, "event") {
            "lab_started" => lines.push(format!("# {}", text(event, "title"))),
            "step_started" => {
                lines.push(format!(
                    "\n## {}\n\n*{}*\n\n{}",
                    text(event, "title"),
                    text(event, "met"),
                    text(event, "why").trim()
                ));
            }
            "shell" => {
                let command = text(event, "command").lines();
                let command =
                    command.filter(|line| !line.contains("cpu.") && !line.contains("cgroup"));
                lines.push(command.map(|line| format!("    {line}\n")).collect::<String>());
            }
            "checked" => {
                lines.push(format!("- {}: {}", text(event, "check"), text(event, "claim")))
            }
            _ => {}
        }
    }
    lines.join("\n")
}
