//! What people get wrong with this lab, by what the kernel shows.

use super::checks::{self, controller};
use super::processors;
use super::rivals::{self, Rival};
use super::{advice, held, measured};
use crate::error::Result;
use crate::lab::check::Subject;
use crate::lab::goal::Mistake;
use crate::text::Text;

/// All of them; of one check the first that fits is it.
pub static ALL: &[Mistake] = &[
    Mistake {
        id: "stopped",
        check: &checks::ONE_IN_EACH,
        name: Text::new("a process stopped with Ctrl-Z", "Ctrl-Z로 멈춘 프로세스"),
        what_happened: Text::new(
            "a stopped process wants no processor, and the other groups divide what would be its group's",
            "멈춘 프로세스는 CPU를 쓰려고 하지 않으므로 그 그룹의 몫을 다른 그룹이 가져갑니다",
        ),
        looks_like: |subject| {
            Ok(look(subject)?.iter().any(|rival| rival.activity.stopped().is_some()))
        },
    },
    Mistake {
        id: "wrong-pid",
        check: &checks::ONE_IN_EACH,
        name: Text::new("another process's PID", "다른 프로세스의 PID"),
        what_happened: Text::new(
            "what was written to cgroup.procs is the PID of a process that waits (of a pipe, $! is the last), and the busy one stayed outside",
            "cgroup.procs에 기록한 것은 대기 중인 프로세스의 PID이고(파이프라인의 $!는 마지막 프로세스입니다) 바쁜 프로세스는 그룹 밖에 남았습니다",
        ),
        looks_like: |subject| {
            let rivals = look(subject)?;
            Ok(checks::astray(&rivals).is_some() && is_anybody_waiting(&rivals))
        },
    },
    Mistake {
        id: "asleep",
        check: &checks::ONE_IN_EACH,
        name: Text::new("a process that only waits", "대기만 하는 프로세스"),
        what_happened: Text::new(
            "a group competes only while something in it wants to run, and this process sleeps",
            "그룹은 실행하려는 프로세스가 있을 때만 경쟁하는데, 이 프로세스는 대기 상태입니다",
        ),
        looks_like: |subject| Ok(is_anybody_waiting(&look(subject)?)),
    },
    Mistake {
        id: "never-put-into-its-group",
        check: &checks::ONE_IN_EACH,
        name: Text::new("a process that was never put into its group", "그룹에 넣지 않은 프로세스"),
        what_happened: Text::new(
            "the group has its shares and is empty; the process that was meant for it runs where it was started",
            "그룹에 가중치만 정하고 프로세스는 넣지 않았습니다. 넣으려던 프로세스는 실행한 자리에 그대로 있습니다",
        ),
        looks_like: |subject| Ok(checks::astray(&look(subject)?).is_some()),
    },
    Mistake {
        id: "nested",
        check: &checks::ONE_IN_EACH,
        name: Text::new("a group made inside the other", "다른 그룹 안에 만든 그룹"),
        what_happened: Text::new(
            "mkdir was typed inside the first group: the second divides what the first gets, and does not compete with it",
            "첫 번째 그룹 안에서 mkdir을 실행했습니다. 두 번째 그룹은 첫 번째와 경쟁하지 않고 그 몫을 나누어 씁니다",
        ),
        looks_like: |subject| {
            let cpu = controller()?;
            Ok(look(subject)?.iter().any(|rival| advice::nested(&cpu, rival).is_some()))
        },
    },
    Mistake {
        id: "both-in-one-group",
        check: &checks::ONE_IN_EACH,
        name: Text::new("both in one group", "한 그룹에 넣은 두 프로세스"),
        what_happened: Text::new(
            "inside of a group its processes get the same each, whatever the shares of the groups are",
            "한 그룹 안의 프로세스들은 그룹의 가중치와 상관없이 CPU를 똑같이 나누어 씁니다",
        ),
        looks_like: |subject| {
            let rivals = look(subject)?;
            let busy: Vec<&Rival> = rivals.iter().filter(|rival| rival.is_busy()).collect();
            Ok(matches!(busy[..], [one] if one.busy() > 1))
        },
    },
    Mistake {
        id: "started-twice",
        check: &checks::ONE_IN_EACH,
        name: Text::new("a program started once too often", "한 번 더 실행한 프로그램"),
        what_happened: Text::new(
            "one group holds more programs than the others: those in it divide what it gets, and each gets less than its shares seem to say",
            "한 그룹에 다른 그룹보다 프로그램이 많습니다. 그 그룹의 몫을 나누어 쓰므로 각각은 가중치에서 예상한 것보다 적게 씁니다",
        ),
        looks_like: |subject| {
            let rivals = look(subject)?;
            let groups = rivals.iter().filter(|rival| rival.group().is_some());
            let busy: Vec<usize> = groups.map(Rival::busy).collect();
            Ok(!busy.contains(&0) && busy.iter().min() != busy.iter().max())
        },
    },
    Mistake {
        id: "shares-of-a-group-inside",
        check: &checks::SHARES_DIFFER,
        name: Text::new("shares in groups of different parents", "부모가 다른 그룹에 정한 가중치"),
        what_happened: Text::new(
            "shares are weighed among the children of one parent; here the parents compete, and these have the same",
            "가중치는 부모가 같은 그룹끼리만 비교합니다. 여기서는 부모 그룹끼리 경쟁하고, 그 가중치는 같습니다",
        ),
        looks_like: |subject| {
            Ok(advice::told_apart_below(&controller()?, &look(subject)?).is_some())
        },
    },
    Mistake {
        id: "shares-never-set",
        check: &checks::SHARES_DIFFER,
        name: Text::new("shares that were never set", "설정하지 않은 가중치"),
        what_happened: Text::new(
            "every group begins with the same number, and nobody has changed one",
            "모든 그룹은 같은 값으로 시작하는데, 아무도 바꾸지 않았습니다",
        ),
        looks_like: |subject| {
            let cpu = controller()?;
            let rivals = look(subject)?;
            Ok(rivals.iter().all(|rival| !rivals::is_told_apart(&cpu, rival.weight)))
        },
    },
    Mistake {
        id: "on-two-processors",
        check: &checks::ONE_PROCESSOR,
        name: Text::new("each pinned to another processor", "서로 다른 CPU에 고정한 프로세스"),
        what_happened: Text::new(
            "each has the processor that it is pinned to for itself: nobody competes for it",
            "각자 고정된 CPU를 혼자 쓰므로 경쟁이 없습니다",
        ),
        looks_like: |subject| are_tied(subject, true),
    },
    Mistake {
        id: "not-pinned",
        check: &checks::ONE_PROCESSOR,
        name: Text::new("processes that were not pinned", "CPU에 고정하지 않은 프로세스"),
        what_happened: Text::new(
            "there are more processors than busy processes in each group: the kernel gives each one of its own",
            "그룹마다 있는 바쁜 프로세스보다 CPU가 많아, 커널이 CPU를 하나씩 따로 줍니다",
        ),
        looks_like: |subject| are_tied(subject, false),
    },
    Mistake {
        id: "held-back-by-a-quota",
        check: &measured::AS_PROMISED,
        name: Text::new("a quota that was left behind", "해제하지 않은 상한(quota)"),
        what_happened: Text::new(
            "a quota holds without contention too: the group may not even use what its shares promise",
            "상한은 경쟁이 없어도 적용됩니다. 그룹이 가중치에 따른 몫도 다 쓰지 못합니다",
        ),
        looks_like: |subject| {
            let rivals = look(subject)?;
            Ok(held::is_any_of_them_limited(&controller()?, &rivals))
        },
    },
];

fn look(subject: &Subject) -> Result<Vec<Rival>> {
    rivals::of(&controller()?, subject)
}

fn is_anybody_waiting(rivals: &[Rival]) -> bool {
    rivals.iter().any(|rival| rival.group().is_some() && rival.activity.waiting().is_some())
}

/// Whether each is tied to a processor, or otherwise whether some may use several.
fn are_tied(subject: &Subject, each: bool) -> Result<bool> {
    let rivals = look(subject)?;
    let busy: Vec<&Rival> = rivals.iter().filter(|rival| rival.is_busy()).collect();
    let all = processors::lists(&busy).into_iter().flatten();
    Ok(all.into_iter().all(|list| list.parse::<u32>().is_ok()) == each)
}
