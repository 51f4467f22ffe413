using System.Text;
using GateKeeper.Forges.PlainGit;
using GateKeeper.Git;
using LibGit2Sharp;

namespace GateKeeper.Tests;

/// <summary>What is replayed on the trunk stays what its authors made of it.</summary>
public sealed class ReplayedWords
{
    private const string Rules = World.Rules + "\nlanding: { method: rebase }";

    [Test]
    public async Task The_words_of_a_commit_stay_as_they_were_written()
    {
        const string words = "Mend the parser\nand the printer of it\n\n    make\ttest\n\n  * one\n\ttabbed\n\nRefs: #12\nSigned-off-by: ann <ann@example.org>";
        await using var world = await World.StartAsync(Rules);
        world.People.Push("feature", "ann", words, new Dictionary<string, string?> { ["x.txt"] = "x\n" });
        world.People.Push("main", "erin", "Other", new Dictionary<string, string?> { ["other.txt"] = "x\n" });
        var change = await world.People.ProposeAsync("feature", "ann", default);
        await world.ApproveAsync(change);

        await world.SettleAsync();

        var landed = await world.GitAsync("log", "-1", "--format=%B", "main");
        Assert.That(landed, Does.StartWith(words).And.EndsWith($"\nChange: {change}\nRevision: {change}"));
        Assert.That(await world.GitAsync("log", "-1", "--format=%(trailers:key=Signed-off-by,valueonly)", "main"), Is.EqualTo("ann <ann@example.org>"), landed);
        Assert.That(await world.GitAsync("log", "-1", "--format=%(trailers:key=Change,valueonly)", "main"), Is.EqualTo(change), landed);
    }

    [TestCase("merge")]
    [TestCase("squash")]
    public async Task A_description_keeps_its_first_indent_and_its_tabs(string method)
    {
        await using var world = await World.StartAsync(World.Rules + $"\nlanding: {{ method: {method} }}");
        world.People.Push("feature", "ann", "Add x", new Dictionary<string, string?> { ["x.txt"] = "x\n" });
        var change = await world.People.ProposeAsync("feature", "ann", default, description: "Add x\n\n    make\ttest\n\tx\n");
        await world.ApproveAsync(change);

        await world.SettleAsync();

        Assert.That(await world.GitAsync("log", "-1", "--format=%b", "main"), Does.StartWith("make\ttest\n\tx\n\n"), "the four blanks before it are cut by the reader of this story");
        Assert.That(await world.GitAsync("log", "-1", "--format=|%B", "main"), Does.Contain("\n\n    make\ttest\n\tx\n\n"));
    }

    [Test]
    public async Task What_would_forge_a_trailer_or_switch_off_a_CI_does_not_stay()
    {
        await using var world = await World.StartAsync(Rules);
        world.People.Push("feature", "ann", $"Mend it [skip ci]\n\nBell\u0007\r\n\nSigned-off-by: ann <ann@example.org>\nChange: 99\nskip-checks: true\nRevision: {new string('a', 40)}", new Dictionary<string, string?> { ["x.txt"] = "x\n" });
        world.People.Push("main", "erin", "Other", new Dictionary<string, string?> { ["other.txt"] = "x\n" });
        var change = await world.People.ProposeAsync("feature", "ann", default);
        await world.ApproveAsync(change);

        await world.SettleAsync();

        var landed = await world.GitAsync("log", "-1", "--format=%B", "main");
        Assert.That(landed, Does.StartWith("Mend it (skip ci)\n\nBell\n").And.Not.Contain("[skip ci]").And.Not.Contain("\nskip-checks:"));
        Assert.That(await world.GitAsync("log", "-1", "--format=%(trailers:key=Change,valueonly)%(trailers:key=Signed-off-by,valueonly)", "main"), Is.EqualTo($"{change}\nann <ann@example.org>"), landed);
    }

