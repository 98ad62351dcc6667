//! What may be typed, as clap sees it. The subcommands come from [`labs::all`].

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, StyledStr};
use clap::{Arg, ArgAction, Command};
use clap_complete::Shell;

use crate::lab::Lab;
use crate::labs;
use crate::stage::Format;
use crate::text::Text;

/// Every command speaks a language. All other options belong to those for which they mean something;
/// before the command's name they may stand too.
fn language() -> Arg {
    let help = Text::new(
        "Speak en or ko; else LAB_LANG, else the locale",
        "출력 언어: en 또는 ko. 없으면 LAB_LANG, 그다음 로캘을 따릅니다",
    );
    Arg::new("lang")
        .long("lang")
        .value_name("LANG")
        .value_parser(PossibleValuesParser::new(["en", "ko"]))
        .hide_possible_values(true)
        .global(true)
        .help(help.to_string())
}

fn yes() -> Arg {
    let help = Text::new("Do not pause between steps", "단계 사이에서 멈추지 않습니다");
    Arg::new("yes").long("yes").short('y').action(ArgAction::SetTrue).help(help.to_string())
}

/// Where to begin, whether to ask, and whether to keep it.
fn steps() -> [Arg; 4] {
    let from = Text::new(
        "Begin at this step, by name or number; those before are done without a word",
        "이 단계(이름이나 번호)부터 보여 줍니다. 그 앞은 조용히 실행합니다",
    );
    let save = Text::new(
        "Keep what is shown and predicted in a new Markdown file",
        "보여 준 내용과 예측을 새 Markdown 파일에 저장합니다",
    );
    let ask = Text::new("Ask nothing before the steps", "단계 전에 질문하지 않습니다");
    let list = Text::new("List the steps", "단계 목록을 보여 줍니다");
    [
        Arg::new("from")
            .long("from")
            .value_name(Text::new("STEP", "단계").to_string())
            .help(from.to_string()),
        Arg::new("steps")
            .long("steps")
            .action(ArgAction::SetTrue)
            .conflicts_with("from")
            .help(list.to_string()),
        Arg::new("save")
            .long("save")
            .value_name(Text::new("FILE", "파일").to_string())
            .value_parser(clap::value_parser!(PathBuf))
            .help(save.to_string()),
        Arg::new("no-questions")
            .long("no-questions")
            .action(ArgAction::SetTrue)
            .help(ask.to_string()),
    ]
}

fn format_among(values: &'static [&'static str], help: Text) -> Arg {
    Arg::new("format")
        .long("format")
        .value_name("FORMAT")
        .value_parser(PossibleValuesParser::new(values))
        .hide_possible_values(true)
        .help(help.to_string())
}

fn format() -> Arg {
    let help = Text::new(
        "Show it as human (default), plain or json",
        "출력 형식: human(기본값), plain, json",
    );
    format_among(&Format::OF_ANYTHING, help)
}

/// Before the command's name it is not known yet whether verdicts will be shown.
fn format_of_verdicts() -> Arg {
    let help = Text::new(
        "Show it as human (default), plain or json; verdicts for graders as junit, classroom50 or gradescope too",
        "출력 형식: human(기본값), plain, json. verify는 채점용 junit, classroom50, gradescope도 가능합니다",
    );
    format_among(&Format::OF_VERDICTS, help)
}

/// How labs come by what only root may do.
fn privileges() -> [Arg; 2] {
    let root = Text::new("Insist on root", "root로만 실행합니다");
    let rootless = Text::new(
        "Use a user namespace, as for an ordinary user, even as root",
        "root라도 일반 사용자처럼 사용자 네임스페이스로 실행합니다",
    );
    let flag = |name| Arg::new(name).long(name).action(ArgAction::SetTrue);
    [
        flag("root").conflicts_with("rootless").help(root.to_string()),
        flag("rootless").help(rootless.to_string()),
    ]
}

fn lab_names(help: Text) -> Arg {
    Arg::new("labs")
        .value_name("LAB")
        .num_args(0..)
        .help_heading(Text::new("Arguments", "인수").to_string())
        .value_parser(PossibleValuesParser::new(labs::all().map(|lab| lab.id)))
        .hide_possible_values(true)
        .help(help.to_string())
}

