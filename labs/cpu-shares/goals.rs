//! What must hold at the end of the exercise, and what there is to say where nothing was found.

use nix::unistd::Uid;

use super::contests;
use super::{checks, measured};
use crate::lab::goal::Goal;
use crate::probe::cgroup::{self, Cpu};
use crate::probe::process;
use crate::text;
use crate::text::Text;

/// What must hold at the end of the exercise.
pub static GOALS: &[Goal] = &[
    Goal {
        check: &checks::ONE_IN_EACH,
        after: &[],
        hints: &[
            Text::new(
                "cat a/cgroup.procs b/cgroup.procs: which process is in each, and is it busy?",
                "cat a/cgroup.procs b/cgroup.procs를 실행해 보십시오. 어떤 프로세스가 들어 있고, CPU를 계속 쓰고 있습니까?",
            ),
            Text::new(
                "a process goes into a group when its PID is written to cgroup.procs; two groups, a busy process in each",
                "PID를 cgroup.procs에 기록하면 프로세스가 그 그룹으로 들어갑니다. 그룹 둘에 바쁜 프로세스를 하나씩 넣으십시오",
            ),
            Text::new("echo PID > b/cgroup.procs", "echo PID > b/cgroup.procs"),
        ],
    },
    Goal {
        check: &checks::SHARES_DIFFER,
        after: &[&checks::ONE_IN_EACH],
        hints: &[
            Text::new(
                "what is in each group's cpu.shares (v2: cpu.weight)?",
                "각 그룹의 cpu.shares(v2: cpu.weight) 값은 얼마입니까?",
            ),
            Text::new(
                "every group begins with 1024 (v2: 100); halve one of them",
                "모든 그룹은 1024(v2: 100)로 시작합니다. 하나를 절반으로 줄이십시오",
            ),
            Text::new(
                "echo 512 > a/cpu.shares   # v2: echo 50 > a/cpu.weight",
                "echo 512 > a/cpu.shares   # v2: echo 50 > a/cpu.weight",
            ),
        ],
    },
    Goal {
        check: &checks::ONE_PROCESSOR,
        after: &[&checks::ONE_IN_EACH],
        hints: &[
            Text::new(
                "with a processor each, is there anything to share?",
                "그룹마다 CPU를 하나씩 차지하고 있다면 나눌 CPU가 있습니까?",
            ),
            Text::new(
                "taskset -p PID shows where a process may run; pin both to the same processor",
                "taskset -p PID로 어느 CPU에서 실행될 수 있는지 확인하고, 둘을 같은 CPU에 고정하십시오",
            ),
            Text::new("taskset -cp 0 PID", "taskset -cp 0 PID"),
        ],
    },
    Goal {
        check: &measured::AS_PROMISED,
        after: &[&checks::ONE_IN_EACH, &checks::SHARES_DIFFER, &checks::ONE_PROCESSOR],
        hints: &[
            Text::new(
                "what does top show for the two?",
                "top에서 두 프로세스는 CPU를 얼마씩 쓰고 있습니까?",
            ),
            Text::new(
                "shares are not all that a group has: is nr_throttled in cpu.stat above 0?",
                "그룹에는 가중치 말고 상한도 있습니다. cpu.stat의 nr_throttled가 0보다 큽니까?",
            ),
            Text::new(
                "echo -1 > a/cpu.cfs_quota_us   # v2: echo max > a/cpu.max",
                "echo -1 > a/cpu.cfs_quota_us   # v2: echo max > a/cpu.max",
            ),
        ],
    },
];

/// More groups than these are not looked at.
const MOST_GROUPS: usize = 1000;

/// Which groups are there all the same.
pub fn not_found() -> Option<Text> {
    let cpu = Cpu::find().ok()??;
    let all = cgroup::tree(cpu.root(), MOST_GROUPS).into_iter().skip(1);
    let made = all.filter(|dir| !contests::is_unit(dir) && !contests::is_a_labs(dir));
    let us = Uid::effective();
    let mut quiet = Vec::new();
    for dir in made {
        let inside = cgroup::processes(&dir).unwrap_or_default();
        let theirs = inside.iter().any(|pid| process::user(*pid).is_ok_and(|user| user != us));
        let is_told_apart = contests::is_told_apart(&cpu, &dir);
        if theirs && is_told_apart && !us.is_root() {
            let name = dir.display();
            return Some(text!(
                "what runs in {name} is another user's: if it is yours, verify with sudo",
                "{name} 그룹의 프로세스는 다른 사용자의 것입니다. 직접 만든 것이라면 sudo로 검증하십시오"
            ));
        }
        if inside.is_empty() && contests::is_ours(&dir) {
            quiet.push(dir);
        }
    }
    let names = quiet.iter().map(|dir| dir.display().to_string()).collect::<Vec<_>>().join(", ");
    (quiet.len() > 1).then(|| {
        text!(
            "nothing is busy in {names}: start a busy process for each group, and write its PID to cgroup.procs",
            "{names}: 그룹에 바쁜 프로세스가 없습니다. 그룹마다 CPU를 계속 쓰는 프로세스를 실행하고 PID를 cgroup.procs에 기록하십시오"
        )
    })
}
