//! The steps of the contest.

use indoc::{formatdoc, indoc};

use super::{ASIDE, Contest, Home, PARENT, checks, measured};
use crate::error::Result;
use crate::kernel::cgroup;
use crate::lab::check::Check;
use crate::lab::event::View;
use crate::lab::scene::Scene;
use crate::probe::cgroup::Cpu;
use crate::text;
use crate::text::Text;
use crate::visit::place::Place;

/// Groups, workers, one processor.
pub fn begin(scene: &mut Scene<'_>, contest: &mut Contest) -> Result<()> {
    let processor = contest.processor;
    scene.step(
        "contest",
        Text::from_strings(
            formatdoc! {"
                A control group holds processes, and says how much of a resource they may use. Two
                workers that do nothing but loop go into two groups. Both are pinned to
                processor {processor}: with one each, both would get all they want, and shares would
                mean nothing.
            "},
            formatdoc! {"
                컨트롤 그룹(cgroup)은 프로세스를 묶고, 그 그룹이 리소스를 얼마나 쓸 수 있는지
                정합니다. 반복문만 도는 프로세스 두 개를 그룹 두 개에 하나씩 넣고, 둘 다
                CPU {processor}번에 고정합니다. CPU를 하나씩 차지하면 둘 다 원하는 만큼 쓰게 되어
                가중치를 정하는 의미가 없기 때문입니다.
            "},
        ),
    )?;
    let home = contest.home().display();
    let first = match contest.home {
        Home::Root(_) => String::new(),
        Home::Delegated(_) => format!(
            "mkdir {ASIDE}; echo $$ > {ASIDE}/cgroup.procs\n\
             echo +cpu > cgroup.subtree_control\n"
        ),
    };
    scene.shell(format!(
        "cd {home}\n{first}\
         mkdir -p {PARENT}/a {PARENT}/b; cd {PARENT}\n\
         taskset -c {processor} sh -c 'while :; do :; done' & echo $! > a/cgroup.procs\n\
         taskset -c {processor} sh -c 'while :; do :; done' & echo $! > b/cgroup.procs"
    ))?;
    scene.act(|cleanup| {
        contest.make_parent(cleanup)?;
        contest.add(cleanup, "a")?;
        contest.add(cleanup, "b")
    })?;
    scene.inside(Place::directory(contest.parent()));
    let (v1, v2) = (Text::plain("cgroup v1"), Text::plain("cgroup v2"));
    let here = Text::new("this machine", "이 시스템");
    let (ours, other) = match contest.cpu {
        Cpu::V1 { .. } => (text!("{here}: {v1}", "{here}: {v1}"), v2),
        Cpu::V2 { .. } => (text!("{here}: {v2}", "{here}: {v2}"), v1),
    };
    let mut table = View::table([Text::new("what", "항목"), ours, other]);
    for (what, v1, v2) in [
        (Text::new("shares", "가중치"), "cpu.shares (1024)", "cpu.weight (100)"),
        (Text::new("hard limit", "상한(quota)"), "cpu.cfs_quota_us", "cpu.max"),
        (Text::new("usage", "사용량"), "cpuacct.usage", "cpu.stat"),
    ] {
        let (ours, other) = match contest.cpu {
            Cpu::V1 { .. } => (v1, v2),
            Cpu::V2 { .. } => (v2, v1),
        };
        table = table.row([what, Text::plain(ours), Text::plain(other)]);
    }
    scene.observe(Text::plain(""), table)?;
    scene.prove(&[&checks::ONE_PROCESSOR, &checks::ONE_IN_EACH], &contest.subject())
}

/// The default.
pub fn share_equally(scene: &mut Scene<'_>, contest: &Contest) -> Result<()> {
    let why = Text::new(
        indoc! {"
            Every group begins with the same number. Shares are no amount but a weight: among sibling
            groups, those of one parent, the time is divided by the weights of those that want to
            run. 1024 of 2048 is one half.
        "},
        indoc! {"
            모든 그룹은 같은 값으로 시작합니다. 이 값은 절대량이 아니라 상대적인 가중치입니다. 같은
            부모 아래에서 실행하려는 그룹끼리 가중치를 비교해 CPU 시간을 나눕니다. 전체 2048 중
            1024이므로 절반입니다.
        "},
    );
    share(scene, contest, ("equal", why), measured::EQUAL, &measured::EQUAL_SHARES)
}

/// One to two.
pub fn share_1_to_2(scene: &mut Scene<'_>, contest: &Contest) -> Result<()> {
    let why = Text::new(
        indoc! {"
            Group a is given half of the default, and so gets 512 of 1536: one third. It is not cut
            down to half a processor; if b stopped, a would have all of it.
        "},
        indoc! {"
            그룹 a의 가중치를 기본값의 절반으로 줄입니다. 1536 중 512이므로 a의 몫은 3분의 1입니다.
            CPU 절반으로 제한한 것이 아닙니다. b가 실행을 멈추면 a가 전부 씁니다.
        "},
    );
    share(scene, contest, ("half", why), measured::HALF, &measured::HALF_SHARE)
}

/// One to four.
pub fn share_1_to_4(scene: &mut Scene<'_>, contest: &Contest) -> Result<()> {
    let why = Text::new(
        indoc! {"
            256 of 1280 is one fifth. docker run --cpu-shares and a Kubernetes pod's cpu request set
            this weight. Under v2 the runtime converts their number to a cpu.weight, by a formula of
            its own, and so the ratio may come out a little different.
        "},
        indoc! {"
            1280 중 256은 5분의 1입니다. docker run --cpu-shares와 쿠버네티스 파드의 cpu request가
            바로 이 가중치를 정합니다. v2에서는 컨테이너 런타임이 그 값을 자체 공식에 따라
            cpu.weight로 환산하므로 비율이 조금 달라질 수 있습니다.
        "},
    );
    share(scene, contest, ("quarter", why), measured::QUARTER, &measured::QUARTER_SHARE)
}

/// Three groups.
pub fn share_1_1_2(scene: &mut Scene<'_>, contest: &mut Contest) -> Result<()> {
    scene.step("three", Text::new(
            indoc! {"
                A third group with a third worker comes in, and all are weighed anew: a quarter, a
                quarter, a half. A group's part depends not on its own weight alone, but on which
                others want to run beside it.
            "},
            indoc! {"
                세 번째 그룹과 프로세스가 들어오면 모든 그룹의 몫이 새로 정해집니다. 4분의 1, 4분의 1,
                절반입니다. 그룹의 몫은 자신의 가중치만이 아니라, 함께 실행하려는 그룹이 무엇인지에
                따라 달라집니다.
            "},
        ))?;
    let shares = measured::THREE;
    let processor = contest.processor;
    scene.shell(format!(
        "mkdir c\n\
         taskset -c {processor} sh -c 'while :; do :; done' & echo $! > c/cgroup.procs\n{}",
        commands(contest, shares)
    ))?;
    scene.act(|cleanup| {
        contest.add(cleanup, "c")?;
        contest.set_shares(shares)
    })?;
    scene.prove(&[&measured::THREE_SHARES], &contest.subject())
}

/// A hard limit.
pub fn limit(scene: &mut Scene<'_>, contest: &Contest) -> Result<()> {
    scene.step("limit", Text::new(
            indoc! {"
                b and c end, so a has the processor to itself. Shares would give it all of it, but a
                quota holds without contention too. After 20 ms of each period the kernel throttles
                the group: it stands still until the next period, and nr_throttled goes up by one. That
                is docker run --cpus=0.2.
            "},
            indoc! {"
                b와 c를 종료해 a 혼자 CPU를 차지하게 합니다. 가중치만 있다면 전부 쓰겠지만
                상한(quota)은 경쟁이 없어도 적용됩니다. 주기마다 20ms를 쓰고 나면 커널은 다음
                주기까지 그룹 전체를 멈추고(스로틀링) nr_throttled를 1 올립니다. docker run
                --cpus=0.2가 이렇게 동작합니다.
            "},
        ))?;
    scene.shell(match contest.cpu {
        Cpu::V1 { .. } => {
            "kill %2 %3\n\
             echo 100000 > a/cpu.cfs_period_us\n\
             echo 20000 > a/cpu.cfs_quota_us   # v2: echo '20000 100000' > a/cpu.max\n\
             cat a/cpu.stat"
        }
        Cpu::V2 { .. } => {
            "kill %2 %3\n\
             echo '20000 100000' > a/cpu.max   # v1: echo 20000 > a/cpu.cfs_quota_us\n\
             cat a/cpu.stat"
        }
    })?;
    let Some((limited, others)) = contest.contestants.split_first() else { return Ok(()) };
    let (quota, period) = (measured::QUOTA.as_micros(), measured::PERIOD.as_micros());
    scene.act(|_| {
        others.iter().try_for_each(|one| one.worker.end())?;
        match contest.cpu {
            Cpu::V1 { .. } => {
                cgroup::set(&limited.group, "cpu.cfs_period_us", period)?;
                cgroup::set(&limited.group, "cpu.cfs_quota_us", quota)
            }
            Cpu::V2 { .. } => cgroup::set(&limited.group, "cpu.max", format!("{quota} {period}")),
        }
    })?;
    let mut subject = contest.subject();
    subject.groups.truncate(1);
    subject.others.truncate(1);
    scene.prove(&[&measured::LIMITED], &subject)
}

fn share(
    scene: &mut Scene<'_>,
    contest: &Contest,
    (id, why): (&'static str, Text),
    shares: &[u64],
    check: &'static Check,
) -> Result<()> {
    scene.step(id, why)?;
    scene.shell(commands(contest, shares))?;
    scene.act(|_| contest.set_shares(shares))?;
    scene.prove(&[check], &contest.subject())
}

/// The commands that set `shares`, with what the other version would want.
fn commands(contest: &Contest, shares: &[u64]) -> String {
    let line = |(name, shares): (&str, &u64)| {
        let weight = shares * 100 / 1024;
        match contest.cpu {
            Cpu::V1 { .. } => {
                format!(
                    "echo {shares} > {name}/cpu.shares   # v2: echo {weight} > {name}/cpu.weight"
                )
            }
            Cpu::V2 { .. } => {
                format!(
                    "echo {weight} > {name}/cpu.weight   # v1: echo {shares} > {name}/cpu.shares"
                )
            }
        }
    };
    let lines: Vec<String> = ["a", "b", "c"].into_iter().zip(shares).map(line).collect();
    lines.join("\n")
}
