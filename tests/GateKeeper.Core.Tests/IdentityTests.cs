using GateKeeper.Core.Changes;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Tests;

/// <summary>Whatever of a definition can change how a run ends is in the key of its results; what only says what is done with them is not.</summary>
public sealed class IdentityTests
{
    private static readonly TestDefinition Test = new() { Name = "unit", Run = "make test", Prepare = new("make deps", PatternList.Of("deps/**"), Network: false, TimeSpan.FromMinutes(1)) };

    private static IEnumerable<TestCaseData> Others()
    {
        yield return Case("the command", true, test => test with { Run = "make check" });
        yield return Case("its time", true, test => test with { Timeout = TimeSpan.FromSeconds(1) });
        yield return Case("a variable", true, test => test with { Env = [new("A", "b")] });
        yield return Case("the network", true, test => test with { Network = true });
        yield return Case("the files of cases", true, test => test with { Junit = "*.xml" });
        yield return Case("no prepare step", true, test => test with { Prepare = null });
        yield return Case("the prepare step's command", true, test => test with { Prepare = test.Prepare! with { Run = "make other" } });
        yield return Case("the prepare step's time", true, test => test with { Prepare = test.Prepare! with { Timeout = TimeSpan.FromSeconds(1) } });
        yield return Case("the prepare step's network", true, test => test with { Prepare = test.Prepare! with { Network = true } });
        yield return Case("the prepare step's inputs", true, test => test with { Prepare = test.Prepare! with { Inputs = PatternList.Of("lib/**") } });
        yield return Case("its name", false, test => test with { Name = "other" });
        yield return Case("how often it is tried again", false, test => test with { Retries = 5 });
        yield return Case("whether it votes", false, test => test with { Voting = false });
    }

    [TestCaseSource(nameof(Others))]
    public void Identity(bool matters, Func<TestDefinition, TestDefinition> other) => Assert.That(other(Test).Identity != Test.Identity, Is.EqualTo(matters));

    private static TestCaseData Case(string what, bool matters, Func<TestDefinition, TestDefinition> other) =>
        new TestCaseData(matters, other).SetName($"{(matters ? "In the key: " : "Not in the key: ")}{what}");
}
