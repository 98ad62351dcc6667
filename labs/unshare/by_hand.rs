//! What by hand looks like this lab, and what it must meet.

use std::collections::HashMap;
use std::path::Path;

use nix::unistd::Pid;

use super::checks;
use crate::error::Result;
use crate::lab::check::Subject;
use crate::lab::goal::{Candidate, Goal, Wanted};
use crate::probe::survey::{Resident, Survey};
use crate::probe::{namespace, process};
use crate::text;
use crate::text::Text;
use crate::visit::kind::Kind;

/// What must hold at the end of the exercise.
pub static GOALS: &[Goal] = &[
    Goal {
        check: &checks::UTS_NAMESPACE,
        after: &[],
        hints: &[
            Text::new(
                "compare ls -l /proc/$$/ns/uts in that bash and in another terminal",
                "unshare로 실행한 bash와 다른 터미널에서 ls -l /proc/$$/ns/uts를 비교해 보십시오",
            ),
            Text::new(
                "unshare makes only those namespaces that it is asked for: which option asks for UTS?",
                "unshare는 요청한 네임스페이스만 만듭니다. UTS를 요청하는 옵션은 무엇입니까?",
            ),
            COMMAND,
        ],
    },
    Goal {
        check: &checks::HOST_NAME_APART,
        after: &[&checks::UTS_NAMESPACE],
        hints: &[
            Text::new(
                "a new UTS namespace begins as a copy: the same name, until you change it",
                "새 UTS 네임스페이스는 부모의 값을 복사해 시작합니다. 바꾸기 전까지는 호스트 이름이 같습니다",
            ),
            Text::new(
                "hostname NAME, typed in that bash, changes the name in its namespace only",
                "그 bash에서 hostname NAME을 실행하면 그 네임스페이스의 호스트 이름만 바뀝니다",
            ),
            Text::new("hostname happy.life.com", "hostname happy.life.com"),
        ],
    },
    Goal {
        check: &checks::PID_ONE,
        after: &[],
        hints: &[
            Text::new(
                "what does echo $$ print in that bash?",
                "그 bash에서 echo $$를 실행하면 PID가 얼마입니까?",
            ),
            Text::new(
                "unshare --pid changes the namespace of its children only: somebody must fork",
                "unshare --pid는 자식 프로세스의 네임스페이스만 바꿉니다. fork가 필요합니다",
            ),
            COMMAND,
        ],
    },
    Goal {
        check: &checks::PROC_OF_ITS_OWN,
        after: &[&checks::PID_ONE],
        hints: &[
            Text::new(
                "what does ps -ef show in that bash?",
                "그 bash에서 ps -ef를 실행하면 무엇이 보입니까?",
            ),
            Text::new(
                "ps reads /proc, and this /proc was mounted on the host: it must be mounted anew",
                "ps는 /proc을 읽는데 이 /proc은 호스트에서 마운트한 것입니다. 새로 마운트해야 합니다",
            ),
            COMMAND,
        ],
    },
    Goal {
        check: &checks::THREE_OF_EIGHT,
        after: &[&checks::UTS_NAMESPACE, &checks::PID_ONE, &checks::PROC_OF_ITS_OWN],
        hints: &[
            Text::new(
                "ls -l /proc/$$/ns in that bash and in another terminal: which inodes differ?",
                "그 bash와 다른 터미널에서 ls -l /proc/$$/ns를 보면 어떤 inode가 다릅니까?",
            ),
            Text::new(
                "ask for uts and pid, and for the mount namespace that /proc needs; no more",
                "uts와 pid, 그리고 /proc에 필요한 마운트 네임스페이스까지만 요청하십시오",
            ),
            COMMAND,
        ],
    },
];

const COMMAND: Text = Text::new(
    "unshare --uts --pid --fork --mount-proc bash (without root, with -Ur as well)",
    "unshare --uts --pid --fork --mount-proc bash (root 권한이 없다면 -Ur도 함께)",
);

/// Where whoever asks has come into namespaces of their own, they may stand in what was to be judged, which can be told
/// apart only from outside.
pub fn not_found() -> Option<Text> {
    // The kernel's own first namespaces are those that nobody has made.
    let is_inside =
        |kind: Kind| namespace::of(Pid::this(), kind).is_ok_and(|name| kind.first() != Some(name));
    (is_inside(Kind::Uts) || is_inside(Kind::Pid)).then(|| {
        Text::new(
            "this shell is in namespaces of its own: if they are what you mean, open a second terminal outside, and verify there",
            "이 셸이 이미 독립된 네임스페이스 안에 있습니다. 이것을 검증하려면 바깥에서 두 번째 터미널을 열고 실행하십시오",
        )
    })
}