fn lab_name() -> Arg {
    lab_names(Text::new("Which lab", "실습 이름")).num_args(1).required(true)
}

/// Whose work to judge.
fn whose() -> [Arg; 4] {
    let by_hand = Text::new(
        "Labs that were not begun fail, also where none is named",
        "이름을 적지 않아도, 시작하지 않은 실습을 실패로 봅니다",
    );
    let explain = Text::new(
        "Say what was read for each claim, and the rule",
        "검사마다 읽은 곳과 나온 값, 기준을 보여 줍니다",
    );
    let watch = Text::new(
        "Judge again and again while you work elsewhere",
        "다른 터미널에서 작업하는 동안 계속 다시 검증합니다",
    );
    let reference = Text::new(
        "Let the lab run itself, and judge that",
        "lab이 실습을 직접 실행하고 그것을 검증합니다",
    );
    [
        Arg::new("by-hand").long("by-hand").action(ArgAction::SetTrue).help(by_hand.to_string()),
        Arg::new("reference")
            .long("reference")
            .action(ArgAction::SetTrue)
            .conflicts_with_all(["by-hand", "pid", "dir", "netns"])
            .help(reference.to_string()),
        Arg::new("explain").long("explain").action(ArgAction::SetTrue).help(explain.to_string()),
        Arg::new("watch")
            .long("watch")
            .action(ArgAction::SetTrue)
            .conflicts_with("reference")
            .help(watch.to_string()),
    ]
}

/// Which of several is meant.
fn which() -> [Arg; 3] {
    let pid = Text::new("The one that this process lives in", "이 프로세스가 속한 것");
    let dir = Text::new("The one that this directory belongs to", "이 디렉터리가 속한 것");
    let netns = Text::new(
        "The one that joins this network namespace",
        "이 네트워크 네임스페이스를 잇는 것",
    );
    [
        Arg::new("pid")
            .long("pid")
            .value_name("PID")
            .value_parser(clap::value_parser!(i32).range(1..))
            .help(pid.to_string()),
        Arg::new("dir").long("dir").value_name("DIR").help(dir.to_string()),
        Arg::new("netns")
            .long("netns")
            .value_name(Text::new("NAME", "이름").to_string())
            .action(ArgAction::Append)
            .help(netns.to_string()),
    ]
}

fn sub(name: &'static str, about: Text) -> Command {
    Command::new(name)
        .about(about.to_string())
        .help_template(help_template())
        .next_help_heading(Text::new("Options", "옵션").to_string())
        .disable_help_flag(true)
        .arg(help())
}

fn help() -> Arg {
    let help = Text::new("Print help", "도움말을 출력합니다");
    Arg::new("help").short('h').long("help").action(ArgAction::Help).help(help.to_string())
}

fn version() -> Arg {
    let help = Text::new("Print version", "버전을 출력합니다");
    Arg::new("version").short('V').long("version").action(ArgAction::Version).help(help.to_string())
}

/// The whole command line.
pub fn command() -> Command {
    let about = Text::new(
        "See a container's parts being built on the real kernel, step by step",
        "컨테이너의 구성 요소를 실제 커널 위에 한 단계씩 만들어 봅니다",
    );
    let run = |lab: &'static Lab| {
        sub(lab.id, lab.title.clone()).args([yes(), format()]).args(steps()).args(privileges())
    };
    Command::new("lab")
        .version(env!("CARGO_PKG_VERSION"))
        .about(about.to_string())
        .disable_help_subcommand(true)
        .help_template(help_template())
        .subcommand_help_heading(Text::new("Commands", "명령").to_string())
        .subcommand_value_name(Text::new("COMMAND", "명령").to_string())
        .next_help_heading(Text::new("Options", "옵션").to_string())
        .disable_help_flag(true)
        .disable_version_flag(true)
        .args([help(), version(), yes(), language(), format_of_verdicts()])
        .args(privileges())
        .subcommands(labs::all().map(run))
        .subcommands(for_students())
        .subcommands(for_the_machine())
}

