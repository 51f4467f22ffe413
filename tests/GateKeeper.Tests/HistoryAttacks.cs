namespace GateKeeper.Tests;

/// <summary>What a commit that landed says of landings is believed only where the gate wrote it, or where the store says the very same.</summary>
public sealed class HistoryAttacks
{
    [TestCase(false)]
    [TestCase(true)]
    public async Task A_commit_that_landed_as_it_was_says_nothing_of_another_change(bool stacked)
    {
        await using var world = await World.StartAsync(World.Rules + "\nlanding: { method: fast-forward }");
        var other = await world.ProposeAsync("other", "other.txt");
        world.People.Push("feature", "erin", $"Add feature\n\nChange: {other}\nRevision: {other}", new Dictionary<string, string?> { ["feature.txt"] = "x\n" });
        await world.ApproveAsync(await world.People.ProposeAsync("feature", "erin", default));
        await world.SettleAsync();
        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add feature" }));
        await world.CloseAsync();
        await world.People.VoteAsync(other, "carol", false, "no", default);
        if (stacked)
        {
            var tree = (await world.GitAsync("merge-tree", "--write-tree", "main", "other")).Split('\n')[0];
            await world.GitAsync("update-ref", "refs/heads/above", await world.GitAsync("-c", "user.name=erin", "-c", "user.email=erin@example.org", "commit-tree", tree, "-p", "main", "-p", "other", "-m", "Go on"));
            world.People.Push("above", "erin", "Add above", new Dictionary<string, string?> { ["above.txt"] = "x\n" });
            var request = Forges.PlainGit.GoJson.Canonical(new Forges.PlainGit.RequestLine { Timestamp = $"{world.Time.GetUtcNow().ToUnixTimeSeconds()}", ReviewRef = "refs/heads/above", TargetRef = "refs/heads/main", Requester = "erin@example.org", Description = "Add above" });
            await world.GitAsync("-c", "user.name=erin", "-c", "user.email=erin@example.org", "notes", "--ref", Forges.PlainGit.Notes.Reviews, "append", "-m", request, "above");
            await world.ApproveAsync(await world.GitAsync("rev-parse", "above"));
        }

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add feature" }));
        Assert.That(world.Status(other).Judgement.Whole.Reason, Does.Contain("vetoed by"));
    }
}
