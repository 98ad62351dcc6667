//! What a person at a terminal sees: nothing chopped in a narrow one, nothing said twice, the last Enter
//! named for what it does, and silence once nobody reads a list any more.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use std::collections::BTreeSet;

use common::session::Session;
use common::{
    Folder, apart, can_run_or_skip, events, for_each_lab, has_tools_or_skip, lab, room, run, shell,
};
use dialoguer::console::{measure_text_width, strip_ansi_codes};

const TOOLS: [&str; 2] = ["script", "stty"];

/// A command as it is shown by a terminal of so many columns, which is util-linux's script(1).
fn on_screen(columns: usize, command: &str) -> String {
    // As the first process of a PID namespace it would wait for ever.
    format!(
        "timeout --foreground 60 script -qec 'stty cols {columns} rows 20; {command}' /dev/null"
    )
}

/// What it shows, without colour.
fn shown(columns: usize, command: &str) -> String {
    let said = run(&mut shell(&on_screen(columns, command)));
    assert_eq!(said.status, Some(0), "{}", said.out);
    strip_ansi_codes(&said.out).replace('\r', "")
}

/// A command without what is said to a reader.
fn code(line: &str) -> &str {
    line.split("  # ").next().unwrap_or(line).trim()
}

fn a_narrow_terminal_gets_no_line_that_is_too_wide(test: &str, lab_id: &str) {
    if !has_tools_or_skip(test, &TOOLS) {
        return;
    }
    if !can_run_or_skip(test, lab_id) {
        return;
    }
    // Commands stay whole: they are there to be copied, and the same in both languages.
    let commands: BTreeSet<String> = events(lab_id, "en")
        .iter()
        .filter_map(|event| event["command"].as_str())
        .flat_map(|command| command.lines().map(|line| code(line).to_owned()))
        .collect();
    for lang in ["en", "ko"] {
        for line in shown(60, &format!("lab {lab_id} --yes --lang {lang}")).lines() {
            let command = code(line.trim().trim_start_matches("$ "));
            let fits = measure_text_width(line) <= 60;
            assert!(fits || commands.contains(command), "{lab_id}: {line}");
        }
    }
}

for_each_lab! { a_narrow_terminal_gets_no_line_that_is_too_wide }

#[test]
fn a_narrow_terminal_breaks_no_word_and_no_drawing() {
    let Some(_room) = room::enter("a_narrow_terminal_breaks_no_word_and_no_drawing") else {
        return;
    };
    let test = "a_narrow_terminal_breaks_no_word_and_no_drawing";
    if !has_tools_or_skip(test, &TOOLS) || !can_run_or_skip(test, "veth") {
        return;
    }
    let wide = shown(80, "lab veth --yes");
    assert!(wide.contains("┌──"), "{wide}");
    let narrow = shown(60, "lab veth --yes");
    assert!(!narrow.contains(['┌', '│']) && narrow.contains("a drawing"), "{narrow}");
    assert!(narrow.contains("address       198.51.100.1/24"), "{narrow}");
    let words =
        |text: &str| text.split_whitespace().map(str::to_owned).collect::<BTreeSet<String>>();
    let (known, listed) = (words(&shown(80, "lab list")), words(&shown(44, "lab list")));
    assert_eq!(listed.difference(&known).next(), None);
}

#[test]
fn the_last_enter_is_named_for_what_it_does() {
    let Some(_room) = room::enter("the_last_enter_is_named_for_what_it_does") else { return };
    let test = "the_last_enter_is_named_for_what_it_does";
    if !has_tools_or_skip(test, &TOOLS) || !can_run_or_skip(test, "veth") {
        return;
    }
    let steps =
        events("veth", "en").iter().filter(|event| event["event"] == "step_started").count();
    for (lang, next, ends) in
        [("en", "Enter next", "Enter ends"), ("ko", "Enter 다음", "Enter 끝내기")]
    {
        let script = format!(
            "{{ while sleep 0.2; do echo || break; done; }} 2>/dev/null | {}",
            on_screen(80, &format!("lab veth --lang {lang}"))
        );
        let shown = run(&mut shell(&format!("set +o pipefail\n{script}"))).out;
        assert_eq!(shown.matches(next).count(), steps - 1, "{shown}");
        assert_eq!(shown.matches(ends).count(), 1, "{shown}");
    }
    let mut session = Session::start("veth");
    for step in 1..=steps {
        session.until_pause();
        let paused = session.paused();
        assert_eq!((&paused["number"], &paused["last"]), (&step.into(), &(step == steps).into()));
        session.press(b'\n');
    }
    assert_eq!(session.end().status, Some(0));
}

#[test]
fn that_several_were_found_is_said_once() {
    let Some(_room) = room::enter("that_several_were_found_is_said_once") else { return };
    let test = "that_several_were_found_is_said_once";
    if !has_tools_or_skip(test, &[&TOOLS[..], &["unshare"]].concat())
        || !can_run_or_skip(test, "unshare")
    {
        return;
    }
    let folder = Folder::make("screen");
    let script = format!(
        "export XDG_STATE_HOME=$PWD\nmkfifo open; exec 7<>open\n\
         for n in 1 2; do unshare --uts --pid --fork --mount-proc bash -c '>ready$0; read -r' $n <open & done\n\
         until [[ -e ready1 && -e ready2 ]]; do sleep 0.01; done\n\
         {}",
        on_screen(60, "lab verify unshare")
    );
    let said = run(apart(&script).current_dir(folder.path()));
    assert_eq!(said.status, Some(2), "{}", said.out);
    assert_eq!(said.out.matches("look like").count(), 1, "{}", said.out);
    for line in strip_ansi_codes(&said.out).lines() {
        assert!(measure_text_width(line.trim_end()) <= 60, "{line}");
    }
}

/// `lab | head -n 3`
#[test]
fn who_reads_no_further_than_a_lists_head_is_told_nothing() {
    let Some(_room) = room::enter("who_reads_no_further_than_a_lists_head_is_told_nothing") else {
        return;
    };
    for listing in ["", "list", "doctor", "--help", "manual", "guide chroot", "completions bash"] {
        let script =
            format!("{{ sleep 0.1; lab {listing} || echo status $? >&2; }} | head -n 0; sleep 0.3");
        let said = run(&mut shell(&script));
        assert_eq!((said.out.as_str(), said.err.as_str()), ("", ""), "{listing}");
    }
    let said = run(&mut shell("{ sleep 0.1; lab reset; } | head -n 0"));
    assert!(said.err.contains("closed"), "{}", said.err);
}

#[test]
fn a_line_of_the_doctor_has_one_full_stop() {
    let Some(_room) = room::enter("a_line_of_the_doctor_has_one_full_stop") else { return };
    for lang in ["en", "ko"] {
        let said = run(&mut lab(["doctor", "--lang", lang]));
        assert!(!said.out.contains(".."), "{}", said.out);
    }
}
