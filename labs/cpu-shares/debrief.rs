//! What is said once all of this lab is proven.

use crate::lab::debrief::Debrief;
use crate::text::Text;

/// Where weights and quotas are met.
pub static DEBRIEF: Debrief = Debrief {
    met: &[
        (
            "docker run --cpu-shares",
            Text::new(
                "the weight: cpu.shares, under v2 cpu.weight",
                "가중치. cpu.shares, v2에서는 cpu.weight",
            ),
        ),
        (
            "docker run --cpus",
            Text::new(
                "the quota: cpu.cfs_quota_us, under v2 cpu.max",
                "상한. cpu.cfs_quota_us, v2에서는 cpu.max",
            ),
        ),
        (
            "requests.cpu, limits.cpu",
            Text::new(
                "of a Kubernetes container: its weight, and its quota",
                "Kubernetes 컨테이너의 필드. 차례로 가중치와 상한입니다",
            ),
        ),
        (
            "CPUWeight=, CPUQuota=",
            Text::new(
                "of a systemd unit: the same two",
                "systemd 유닛의 설정. 역시 가중치와 상한입니다",
            ),
        ),
    ],
    left_out: Text::new(
        "groups within groups: a group's share is a part of its parent's",
        "그룹 안의 그룹은 다루지 않았습니다. 그룹의 몫은 부모가 받은 몫에서 나뉩니다",
    ),
    deeper: Text::new(
        "Put a second busy process into one of the two groups. What becomes of the groups' ratio, and of each process?",
        "두 그룹 중 하나에 바쁜 프로세스를 하나 더 넣어 보십시오. 그룹 사이의 비율과 프로세스 각각의 몫은 어떻게 됩니까?",
    ),
};
