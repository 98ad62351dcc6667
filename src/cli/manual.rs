//! `lab manual`: the manual page, from the command line and what stands beside it.

use std::io::{self, Write};

use clap_mangen::Man;

use super::grammar::command;
use crate::text::{Language, Text};

/// The page, for man(1).
///
/// # Errors
/// None but what writing to memory gives.
pub fn page() -> io::Result<String> {
    let (mut page, man) = (Vec::new(), Man::new(command()));
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    commands(&mut page)?;
    man.render_options_section(&mut page)?;
    for (heading, text) in [EXIT_STATUS, ENVIRONMENT, FILES, EXAMPLES] {
        writeln!(page, ".SH \"{heading}\"\n{}", text.in_language(Language::current()).trim())?;
    }
    man.render_version_section(&mut page)?;
    Ok(headings(&String::from_utf8_lossy(&page)))
}

/// clap's own section would name a page for each, and there is this one alone.
fn commands(page: &mut Vec<u8>) -> io::Result<()> {
    writeln!(page, ".SH COMMANDS")?;
    for one in command().get_subcommands().filter(|one| !one.is_hide_set()) {
        let about = one.get_about().map(ToString::to_string).unwrap_or_default();
        let name = one.get_name().replace('-', "\\-");
        let takes: String = one
            .get_positionals()
            .map(|taken| format!(" \\fI{taken}\\fR").replace(['<', '>'], ""))
            .collect();
        writeln!(page, ".TP\n\\fB{name}\\fR{takes}\n{}", about.replace('-', "\\-"))?;
    }
    Ok(())
}

/// Headings in the language of the page.
fn headings(page: &str) -> String {
    if Language::current() == Language::English {
        return page.replace(".SH Options", ".SH OPTIONS");
    }
    let korean = [
        ("NAME", "이름"),
        ("SYNOPSIS", "사용법"),
        ("DESCRIPTION", "설명"),
        ("COMMANDS", "명령"),
        ("OPTIONS", "옵션"),
        ("\"EXIT STATUS\"", "\"종료 코드\""),
        ("\"ENVIRONMENT\"", "\"환경 변수\""),
        ("\"FILES\"", "파일"),
        ("\"EXAMPLES\"", "예"),
        ("VERSION", "버전"),
    ];
    korean.iter().fold(page.to_owned(), |page, (english, korean)| {
        page.replace(&format!(".SH {english}\n"), &format!(".SH {korean}\n"))
    })
}

const EXIT_STATUS: (&str, Text) = (
    "EXIT STATUS",
    Text::new(
        r"
.TP
0
All was proven; in a lab's own run what was not cannot be told. For Classroom 50 and Gradescope: the document was
written, whatever it says.
.TP
1
Something failed; of work by hand also: something is not done yet or cannot be told, or nothing was found.
.TP
2
Wrong usage; several were found, and it has to be said which is meant.
.TP
3
This machine cannot do it. The reason is printed, and what mends it.
.TP
130
Interrupted, or stopped with \fBq\fR. Everything was cleaned up.
",
        r"
.TP
0
모두 통과했습니다. lab이 직접 실행했을 때는 확인할 수 없는 검사가 있어도 0입니다. Classroom 50과 Gradescope 형식에서는 결과와
관계없이 문서를 출력했으면 0입니다.
.TP
1
실패한 검사가 있습니다. 직접 만든 결과를 검증할 때는 아직 하지 않았거나 확인할 수 없는 검사가 있거나, 찾은 결과가 없을 때도
1입니다.
.TP
2
사용법이 잘못되었거나, 여러 개를 찾아 하나를 골라야 합니다.
.TP
3
이 시스템에서는 실행할 수 없습니다. 이유와 해결 방법을 출력합니다.
.TP
130
중단되었거나 \fBq\fR를 눌러 그만두었습니다. 정리는 끝났습니다.
",
    ),
);

