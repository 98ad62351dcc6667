//! What may be typed after `lab`, and what a slip is told: one clear line that names what there is.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod common;

use common::{course, lab, run};
use dialoguer::console::measure_text_width;

/// All words that help, an error or the manual page are asked for, with the commands in them.
fn commands() -> Vec<String> {
    let others = ["list", "verify", "hint", "guide", "reset", "doctor", "completions", "manual"];
    course().into_iter().chain(others.map(str::to_owned)).collect()
}

#[test]
fn help_fits_a_terminal_and_is_in_one_language() {
    for command in commands().iter().map(String::as_str).chain([""]) {
        let words = [command, "--help"].into_iter().filter(|word| !word.is_empty());
        for lang in ["en", "ko"] {
            let said = run(&mut lab(words.clone().chain(["--lang", lang])));
            assert_eq!((said.status, said.err.as_str()), (Some(0), ""));
            for line in said.out.lines() {
                assert!(measure_text_width(line) <= 80, "{line}");
                assert!(!line.starts_with(|letter: char| letter.is_lowercase()), "{line}");
            }
            let english = ["[OPTIONS]", "[COMMAND]", "possible values", "Usage"];
            let found = english.iter().find(|word| said.out.contains(**word));
            assert_eq!(found.is_some(), lang == "en", "{}", said.out);
        }
    }
}

#[test]
fn help_and_the_list_have_commands_too() {
    assert_eq!(run(&mut lab(["help"])).out, run(&mut lab(["--help"])).out);
    assert_eq!(run(&mut lab(["help", "hint"])).out, run(&mut lab(["hint", "--help"])).out);
    run(&mut lab(["help", "nope"])).assert_refused(2, "`nope`");
    assert_eq!(run(&mut lab(["list"])).out, run(&mut lab::<&str>([])).out);
    let json = run(&mut lab(["list", "--format", "json"])).out;
    assert_eq!(json, run(&mut lab(["--format", "json"])).out);
}

#[test]
fn what_exists_is_named_and_no_other_word_is_guessed() {
    for arguments in [&["nope"][..], &["docker"], &["verify", "nope"], &["hint", "nope"]] {
        let said = run(&mut lab(arguments));
        course().iter().for_each(|id| said.assert_refused(2, id));
        assert!(!said.err.contains("doctor"), "{}", said.err);
    }
    run(&mut lab(["veth", "--lang", "fr"])).assert_refused(2, "en, ko");
    run(&mut lab(["veth", "--format", "xml"])).assert_refused(2, "human, plain, json;");
    run(&mut lab(["--fromat", "json"])).assert_refused(2, "`--format`?");
    run(&mut lab(["overaly"])).assert_refused(2, "`overlay`?");
}

#[test]
fn options_that_exclude_each_other_are_told_so() {
    for arguments in [
        &["chroot", "--root", "--rootless"][..],
        &["--root", "chroot", "--rootless"],
        &["verify", "--by-hand", "--reference"],
        &["verify", "chroot", "--reference", "--pid", "1"],
    ] {
        run(&mut lab(arguments)).assert_refused(2, "exclude each other");
        run(lab(arguments).env("LAB_LANG", "ko")).assert_refused(2, "함께 쓸 수 없는");
    }
}

#[test]
fn only_what_means_something_is_taken() {
    for (command, option) in [
        (&["doctor"][..], "--yes"),
        (&["doctor"], "--rootless"),
        (&["reset"], "--root"),
        (&["hint", "chroot"], "--format=json"),
        (&["guide", "chroot"], "--yes"),
        (&["manual"], "--format=json"),
        (&["verify"], "--yes"),
        (&["chroot"], "--by-hand"),
    ] {
        let named = format!(
            "`lab {}` takes no `{}`",
            command[0],
            &option[..option.find('=').unwrap_or(option.len())]
        );
        run(&mut lab(command.iter().chain([&option]))).assert_refused(2, &named);
        // An option that is a command's alone is unknown before it.
        if option != "--by-hand" {
            run(&mut lab([&option].into_iter().chain(command))).assert_refused(2, &named);
        }
    }
    run(&mut lab(["--format", "junit", "doctor"])).assert_refused(2, "JUnit");
    assert_eq!(run(&mut lab(["--format", "json", "doctor"])).out.get(..2), Some("{\""));
}

#[test]
fn the_manual_page_is_whole_and_names_no_other_page_of_ours() {
    for (lang, headings) in [
        (
            "en",
            ["SYNOPSIS", "COMMANDS", "OPTIONS", "EXIT STATUS", "ENVIRONMENT", "FILES", "EXAMPLES"],
        ),
        ("ko", ["사용법", "명령", "옵션", "종료 코드", "환경 변수", "파일", "예"]),
    ] {
        let page = run(&mut lab(["manual", "--lang", lang])).out;
        let shown: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix(".SH ")).collect();
        for heading in headings {
            assert!(
                shown.iter().any(|one| one.trim_matches('"') == heading),
                "{heading}: {shown:?}"
            );
        }
        assert!(!page.contains("lab\\-"), "{page}");
        for command in commands() {
            assert!(
                page.contains(&format!(".TP\n\\fB{}\\fR", command.replace('-', "\\-"))),
                "{command}"
            );
        }
        let english = shown.iter().any(|heading| heading.is_ascii());
        assert_eq!(english, lang == "en", "{shown:?}");
    }
}
