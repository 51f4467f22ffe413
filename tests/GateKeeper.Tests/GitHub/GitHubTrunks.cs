namespace GateKeeper.Tests.GitHub;

/// <summary>One trunk of the gate's is proposed for another, as people do it on GitHub: the branch itself.</summary>
public sealed class GitHubTrunks
{
    [TestCase("merge")]
    [TestCase("squash")]
    public async Task What_landed_on_one_is_known_on_the_other_with_its_sign_offs_and_dependencies(string method)
    {
        await using var world = await GitHubWorld.StartAsync(gates: "  - { name: signed, require: { trailer: Signed-off-by } }");
        var first = await ProposeAsync("one", "");
        var second = await ProposeAsync("two", $"Depends-On: #{first}\n\n");
        await world.Place.ApproveAsync("bob", first);
        await world.Place.ApproveAsync("bob", second);
        await world.SettleAsync();
        await world.SettleAsync();
        Assert.That(await world.Place.TrunkLogAsync("stable"), Has.Count.EqualTo(3));
        if (method == "squash")
            await world.Place.PushAsync(GitHubPlace.Admin, "main", "Squash from now on", new Dictionary<string, string?> { ["rules.yaml"] = world.Place.File("rules.yaml") + "landing: { method: squash }\n" });

        var join = await world.Place.OpenAsync("ana", "stable", "Bring it home");
        await world.Place.ApproveAsync("bob", join);
        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Has.Member("Bring it home"), string.Join('\n', world.House.Pictures.SelectMany(picture => picture.Plan.Open).Select(open => open.Judgement.Whole.Reason)));
        Assert.That((world.Place.File("one.txt"), world.Place.File("two.txt")), Is.EqualTo(("one.txt\n", "two.txt\n")));

        async Task<int> ProposeAsync(string name, string more)
        {
            await world.Place.PushAsync("ana", name, $"Add {name}\n\n{more}Signed-off-by: ana <ana@example.org>", new Dictionary<string, string?> { [$"{name}.txt"] = $"{name}.txt\n" }, world.Place.Tip("stable"));
            return await world.Place.OpenAsync("ana", name, $"Add {name}", "stable");
        }
    }

    [Test]
    public async Task A_commit_that_became_empty_and_that_GitHub_keeps_stops_nothing()
    {
        await using var world = await GitHubWorld.StartAsync("landing: { method: rebase }");
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.Place.PushAsync("ana", "add-feature.txt", "Add what is there", new Dictionary<string, string?> { ["there.txt"] = "x\n" });
        await world.Place.PushAsync(GitHubPlace.Admin, "main", "Past the gate", new Dictionary<string, string?> { ["there.txt"] = "x\n" });
        await world.Place.ApproveAsync("bob", pull);

        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Past the gate", "Add feature.txt", "Add what is there" }));
        Assert.That(await world.Place.StateAsync(pull), Is.EqualTo("MERGED"));
        Assert.That(world.Alarms, Has.None.StartsWith("stopped"));
    }
}