const ENVIRONMENT: (&str, Text) = (
    "ENVIRONMENT",
    Text::new(
        r"
.TP
\fBLAB_LANG\fR, \fBLC_ALL\fR, \fBLC_MESSAGES\fR, \fBLANG\fR
The language, en or ko: the first that is set.
.TP
\fBNO_COLOR\fR, \fBCLICOLOR_FORCE\fR
No colour; colour also where the output is no terminal.
.TP
\fBXDG_RUNTIME_DIR\fR
Where a lab without root keeps what it has to undo.
.TP
\fBXDG_STATE_HOME\fR
Where progress is kept; \fI~/.local/state\fR where it is not set.
",
        r"
.TP
\fBLAB_LANG\fR, \fBLC_ALL\fR, \fBLC_MESSAGES\fR, \fBLANG\fR
출력 언어(en, ko). 먼저 설정된 것을 따릅니다.
.TP
\fBNO_COLOR\fR, \fBCLICOLOR_FORCE\fR
색을 쓰지 않습니다. 터미널이 아니어도 색을 씁니다.
.TP
\fBXDG_RUNTIME_DIR\fR
root 권한 없이 실행할 때 작업 기록을 두는 곳입니다.
.TP
\fBXDG_STATE_HOME\fR
진도를 저장하는 곳입니다. 없으면 \fI~/.local/state\fR입니다.
",
    ),
);

const FILES: (&str, Text) = (
    "FILES",
    Text::new(
        r"
.TP
\fI/run/lab\fR, \fI$XDG_RUNTIME_DIR/lab\fR
The journals of running labs, as root and without: what \fBlab reset\fR undoes after a kill. There only
while a lab runs.
.TP
\fI~/.local/state/lab/progress.json\fR
How far you are, and the hints that were given; under \fBsudo\fR(8) of the user who called it.
",
        r"
.TP
\fI/run/lab\fR, \fI$XDG_RUNTIME_DIR/lab\fR
실행 중인 실습의 작업 기록(root일 때, 아닐 때)입니다. 강제 종료 뒤 \fBlab reset\fR이 이것을 보고 되돌립니다. 실습 중에만
있습니다.
.TP
\fI~/.local/state/lab/progress.json\fR
진도와 받은 힌트입니다. \fBsudo\fR(8)로 실행하면 sudo를 부른 사용자의 파일입니다.
",
    ),
);

const EXAMPLES: (&str, Text) = (
    "EXAMPLES",
    Text::new(
        r"
.TP
\fBlab chroot\fR
See a root directory being built, step by step.
.TP
\fBlab guide chroot\fR
Read how to build it by hand.
.TP
\fBlab verify chroot\fR
Have it judged, from a second terminal.
.TP
\fBlab verify \-\-by\-hand \-\-format junit\fR
Grade everything that was built on this machine; a lab that was not begun fails.
.TP
\fBlab verify chroot \-\-format gradescope\fR
Give it points, as Gradescope reads them; \fBclassroom50\fR for Classroom 50, from whose runner it takes whose
work it is.
.TP
\fBlab overlay \-\-yes \-\-format json\fR
Run without pauses, one event a line.
",
        r"
.TP
\fBlab chroot\fR
루트 디렉터리를 만드는 과정을 단계별로 봅니다.
.TP
\fBlab guide chroot\fR
직접 만드는 방법을 읽습니다.
.TP
\fBlab verify chroot\fR
만든 것을 두 번째 터미널에서 검증합니다.
.TP
\fBlab verify \-\-by\-hand \-\-format junit\fR
이 시스템에서 만든 것을 모두 채점합니다. 시작하지 않은 실습은 실패입니다.
.TP
\fBlab verify chroot \-\-format gradescope\fR
Gradescope가 읽는 형식으로 점수를 매깁니다. Classroom 50에는 \fBclassroom50\fR을 쓰며, 누구의 결과인지는 그 실행기(runner)의
환경 변수에서 읽습니다.
.TP
\fBlab overlay \-\-yes \-\-format json\fR
멈추지 않고 실행하며, 이벤트를 한 줄에 하나씩 출력합니다.
",
    ),
);
