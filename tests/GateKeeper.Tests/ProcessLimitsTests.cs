using GateKeeper.Runs;

namespace GateKeeper.Tests;

/// <summary>The limits of a run's processes, as the kernel tells those of the worker.</summary>
public sealed class ProcessLimitsTests
{
    private const string Wide = """
        Limit                     Soft Limit           Hard Limit           Units
        Max cpu time              60                   unlimited            seconds
        Max file size             unlimited            unlimited            bytes
        Max data size             unlimited            unlimited            bytes
        Max stack size            1048576              unlimited            bytes
        Max core file size        0                    unlimited            bytes
        Max processes             64                   96365                processes
        Max open files            1048576              1048576              files
        Max locked memory         65536                65536                bytes
        Max address space         unlimited            unlimited            bytes
        Max file locks            unlimited            unlimited            locks
        Max msgqueue size         819200               819200               bytes
        Max nice priority         0                    0
        """;

    [Test]
    public void Whatever_the_worker_was_started_with_a_run_has_the_usual_ones()
    {
        var limits = new ProcessLimits(RunRoom.Limits, Wide);

        Assert.That(limits.Narrow, Is.Null);
        Assert.That(
            string.Join(' ', limits.Command(byGroup: true)),
            Is.EqualTo("prlimit --core=0 --as=unlimited:unlimited --cpu=unlimited:unlimited --data=unlimited:unlimited --fsize=unlimited:unlimited --locks=unlimited:unlimited --memlock=65536:65536 --msgqueue=819200:819200 --nofile=1024: --nproc=96365:96365 --stack=8388608: --"));
        Assert.That(string.Join(' ', limits.Command(byGroup: false)), Does.Contain("--data=268435456:268435456 --fsize=33554432:33554432").And.Contain("--nproc=40:40"));
    }

    [Test]
    public void What_cannot_be_lifted_is_named()
    {
        var limits = new ProcessLimits(RunRoom.Limits, Wide.Replace("60                   unlimited ", "60                   3600      ", StringComparison.Ordinal).Replace("1048576              1048576", "1048576              256    ", StringComparison.Ordinal));

        Assert.That(limits.Narrow, Is.EqualTo("cpu time 3600, open files 256"));
        Assert.That(string.Join(' ', limits.Command(byGroup: true)), Does.Contain("--cpu=3600:3600").And.Contain("--nofile=256: "));
    }
}