    [TestCase("rebase", "encoding ISO-8859-1\n")]
    [TestCase("rebase", "")]
    [TestCase("squash", "encoding ISO-8859-1\n")]
    [TestCase("merge", "encoding ISO-8859-1\n")]
    public async Task Words_in_another_encoding_are_read_as_they_were_meant(string method, string header)
    {
        await using var world = await World.StartAsync(World.Rules + $"\nlanding: {{ method: {method} }}");
        var plain = world.People.Push("feature", "ann", "x", new Dictionary<string, string?> { ["x.txt"] = "x\n" });
        using (var git = new Repository(world.Url))
        {
            var old = git.Lookup<Commit>(plain.Hex);
            var raw = Encoding.Latin1.GetBytes($"tree {old.Tree.Sha}\nparent {old.Parents.Single().Sha}\nauthor Jos\u00e9 <ann@example.org> 1700000000 +0100\ncommitter Jos\u00e9 <ann@example.org> 1700000000 +0100\n{header}\nDie Gr\u00f6\u00dfe\n\nSo gro\u00df.\n");
            var made = await new GitProgram(world.Url, Path.Combine(world.People.Directory, "home")).NeedAsync(["hash-object", "-t", "commit", "-w", "--stdin"], default, input: raw);
            git.Refs.UpdateTarget(git.Refs["refs/heads/feature"], new ObjectId(made.Text.Trim()));
        }

        world.People.Push("main", "erin", "Other", new Dictionary<string, string?> { ["other.txt"] = "x\n" });
        var change = await world.People.ProposeAsync("feature", "ann", default);
        await world.ApproveAsync(change);

        await world.SettleAsync();

        Assert.That(await world.GitAsync("log", "-1", "--format=%an|%B", "main"), Does.StartWith("Jos\u00e9|Die Gr\u00f6\u00dfe").And.Contain("So gro\u00df."));
    }

    [Test]
    public async Task A_commit_that_became_empty_goes_and_one_that_was_stays()
    {
        await using var world = await World.StartAsync(Rules);
        world.People.Push("feature", "ann", "Add x", new Dictionary<string, string?> { ["x.txt"] = "x\n" });
        world.People.Push("feature", "ann", "Begin anew", new Dictionary<string, string?>());
        world.People.Push("feature", "ann", "Add y", new Dictionary<string, string?> { ["y.txt"] = "y\n" });
        world.People.Push("main", "erin", "Other", new Dictionary<string, string?> { ["y.txt"] = "y\n" });
        var change = await world.People.ProposeAsync("feature", "ann", default);
        await world.ApproveAsync(change);

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Other", "Add x", "Begin anew" }));
        Assert.That(await world.GitAsync("log", "-1", "--format=%(trailers:key=Change,valueonly)", "main"), Is.EqualTo(change));
        Assert.That(await world.CommentsAsync(change), Has.One.StartsWith("landed on tool/main as"));
    }

    [TestCase("rebase")]
    [TestCase("squash")]
    public async Task A_change_of_which_nothing_is_left_does_not_land_and_is_told_why(string method)
    {
        await using var world = await World.StartAsync(World.Rules + $"\nlanding: {{ method: {method} }}");
        world.People.Push("feature", "ann", "Add y", new Dictionary<string, string?> { ["y.txt"] = "y\n" });
        world.People.Push("main", "erin", "Other", new Dictionary<string, string?> { ["y.txt"] = "y\n" });
        var change = await world.People.ProposeAsync("feature", "ann", default);
        await world.ApproveAsync(change);

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Other" }));
        Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Contain("nothing is left of it"));
        Assert.That(await world.CommentsAsync(change), Has.One.Contains("nothing is left of it"));
    }

    [Test]
    public async Task What_was_landed_and_reverted_is_refused_with_the_reason_when_it_is_proposed_again()
    {
        await using var world = await World.StartAsync(World.Rules + "\nlanding: { method: squash }");
        var change = await world.ProposeApprovedAsync("feature", "feature.txt");
        await world.SettleAsync();
        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add feature" }));
        world.Time.Pass(TimeSpan.FromMinutes(5));
        world.People.Push("main", "erin", "Revert it", new Dictionary<string, string?> { ["feature.txt"] = null });
        await world.SettleAsync();
        var client = await world.People.ClientAsync("ann", default);

        Assert.That(client.All().Where(review => !client.HasLanded(review)), Is.Empty, "it is listed no more");
        Assert.That(() => client.FindOpen("feature"), Throws.TypeOf<ReviewException>().With.Message.Contains("has landed"));
        Assert.That(() => client.ProposeAsync("feature", "main", null, [], default), Throws.TypeOf<ReviewException>().With.Message.Contains("has landed").And.Message.Contains("amend"));

        // Another client asks for it all the same.
        var request = new RequestLine { Timestamp = $"{world.Time.GetUtcNow().ToUnixTimeSeconds() + 60}", ReviewRef = "refs/heads/feature", TargetRef = "refs/heads/main", Requester = "ann@example.org", Reviewers = [], Description = "Again", BaseCommit = null };
        using (var other = await Mirror.OpenAsync(Path.Combine(world.People.Directory, "other.git"), world.Url, Path.Combine(world.People.Directory, "home"), null, default))
        {
            await other.RefreshAsync(_ => true, default);
            await new NoteWriter(other, world.Time).AppendAsync([new(Notes.Reviews, change, GoJson.Canonical(request))], Demo.DemoWorld.Person("ann"), default);
        }

        await world.SettleAsync();
        Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Contain("has landed").And.Contain("amend"));
        Assert.That(world.TrunkLog, Has.Count.EqualTo(3));
    }
}
