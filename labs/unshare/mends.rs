//! Commands that mend what a check of this lab saw, for the student's own processes.

use nix::unistd::Pid;

use super::checks::HOST_NAME;
use crate::lab::mend;
use crate::probe::namespace;
use crate::text::Text;
use crate::visit::kind::Kind;

/// What to do where the machine has got the name that was meant for the namespace.
pub const NAME_BACK: Text = Text::new(
    "the name was set in a shell outside: give the machine its old name back, and set the new one in there",
    "이름을 바깥의 셸에서 바꾸었습니다. 시스템의 이름을 되돌리고, 새 이름은 네임스페이스 안에서 설정하십시오",
);

fn has_own(pid: Pid, kind: Kind) -> bool {
    namespace::is_apart(pid, kind).unwrap_or(false)
}

/// Starts one anew, as the exercise wants it: namespaces are chosen when a program starts. It is started as `pid` was,
/// with a user namespace or without.
pub fn anew(pid: Pid) -> Option<String> {
    let user = if has_own(pid, Kind::User) { "-Ur " } else { "" };
    Some(format!(
        "unshare {user}--uts --pid --fork --mount-proc bash -c 'hostname {HOST_NAME}; exec bash'"
    ))
}

/// Sets the name where `pid` is. None where that is the machine's own namespace.
pub fn name_in(pid: Pid) -> Option<String> {
    if !has_own(pid, Kind::Uts) {
        return anew(pid);
    }
    let words = ["hostname", HOST_NAME].map(str::to_owned);
    mend::command(&[mend::entering(pid, "--uts"), words.to_vec()].concat())
}

/// Gives the machine back the name that the namespace still has, and sets the new one in there.
pub fn names_set_right(pid: Pid, old: &str) -> Option<String> {
    mend::after_each_other([mend::command(&["hostname", old]), name_in(pid)])
}
