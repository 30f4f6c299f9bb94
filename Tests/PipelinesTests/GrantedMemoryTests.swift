import Pipelines
import Testing

/// What control groups grant, from files as Linux has them.
@Suite struct GrantedMemoryTests {
  @Test func theGroupsAboveCountToo() {
    // Version 2: a job of Slurm within its step; the group in between has the limit.
    let files = [
      "/sys/fs/cgroup/system.slice/slurm/job_7/step_0/memory.max": "max\n",
      "/sys/fs/cgroup/system.slice/slurm/job_7/memory.max": "8589934592\n",
      "/sys/fs/cgroup/memory.max": "17179869184\n",
    ]
    #expect(Host.limits("0::/system.slice/slurm/job_7/step_0\n") { files[$0] } == [8 << 30, 16 << 30])
  }

  @Test func version1HasAControllerOfItsOwn() {
    let files = [
      "/sys/fs/cgroup/memory/docker/abc/memory.limit_in_bytes": "1073741824\n",
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
      "/sys/fs/cgroup/memory/other/memory.limit_in_bytes": "5\n",
    ]
    let groups = "12:cpu,cpuacct:/other\n5:memory:/docker/abc\n1:name=systemd:/other\n"
    #expect(Host.limits(groups) { files[$0] } == [1 << 30, 9_223_372_036_854_771_712])
    #expect(Host.limits("", contents: { files[$0] }) == [])
    #expect(Host.limits("nonsense\n0::/absent\n") { _ in nil } == [])
  }

  @Test func thisMachineGrantsSomething() {
    #expect(Host.grantedMemoryBytes > 0 && Host.grantedMemoryBytes <= Host.memoryBytes)
    #expect(Host.defaultMemoryBytes == Host.grantedMemoryBytes / 2)
  }
}
