namespace GateKeeper.Tests.GitHub;

/// <summary>Stories of the gate on GitHub.</summary>
public sealed class GitHubScenarios
{
    private static readonly string[] OnlyTheBeginning = ["The beginning"];

    [Test]
    public async Task A_pull_request_is_tested_reviewed_and_landed_and_GitHub_shows_it_merged()
    {
        await using var world = await GitHubWorld.StartAsync();
        var pull = await world.Place.ProposeAsync("ana", "feature.txt");
        await world.SettleAsync();
        var check = (await world.Place.GateChecksAsync(pull)).Single();
        Assert.That((check.Status, check.Title), Is.EqualTo(("in_progress", "Waiting: 0 of 1 approvals from core")), world.Why(pull));
        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));

        await world.Place.ApproveAsync("bob", pull);
        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(new[] { "The beginning", "Add feature.txt" }));
        Assert.That(await world.Place.StateAsync(pull), Is.EqualTo("MERGED"));
        check = (await world.Place.GateChecksAsync(pull)).Single();
        Assert.That((check.Status, check.Conclusion, check.Title), Is.EqualTo(("completed", "success", $"Landed on widgets/main as {world.Place.Tip()[..10]}.")));
        Assert.That(await world.Place.GateCommentsAsync(pull), Is.Empty, "nobody had to act, so nobody is written to");
        var landed = world.Place.CommitOf(world.Place.Tip());
        Assert.That((landed.Author.Name, landed.Committer.Email), Is.EqualTo(("ana", "99001+gatekeeper[bot]@users.noreply.127.0.0.1")));
        Assert.That(world.Alarms, Is.Empty);
    }

    [Test]
    public async Task A_pull_request_whose_tests_fail_is_told_so_once_and_does_not_land()
    {
        await using var world = await GitHubWorld.StartAsync();
        var pull = await world.Place.ProposeAsync("ana", "bad");
        await world.Place.ApproveAsync("bob", pull);

        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That(await world.TrunkLogAsync(), Is.EqualTo(OnlyTheBeginning));
        Assert.That(await world.Place.GateCommentsAsync(pull), Has.One.Contains("tests failed: unit failed"));
        Assert.That((await world.Place.GateChecksAsync(pull)).Select(check => (check.Status, check.Conclusion)), Is.EqualTo(new[] { ("completed", "failure") }));
    }

    [Test]
    public async Task A_rules_file_with_errors_is_marked_at_its_lines()
    {
        await using var world = await GitHubWorld.StartAsync();
        await world.Place.PushAsync("ana", "rules", "Change the rules", new Dictionary<string, string?> { ["rules.yaml"] = "version: 1\ngates:\n  - { name: x, require: { approvals: 1, from: cor } }\n" });
        var pull = await world.Place.OpenAsync("ana", "rules", "Change the rules");

        await world.SettleAsync();

        var check = (await world.Place.GateChecksAsync(pull)).Single();
        Assert.That(check.Conclusion, Is.EqualTo("failure"));
        Assert.That(check.Title, Does.StartWith("Configuration error: the rules.yaml it brings is invalid: 3:"));
        Assert.That(world.Place.Repository.CheckRuns.Single(run => run.Id == check.Id).Annotations.Select(item => $"{item}"), Has.Some.Contains("rules.yaml").And.Some.Contains("there is no group"));
    }

    [Test]
    public async Task A_dependency_is_named_as_people_write_it_here()
    {
        await using var world = await GitHubWorld.StartAsync();
        var first = await world.Place.ProposeAsync("ana", "first.txt");
        string[] names = [$"#{first}.", $"acme/widgets#{first} (the first one)", $"GH-{first}", $"{world.Place.Url}acme/widgets/pull/{first}/files#diff", $"{world.Place.Url}acme/widgets/pull/{first}/", $"widgets/{first}", $"[#{first}]({world.Place.Url}acme/widgets/pull/{first})", $"{first}", $"#0{first}"];
        var others = new List<int>();
        foreach (var (number, name) in names.Index())
        {
            await world.Place.PushAsync("ana", $"other{number}", $"Add {number}", new Dictionary<string, string?> { [$"{number}.txt"] = "x\n" });
            others.Add(await world.Place.OpenAsync("ana", $"other{number}", $"Add {number}", body: $"Depends-On: {name}"));
            await world.Place.ApproveAsync("bob", others[^1]);
        }

        const string elsewhere = "https://github.example/acme/widgets/pull/";
        await world.Place.PushAsync("ana", "elsewhere", "Add e", new Dictionary<string, string?> { ["e.txt"] = "x\n" });
        var foreign = await world.Place.OpenAsync("ana", "elsewhere", "Add e", body: $"Depends-On: {elsewhere}{first}");
        await world.Place.ApproveAsync("bob", foreign);
        await world.Place.PushAsync("ana", "titled", "Add t", new Dictionary<string, string?> { ["t.txt"] = "x\n" });
        others.Add(await world.Place.OpenAsync("ana", "titled", $"Depends-On: #{first}", body: "Add t"));
        await world.Place.ApproveAsync("bob", others[^1]);
        await world.SettleAsync();
        Assert.That(world.Why(foreign), Is.EqualTo($"depends on {elsewhere}{first}, which is not open for main"));

        foreach (var (number, other) in others.Index())
            Assert.That(world.Why(other), Is.EqualTo($"depends on {first}, which is not ready to land"), number < names.Length ? names[number] : "in the title");
    }
}
