using GateKeeper.Core.Reports;

namespace GateKeeper.Core.Tests;

/// <summary>Limits that only the program saw which hit them, as it writes of them.</summary>
public sealed class LimitSignsTests
{
    [TestCase("dd: error writing 'big': No space left on device", Scarce.Disk, TestName = "What libc says")]
    [TestCase("Error: ENOSPC: no space left on device, write", Scarce.Disk, TestName = "What Node says")]
    [TestCase("open /tmp/x: no space left on device", Scarce.Disk, TestName = "What Go says")]
    [TestCase("sqlite3.OperationalError: database or disk is full", Scarce.Disk, TestName = "What SQLite says")]
    [TestCase("OSError: [Errno 27] File too large", Scarce.Disk, TestName = "What Python says of one large file")]
    [TestCase("Error: EMFILE: too many open files, open 'x'", Scarce.OpenFiles, TestName = "What Node says of files")]
    [TestCase("java.net.SocketException: Too many open files", Scarce.OpenFiles, TestName = "What Java says of files")]
    [TestCase("tail: memory exhausted", Scarce.Memory, TestName = "What coreutils say of memory")]
    [TestCase("terminate called after throwing an instance of 'std::bad_alloc'", Scarce.Memory, TestName = "What C++ says of memory")]
    [TestCase("System.OutOfMemoryException: Insufficient memory", Scarce.Memory, TestName = "What .NET says of memory")]
    [TestCase("==8==ERROR: AddressSanitizer failed to allocate 0xdfff0001000 (15392894357504) bytes at address 2008fff7000 (errno: 12)", Scarce.Memory, TestName = "What sanitizers say, which want more than any machine has")]
    [TestCase("MemoryError", Scarce.Memory, TestName = "What Python says of memory")]
    [TestCase("sh: 1: Cannot fork", Scarce.Processes, TestName = "What a shell says of processes")]
    [TestCase("bash: fork: Resource temporarily unavailable", Scarce.Processes, TestName = "What another shell says of processes")]
    [TestCase("java.lang.OutOfMemoryError: unable to create native thread: possibly out of memory or process/resource limits reached", Scarce.Processes, TestName = "What Java says of threads, which it calls memory")]
    [TestCase("expected 4, was 5", Scarce.Nothing, TestName = "Most failures are failures")]
    public void What_was_scarce_is_read_from_the_log(string log, Scarce scarce) => Assert.That(LimitSigns.Of($"one\n{log}\nmore", 1, isGrouped: false), Is.EqualTo(scarce));

    [Test]
    public void Of_what_a_group_bounds_the_kernel_tells_itself()
    {
        Assert.That(LimitSigns.Of("MemoryError", 1, isGrouped: true), Is.EqualTo(Scarce.Nothing));
        Assert.That(LimitSigns.Of("sh: 1: Cannot fork", 1, isGrouped: true), Is.EqualTo(Scarce.Nothing));
        Assert.That(LimitSigns.Of("too many open files", 1, isGrouped: true), Is.EqualTo(Scarce.OpenFiles));
        Assert.That(LimitSigns.Of("", 153, isGrouped: true), Is.EqualTo(Scarce.Disk), "the signal of a file that is too large");
    }
}
