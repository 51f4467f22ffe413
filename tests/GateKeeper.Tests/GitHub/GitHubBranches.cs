namespace GateKeeper.Tests.GitHub;

/// <summary>A branch of a fork is never taken for the repository's own of that name.</summary>
public sealed class GitHubBranches
{
    private const string Gates = "  - { name: releases, when: { source-branches: [\"release/*\", \"dave:release/*\"] }, require: { labels: [release] } }";

    [Test]
    public async Task A_gate_for_a_branch_tells_forks_apart_and_waits_where_the_fork_is_gone()
    {
        await using var world = await GitHubWorld.StartAsync(gates: Gates);
        var own = await OpenAsync("ana", "release/1");
        var named = await OpenAsync("dave", "release/2", "dave");
        var other = await OpenAsync("carol", "release/3", "carol");
        var gone = await OpenAsync("mallory", "release/4", "mallory");
        await world.Place.DeleteForkAsync("mallory");

        await world.SettleAsync();

        Assert.That(world.Why(own), Does.Contain("the label release is missing"));
        Assert.That(world.Why(named), Does.Contain("the label release is missing"));
        Assert.That(world.Why(other), Does.Not.Contain("release"));
        Assert.That(world.Why(gone), Does.Contain("it is not known whether this gate applies: it is not known which branch it comes from"));

        async Task<int> OpenAsync(string who, string branch, string? fork = null)
        {
            await world.Place.PushAsync(who, branch, $"Add {branch}", new Dictionary<string, string?> { [$"{branch.Replace('/', '-')}.txt"] = "x\n" }, fork: fork);
            return await world.Place.OpenAsync(who, branch, $"Add {branch}", "main", fork: fork);
        }
    }
}
