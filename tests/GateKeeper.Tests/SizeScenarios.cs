namespace GateKeeper.Tests;

/// <summary>How large real changes are: with files that do not count, and files that git sees as renamed.</summary>
public sealed class SizeScenarios
{
    private const string Rules = """
        version: 1
        gates: [{ name: small, require: { size: { max-lines: 20, max-files: 2, except: ["**/*.lock", "gen/**"] } } }]
        """;

    [Test]
    public async Task What_does_not_count_may_be_large_and_a_renamed_file_is_one_file_and_what_is_moved_to_where_it_counts_counts_whole()
    {
        await using var world = await World.StartAsync(Rules);
        world.People.Push("main", "erin", "Grow", new Dictionary<string, string?> { ["old.c"] = Lines(100), ["gen/x.c"] = Lines(500), ["sub/yarn.lock"] = "1\n" });

        _ = await ProposeAsync("moved", new Dictionary<string, string?> { ["old.c"] = null, ["new.c"] = $"{Lines(100)}one more\n", ["sub/yarn.lock"] = Lines(5000), ["gen/y.c"] = Lines(5000), ["a.txt"] = "a\n" });
        var brought = await ProposeAsync("brought", new Dictionary<string, string?> { ["gen/x.c"] = null, ["src/x.c"] = Lines(500) });
        var many = await ProposeAsync("many", new Dictionary<string, string?> { ["1"] = "1\n", ["2"] = "2\n", ["3"] = "3\n" });
        await world.SettleAsync();

        Assert.That(world.TrunkLog, Has.Some.Contain("moved").And.None.Contain("brought").And.None.Contain("many"));
        Assert.That(Why(brought), Is.EqualTo("500 lines changed, at most 20 are allowed (not counted: **/*.lock, gen/**)"));
        Assert.That(Why(many), Is.EqualTo("3 files changed, at most 2 are allowed (not counted: **/*.lock, gen/**)"));

        async Task<string> ProposeAsync(string branch, Dictionary<string, string?> files)
        {
            world.People.Push(branch, "ann", $"Add {branch}", files);
            return await world.People.ProposeAsync(branch, "ann", default, "main");
        }

        string Why(string change) => world.Status(change).Judgement.Gates.Single().Reason;
    }

    private static string Lines(int count) => string.Concat(Enumerable.Range(0, count).Select(line => $"{line}: a line\n"));
}
