using GateKeeper.Core.Landing;

namespace GateKeeper.Core.Tests;

/// <summary>Which of several reports on a revision is the last is for the forge to say, not for who reports.</summary>
public sealed class CheckTests
{
    [Test]
    public void The_last_report_in_the_forges_order_counts_whatever_times_they_bear()
    {
        Assert.That(Said(("failure", 2, 0), ("success", 1, 9)), Does.Contain("build reported failure"));
        Assert.That(Said(("failure", 1, 9), ("success", 2, 0)), Does.Contain("passed"));
    }

    [Test]
    public void Where_the_order_is_not_known_reports_that_differ_are_no_pass()
    {
        Assert.That(Said(("failure", null, 0), ("success", 2, 9)), Does.Contain("which of them came last is not known"));
        Assert.That(Said(("failure", null, 0), ("success", null, 9)), Does.Contain("which of them came last is not known"));
        Assert.That(Said(("failure", 2, 0), ("success", 2, 9)), Does.Not.Contain("passed"));
        Assert.That(Said(("success", 2, 9), ("failure", 2, 0)), Does.Not.Contain("passed"));
        Assert.That(Said(("success", null, 0), ("success", null, 9)), Does.Contain("passed"));
    }

    private static string Said(params (string State, long? Order, int Minute)[] reports)
    {
        var world = new ToyWorld(1)
        {
            Rules = Make.Rules("""
            version: 1
            tests: { unit: { check: build, from: { account: ci }, on: revision } }
            gates:
              - { name: tests, require: { tests: all } }
            """),
        };
        world.Open[1] = world.Open[1] with
        {
            Checks = [.. reports.Select(report => new Changes.Check
            {
                Name = "build",
                On = world.Open[1].Current.Commit,
                Source = [new("account", "ci")],
                State = report.State,
                Order = report.Order,
                At = new(2026, 11, 20, 12, report.Minute, 0, TimeSpan.Zero),
            })],
        };
        return Planner.Decide(world.Snapshot()).Open.Single().Judgement.Gates.Single().Reason;
    }
}
