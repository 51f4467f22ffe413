using GateKeeper.Core.Landing;
using GateKeeper.Runs;
using GateKeeper.Store;

namespace GateKeeper.Tests;

/// <summary>What a result belongs to, and what it says nothing of.</summary>
public sealed class KeyScenarios
{
    private static readonly Func<RunLimits, RunLimits>[] Others =
    [
        limits => limits with { Memory = limits.Memory - 1 }, limits => limits with { Disk = limits.Disk - 4096 }, limits => limits with { Processes = limits.Processes - 1 }, limits => limits with { Output = limits.Output - 1 },
    ];

    [TestCase(true, TestName = "What the operator lets a run use is in every key")]
    [TestCase(false, TestName = "What the operator lets a run use is in every key without a sandbox, too")]
    public void Limits(bool sandboxed)
    {
        var work = Directory.CreateTempSubdirectory("gatekeeper-keys-").FullName;
        using var scratch = Scratch.Open(work);

        var fingerprints = Others.Select(other => other(RunRoom.Limits)).Append(RunRoom.Limits).Select(Fingerprint).ToList();

        Assert.That(fingerprints, Is.Unique.And.All.Not.Empty);
        Assert.That(Fingerprint(RunRoom.Limits with { Slots = 7 }), Is.EqualTo(fingerprints[^1]), "how many run beside each other decides nothing");

        string Fingerprint(RunLimits limits) => sandboxed ? Sandbox.Find(work, scratch.Path, limits, [], out var problem, looking: true)?.Fingerprint ?? throw new InvalidOperationException(problem) : new NoSandbox(limits).Fingerprint;
    }

    [Test]
    public void A_test_that_a_change_brings_says_nothing_of_the_trunks_test_of_that_name()
    {
        using var database = Database.Open(Path.Combine(Directory.CreateTempSubdirectory("gatekeeper-keys-").FullName, "store.db"));
        var time = new ManualTime();
        var results = new Results(database, time);
        Run("trunk", isBrought: false, RunOutcome.Passed, TimeSpan.FromSeconds(30));

        Run("brought", isBrought: true, RunOutcome.Failed, TimeSpan.FromHours(5));
        Run("brought", isBrought: true, RunOutcome.Passed, TimeSpan.FromHours(5));

        Assert.That(results.Durations("tool/main"), Is.EqualTo(new Dictionary<string, TimeSpan> { ["unit"] = TimeSpan.FromSeconds(30) }));
        Assert.That(database.Read("SELECT test FROM flakes", row => row.GetString(0)), Is.Empty);
        Assert.That(results.Known["brought"].PassedAt, Is.Not.Null, "its own people see what came of it");

        void Run(string key, bool isBrought, RunOutcome outcome, TimeSpan takes)
        {
            var order = new RunOrder(new() { Name = "unit", Run = "true" }, key, new(new("1"), new(new("1"), new("2"))), new("3"), RunPurpose.Proposal, new("ana")) { IsBrought = isBrought };
            var id = results.Begin("tool/main", order, "tree", "");
            time.Pass(takes);
            results.End(id, order, outcome, "");
        }
    }
}
