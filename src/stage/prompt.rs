//! What a person is asked for, and told of keys.

use colored::Colorize;

use crate::lab::around::Try;
use crate::lab::event::Pause;
use crate::lab::question::Question;
use crate::stage::human::INDENT;
use crate::stage::layout;
use crate::text;
use crate::text::Text;

/// The answers to choose among, by their numbers.
pub fn answers(question: &Question) -> Vec<String> {
    let mut lines = vec![String::new()];
    for (at, answer) in question.answers.iter().enumerate() {
        let first = format!("{INDENT}{}  ", at + 1);
        let rest = " ".repeat(first.len());
        lines.extend(layout::wrap(&answer.to_string(), layout::columns(), &first, &rest));
    }
    lines
}

/// How one of so many answers is chosen.
pub fn choices(last: usize) -> String {
    let keys = text!(
        "What do you predict? 1 to {last} · Enter passes",
        "어떻게 될까요? 1–{last} · Enter 건너뛰기"
    );
    keys.to_string()
}

/// What the kernel has answered, beside what was predicted: as much of it as a line holds.
pub fn answered(predicted: &Text, right: &Text, holds: bool) -> String {
    let (mark, lines) = match holds {
        true => (
            "◆".green(),
            [
                text!("as predicted: {right}", "예측대로입니다: {right}"),
                Text::new("as predicted", "예측대로입니다"),
            ],
        ),
        false => (
            "◇".yellow(),
            [
                text!("not “{predicted}” but: {right}", "“{predicted}” → 실제: {right}"),
                text!("what came: {right}", "실제: {right}"),
            ],
        ),
    };
    let room = layout::columns() - INDENT.len() - 2;
    let fits = |line: &String| layout::width(line) <= room;
    let line = lines.iter().map(ToString::to_string).find(fits).unwrap_or_default();
    format!("{INDENT}{mark} {line}")
}

/// Where one is in the whole, and the keys, in a line.
pub fn keys(pause: Pause) -> String {
    let Pause { number, of, .. } = pause;
    let enter = match pause.is_last() {
        false => Text::new("Enter next", "Enter 다음"),
        true => Text::new("Enter ends", "Enter 끝내기"),
    };
    let keys = [
        Some(Text::from(format!(
            "{}{} {number}/{of}",
            "▰".repeat(number),
            "▱".repeat(of - number)
        ))),
        Some(enter),
        pause.back.then_some(Text::new("b back", "b 이전")),
        (pause.shell && !pause.other_shell).then_some(Text::new("s shell", "s 셸")),
        pause.other_shell.then_some(Text::new("s, S shell", "s, S 셸")),
        Some(Text::new("r check", "r 검사")),
        Some(Text::new("q quit", "q 종료")),
        Some(Text::new("? keys", "? 도움말")),
    ];
    let keys: Vec<String> = keys.into_iter().flatten().map(|key| key.to_string()).collect();
    keys.join(" · ")
}

/// The keys, a line each.
pub fn all_keys(pause: Pause) -> Vec<String> {
    let enter = match pause.is_last() {
        false => Text::new("on to the next step", "다음 단계로 갑니다"),
        true => Text::new("the end: everything is undone", "실습을 끝내고 모두 되돌립니다"),
    };
    let back = Text::new(
        "undo all, and do it again up to the step before this one",
        "모두 되돌린 뒤 바로 앞 단계까지 다시 실행합니다",
    );
    let shell = Text::new(
        "a shell inside what was just built; `exit` comes back",
        "방금 만든 것 안에서 셸을 엽니다. `exit`로 돌아옵니다",
    );
    let other = Text::new("a shell on the other side", "반대쪽에서 셸을 엽니다");
    let rows = [
        Some(("Enter", enter)),
        pause.back.then_some(("b", back)),
        pause.shell.then_some(("s", shell)),
        pause.other_shell.then_some(("S", other)),
        Some(("r", Text::new("this step's checks again", "이 단계의 검사를 다시 합니다"))),
        Some(("q", Text::new("stop here, and undo everything", "여기서 끝내고 모두 되돌립니다"))),
    ];
    rows.into_iter().flatten().map(|(key, what)| format!("{INDENT}{key:<7}{what}")).collect()
}

pub fn unknown_key(pause: Pause) -> Text {
    match pause.shell {
        true => Text::new(
            "That is no key here. To type commands, press s; ? lists the keys.",
            "여기서 쓰지 않는 키입니다. 명령을 입력하려면 s를, 키 목록을 보려면 ?를 누르십시오.",
        ),
        false => Text::new(
            "That is no key here; ? lists the keys.",
            "여기서 쓰지 않는 키입니다. 키 목록을 보려면 ?를 누르십시오.",
        ),
    }
}

/// On entering a shell: where one is, what to try, and the way back.
pub fn shell_opened(place: &Text, tries: &[Try]) -> Vec<String> {
    let columns = layout::columns();
    let here = text!("You are {place}.", "{place}.");
    let mut lines = layout::wrap(&here.to_string(), columns, "", "");
    let widest = tries.iter().map(|it| layout::width(it.command)).max().unwrap_or_default();
    for Try { command, what, fails } in tries {
        let pad = " ".repeat(widest - layout::width(command));
        let must =
            if *fails { Text::new("must fail: ", "실패 예상: ") } else { Text::plain("") };
        let hang = " ".repeat(INDENT.len() + widest + 2);
        let line = format!("{}{pad}  {must}{what}", command.green());
        lines.extend(layout::wrap(&line, columns, INDENT, &hang));
    }
    lines.push(Text::new("`exit` comes back.", "`exit`로 돌아갑니다.").to_string());
    lines
}

/// On leaving it: what was broken in there.
pub fn shell_left(broken: &[&str]) -> Vec<String> {
    if broken.is_empty() {
        return Vec::new();
    }
    let names = broken.join(", ");
    let line = text!(
        "No more so after what you tried: {names}. r shows why; mended, r proves it again.",
        "방금 한 일로 깨진 검사: {names}. r로 이유를 보고, 고친 뒤 r을 누르면 다시 통과합니다."
    );
    layout::wrap(&line.to_string(), layout::columns(), "", "")
}