/// What goes with the exercises by hand.
fn for_students() -> [Command; 5] {
    let list = Text::new("List the labs, and how far you are", "실습 목록과 진도를 보여 줍니다");
    let all = Text::new("Which labs; all of them if none", "실습 이름. 없으면 전부");
    let verify = Text::new("Judge what you have built by hand", "직접 만든 결과를 검증합니다");
    let hint = Text::new("Give the next hint", "다음 힌트를 줍니다");
    let guide = Text::new("Print a lab's handout", "실습 안내문을 보여 줍니다");
    [
        sub("list", list).arg(format()).args(privileges()),
        sub("verify", verify)
            .arg(lab_names(all))
            .args(whose())
            .args(which())
            .arg(format_of_verdicts())
            .args(privileges()),
        sub("hint", hint).arg(lab_name()).args(which()),
        sub("guide", guide).arg(lab_name()).args(handout()),
        progress(),
    ]
}

/// What of a handout is shown.
fn handout() -> [Arg; 3] {
    let part = Text::new("One of its numbered parts", "번호가 붙은 항목 하나만");
    let all = Text::new(
        "For every reader: root or not, cgroup v1 or v2",
        "모든 경우의 명령: root와 일반 사용자, cgroup v1과 v2",
    );
    let answers = Text::new("The answers to its questions", "질문에 대한 답");
    let flag = |name| Arg::new(name).long(name).action(ArgAction::SetTrue);
    [
        Arg::new("part")
            .value_name("N")
            .value_parser(clap::value_parser!(usize))
            .help_heading(Text::new("Arguments", "인수").to_string())
            .help(part.to_string()),
        flag("all").help(all.to_string()),
        flag("answers").conflicts_with("part").help(answers.to_string()),
    ]
}

/// Progress that moves to another machine.
fn progress() -> Command {
    let about =
        Text::new("Take your progress to another machine", "진도를 다른 시스템으로 옮깁니다");
    let export = Text::new("Write it to standard output", "표준 출력에 씁니다");
    let import = Text::new(
        "Take in what was written; - is standard input",
        "내보낸 파일을 가져옵니다. -는 표준 입력입니다",
    );
    let file = Arg::new("file")
        .value_name(Text::new("FILE", "파일").to_string())
        .help_heading(Text::new("Arguments", "인수").to_string())
        .help(Text::new("The file", "파일 경로").to_string())
        .required(true);
    sub("progress", about)
        .subcommand_help_heading(Text::new("Commands", "명령").to_string())
        .subcommand_value_name(Text::new("COMMAND", "명령").to_string())
        .subcommand_required(true)
        .disable_help_subcommand(true)
        .subcommand(sub("export", export))
        .subcommand(sub("import", import).arg(file))
}

/// What goes with this machine.
fn for_the_machine() -> [Command; 5] {
    let all = Text::new("Which labs; all of them if none", "실습 이름. 없으면 전부");
    let reset = Text::new(
        "Undo what a killed run left; touch nothing else",
        "강제 종료된 실행이 남긴 것만 되돌립니다",
    );
    let doctor = Text::new(
        "Say what this machine can and cannot do",
        "이 시스템에서 할 수 있는 것과 없는 것을 알려 줍니다",
    );
    let manual = Text::new("Print the manual page", "매뉴얼 페이지를 출력합니다");
    let completions = Text::new("Print a completion script", "자동 완성 스크립트를 출력합니다");
    let shell = Arg::new("shell")
        .help_heading(Text::new("Arguments", "인수").to_string())
        .value_name("SHELL")
        .required(true)
        .value_parser(clap::value_parser!(Shell))
        .hide_possible_values(true)
        .help("bash, zsh, fish, elvish, powershell");
    // `lab --help` says so itself.
    let help = sub("help", Text::new("Print help", "도움말을 출력합니다"))
        .arg(Arg::new("command").value_name(Text::new("COMMAND", "명령").to_string()))
        .hide(true);
    [
        help,
        sub("reset", reset).arg(lab_names(all)).arg(format()),
        sub("doctor", doctor).arg(format()),
        sub("completions", completions).arg(shell),
        sub("manual", manual),
    ]
}

fn help_template() -> StyledStr {
    let usage = Text::new("Usage", "사용법");
    StyledStr::from(format!("{{about}}\n\n{usage}: {{usage}}\n\n{{all-args}}"))
}
