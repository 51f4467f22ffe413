namespace GateKeeper.Tests;

/// <summary>Somebody deletes the worker's copy of a repository, or a part of it: it is made anew, and nothing lands meanwhile that should not.</summary>
public sealed class MirrorLossScenarios
{
    [TestCase("", true, TestName = "A mirror that is deleted under a running worker is made anew")]
    [TestCase("refs", true, TestName = "A mirror whose refs are deleted under a running worker is made anew")]
    [TestCase("objects/*", true, TestName = "A mirror whose objects are deleted under a running worker is made anew")]
    [TestCase("objects", false, TestName = "A mirror whose objects are deleted between two runs is made anew")]
    [TestCase("HEAD", false, TestName = "A mirror whose HEAD is deleted between two runs is made anew")]
    public async Task A_mirror_that_is_deleted_is_made_anew(string part, bool running)
    {
        await using var world = await World.StartAsync();
        var one = await world.ProposeApprovedAsync("one", "one.txt");
        var two = await world.ProposeAsync("two", "two.txt");
        await world.SettleAsync();
        Assert.That(world.TrunkLog[^1], Is.EqualTo("Add one"));
        if (!running)
            await world.CloseAsync();

        using var shell = new Terminal();
        await shell.ShellAsync($"rm -rf {world.Settings.Work}/mirrors/tool.git/{part}");
        var three = await world.ProposeApprovedAsync("three", "three.txt");
        await world.ApproveAsync(two);
        for (var rounds = 0; rounds < 2; rounds++)
        {
            try
            {
                await world.SettleAsync();
            }
            catch (Exception error)
            {
                TestContext.Out.WriteLine($"round {rounds}: {error.GetType().Name} {error.Message}");
            }

            world.Time.Pass(TimeSpan.FromMinutes(10));
        }

        Assert.That(world.TrunkLog, Is.EquivalentTo(new[] { "The beginning", "Add one", "Add two", "Add three" }));
        Assert.That(world.Alarms, Is.Empty);
    }
}
