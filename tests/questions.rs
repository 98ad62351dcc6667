//! What a reader is asked to predict: the kernel answers in the step before which it was asked.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use std::collections::BTreeSet;

use common::session::Session;
use common::{can_run_or_skip, for_each_lab, lab, run};
use serde_json::Value;

/// So many at least in each lab.
const FEWEST: usize = 3;

/// A lab to its end; each question gets the answer of that number, from 1, and none where there is not.
fn play(lab_id: &str, answer: u8) -> Vec<Value> {
    let mut session = Session::start_asked(lab_id);
    let mut events = Vec::new();
    while let Some(event) = session.next_event() {
        match event["event"].as_str().unwrap() {
            "asked" => session.press(answer),
            "paused" => session.press(b'\n'),
            _ => {}
        }
        events.push(event);
    }
    assert_eq!(session.end().status, Some(0), "{lab_id}");
    events
}

fn each_question_is_answered_by_the_kernel_in_its_step(test: &str, lab_id: &str) {
    if !can_run_or_skip(test, lab_id) {
        return;
    }
    let events = play(lab_id, b'1');
    let mut places = BTreeSet::new();
    let mut asked = 0;
    let mut right = 0;
    for (at, question) in events.iter().enumerate().filter(|(_, event)| event["event"] == "asked") {
        asked += 1;
        let answers: Vec<&str> =
            question["answers"].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
        assert!((2..=4).contains(&answers.len()), "{question:#}");
        assert_eq!(answers.iter().collect::<BTreeSet<_>>().len(), answers.len(), "{question:#}");
        // Before the step, and with its answer before the next one.
        assert_eq!(events[at + 1]["event"], "step_started", "{question:#}");
        let step = events[at + 2..].iter().take_while(|event| event["event"] != "paused");
        let answered: Vec<&Value> = step.filter(|event| event["event"] == "answered").collect();
        assert_eq!(answered.len(), 1, "{lab_id}: {question:#}");
        assert_eq!(answered[0]["question"], question["question"]);
        assert_eq!(answered[0]["predicted"], answers[0]);
        let place = answers.iter().position(|it| answered[0]["right"] == **it).unwrap();
        assert_eq!(answered[0]["holds"], place == 0);
        right += usize::from(place == 0);
        places.insert(place);
    }
    assert!(asked >= FEWEST, "{lab_id} asks {asked}");
    assert!(places.len() > 1, "{lab_id}: the right answer is always at the same place");
    let end = events.last().unwrap();
    assert_eq!((&end["predicted"], &end["asked"]), (&right.into(), &asked.into()), "{end:#}");
}

for_each_lab! { each_question_is_answered_by_the_kernel_in_its_step }

/// Passed over, it is no prediction; and nobody is asked in a pipe, with `--yes` or `--no-questions`, nor twice.
#[test]
fn nobody_has_to_predict() {
    const TEST: &str = "nobody_has_to_predict";
    let Some(_room) = common::room::enter(TEST) else { return };
    if !can_run_or_skip(TEST, "overlay") {
        return;
    }
    let count =
        |events: &[Value], kind: &str| events.iter().filter(|event| event["event"] == kind).count();
    let events = play("overlay", b'\n');
    assert!(count(&events, "asked") >= FEWEST && count(&events, "answered") == 0);
    assert_eq!(events.last().unwrap()["asked"], 0);
    assert_eq!(count(&common::events("overlay", "en"), "asked"), 0);
    let mut session = Session::start("overlay");
    assert_eq!(count(&session.walk_to(3), "asked"), 0);
    session.press(b'q');
    session.end();

    let mut session = Session::start_asked("overlay");
    loop {
        match session.next_event().unwrap()["event"].as_str().unwrap() {
            "asked" => break,
            "paused" => session.press(b'\n'),
            _ => {}
        }
    }
    session.press(b'1');
    let (asked, _) = session.until_pause();
    session.press(b'b');
    let (back, _) = session.until_pause();
    let number = |events: &[Value]| events[0]["number"].as_u64().unwrap();
    assert_eq!(number(&back) + 1, number(&asked), "{back:#?}");
    session.press(b'\n');
    assert_eq!(count(&session.until_pause().0, "asked"), 0);
    session.press(b'q');
    session.end();
    let said = run(&mut lab(["overlay", "--no-questions", "--yes"]));
    assert_eq!(said.status, Some(0), "{}", said.err);
}

/// What was shown, and what was predicted, in a file that was not there before.
#[test]
fn a_run_is_kept_as_markdown() {
    const TEST: &str = "a_run_is_kept_as_markdown";
    let Some(_room) = common::room::enter(TEST) else { return };
    if !can_run_or_skip(TEST, "overlay") {
        return;
    }
    let folder = common::Folder::make("saved");
    let file = folder.path().join("notes.md");
    let path = file.to_str().unwrap();
    let said = run(&mut lab(["overlay", "--yes", "--save", path, "--lang", "ko"]));
    assert_eq!(said.status, Some(0), "{}", said.err);
    let notes = std::fs::read_to_string(&file).unwrap();
    for part in ["# lab overlay: ", "\n## ", "```sh\nmkdir", "- ✔ ", "docker diff"] {
        assert!(notes.contains(part), "{part}: {notes}");
    }
    assert_eq!(notes.matches("\n```").count() % 2, 0, "{notes}");
    run(&mut lab(["overlay", "--yes", "--save", path])).assert_refused(2, "notes.md");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), notes);
}