/// The namespaces by which a process is recognised, where they are known: those that it is in, and the one that
/// its children will be born into.
#[derive(Debug)]
struct Apart {
    uts: Option<String>,
    pid: Option<String>,
    children: Option<String>,
}

impl Apart {
    fn of(pid: Pid) -> Apart {
        let name = |kind| namespace::in_proc(Path::new("/proc"), pid, kind).ok();
        let children = namespace::for_children(pid).ok();
        Apart { uts: name(Kind::Uts), pid: name(Kind::Pid), children }
    }

    /// Those that are not `ours`. `None` for a process that lives as we do, or that we may not look into.
    fn look(pid: Pid, ours: &Apart) -> Option<Apart> {
        let Apart { uts, pid, children } = Apart::of(pid);
        let other = |theirs: Option<String>, ours: &Option<String>| {
            theirs.filter(|theirs| ours.as_ref().is_some_and(|ours| ours != theirs))
        };
        let apart = Apart {
            uts: other(uts, &ours.uts),
            pid: other(pid, &ours.pid),
            children: other(children, &ours.children),
        };
        let any = apart.names().next().is_some();
        any.then_some(apart)
    }

    fn names(&self) -> impl Iterator<Item = &String> {
        self.uts.iter().chain(&self.pid).chain(&self.children)
    }

    /// How much of the lab one process shows.
    fn score(&self) -> usize {
        2 * usize::from(self.pid.is_some()) + usize::from(self.uts.is_some())
    }
}

/// Processes that share a namespace which is not ours.
type Cluster<'a> = Vec<(&'a Resident, Apart)>;

/// Each cluster of processes in other UTS or PID namespaces, by its process that shows most.
pub fn find(survey: &Survey, _: &Wanted) -> Result<Vec<Candidate>> {
    let ours = Apart::of(Pid::this());
    let mut clusters: Vec<Cluster<'_>> = Vec::new();
    let mut homes: HashMap<String, usize> = HashMap::new();
    for resident in survey.residents() {
        let Some(apart) = Apart::look(resident.pid, &ours) else { continue };
        let mut near: Vec<usize> =
            apart.names().filter_map(|name| homes.get(name)).copied().collect();
        near.sort_unstable();
        near.dedup();
        let home = near.first().copied().unwrap_or(clusters.len());
        clusters.resize_with(clusters.len().max(home + 1), Vec::new);
        let mut joining = vec![(resident, apart)];
        // A process may join what were two clusters until now.
        for at in near.iter().skip(1) {
            clusters.get_mut(*at).into_iter().for_each(|later| joining.append(later));
        }
        let names = joining.iter().flat_map(|(_, apart)| apart.names());
        homes.extend(names.map(|name| (name.clone(), home)));
        clusters.get_mut(home).into_iter().for_each(|cluster| cluster.append(&mut joining));
    }
    Ok(clusters.iter().filter_map(candidate).collect())
}

fn candidate(cluster: &Cluster<'_>) -> Option<Candidate> {
    let best = cluster.iter().map(|(_, apart)| apart.score()).max()?;
    // The oldest of those that show most.
    let most = cluster.iter().filter(|(_, apart)| apart.score() == best);
    let (chosen, apart) = most.min_by_key(|(one, _)| (one.stat.started, one.pid))?;
    let first = cluster
        .iter()
        .filter(|(_, other)| other.pid.is_some() && other.pid == apart.pid)
        .find(|(resident, _)| is_number_one(resident.pid))
        .map(|(resident, _)| resident.pid);
    let (named, count) = (chosen.named(), cluster.len());
    let what = match count {
        1 => Text::plain(named),
        _ => text!("{named}, one of {count} processes", "{named}, 프로세스 {count}개 중 하나"),
    };
    let mut candidate = Candidate::of(chosen, Subject::process(chosen.pid).with(first), what);
    cluster.iter().for_each(|(resident, _)| candidate.take_in(resident));
    Some(candidate)
}

fn is_number_one(pid: Pid) -> bool {
    process::status(pid, "NSpid")
        .is_ok_and(|numbers| numbers.split_whitespace().last() == Some("1"))
}
