using GateKeeper.Forges.PlainGit;
using GateKeeper.Git;

namespace GateKeeper.Tests;

/// <summary>Ways in which an objection, a hold or the order of what was said could get lost, each tried against the running gate.</summary>
[Parallelizable(ParallelScope.All)] // Long together, and each has a world of its own.
public sealed class VoteAttacks
{
    private static readonly string GuardedRules = World.Rules.Replace("@example.org", "", StringComparison.Ordinal);

    [TestCase("""{"author":"carol@example.org","resolved":false}""", "vetoed by carol", TestName = "An objection needs no commit")]
    [TestCase("""{"author":"carol@example.org","location":{"commit":"abc123"},"resolved":false}""", "vetoed by carol", TestName = "Nor a whole one")]
    [TestCase("""{"author":"carol@example.org","AUTHOR":"bob@example.org","resolved":false}""", "what was said is not known", TestName = "What readers read differently is not passed over")]
    [TestCase("long", "what was said is not known", TestName = "What is too long to read is not passed over")]
    public async Task An_objection_that_is_hard_to_read_stands(string line, string reason)
    {
        await using var world = await World.StartAsync();
        var change = await world.ProposeApprovedAsync("feature", "feature.txt");
        line = line == "long" ? $$"""{"author":"carol@example.org","description":"{{new string('x', 70_000)}}","resolved":false}""" : line;
        var file = Path.Combine(world.People.Directory, "line");
        await File.WriteAllTextAsync(file, line);
        await world.GitAsync("-c", "user.name=carol", "-c", "user.email=carol@example.org", "notes", "--ref", Notes.Discuss, "append", "-F", file, change);

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));
        Assert.That(world.Status(change).Judgement.Whole.Reason + string.Join(";", world.Status(change).Judgement.Missing.Select(verdict => verdict.Reason)), Does.Contain(reason));
    }

    [Test]
    public async Task The_same_objection_in_the_same_words_objects_again()
    {
        await using var world = await World.StartAsync(GuardedRules, trusted: false);
        using var people = new People(world);
        var change = await ProposedAsync(people);
        var no = $$"""{"author":"bob@example.org","location":{"commit":"{{change}}"},"description":"no","resolved":false}""";
        Assert.That(await people.SayAsync("bob", Notes.Discuss, change, no), Is.Null);
        await people.VoteAsync("bob", change, speaksAs: "bob");
        Assert.That(await people.SayAsync("bob", Notes.Discuss, change, no), Is.Null);

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));
        Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Contain("vetoed by bob"));
    }

    [Test]
    public async Task Nobody_repeats_for_another_what_he_took_back()
    {
        await using var world = await World.StartAsync(GuardedRules, trusted: false);
        using var people = new People(world);
        var change = await ProposedAsync(people);
        var no = $$"""{"author":"bob@example.org","location":{"commit":"{{change}}"},"description":"no","resolved":false}""";
        await people.SayAsync("bob", Notes.Discuss, change, no);
        await people.VoteAsync("bob", change, speaksAs: "bob");
        await people.SayAsync("erin", Notes.Discuss, change, no);

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add feature" }));
    }

    [Test]
    public async Task Of_a_time_in_a_line_and_the_order_of_the_pushes_the_pushes_tell()
    {
        await using var world = await World.StartAsync(GuardedRules, trusted: false);
        using var people = new People(world);
        var change = await ProposedAsync(people);
        await people.VoteAsync("bob", change, speaksAs: "bob");
        await people.SayAsync("bob", Notes.Discuss, change, $$"""{"timestamp":"{{world.Time.GetUtcNow().AddMinutes(-5).ToUnixTimeSeconds()}}","author":"bob@example.org","resolved":false}""");

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));
        Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Contain("vetoed by bob"));
    }

    [Test]
    public async Task Who_pushed_a_commit_first_may_not_approve_it_whoever_is_said_to_have_made_it()
    {
        await using var world = await World.StartAsync(GuardedRules, trusted: false);
        using var people = new People(world);
        var change = await ProposedAsync(people);
        people.Push("bob", "feature", "bobs.txt", author: "ann");
        people.Push("ann", "feature", "anns.txt");
        await people.VoteAsync("bob", change, speaksAs: "bob");
        await world.SettleAsync();
        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));
        Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Contain("bob pushed"));

        await people.VoteAsync("carol", change, speaksAs: "carol");
        await world.SettleAsync();
        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add feature" }));
    }

    [Test]
    public async Task Also_where_he_pushed_it_to_another_branch()
    {
        await using var world = await World.StartAsync(GuardedRules, trusted: false);
        using var people = new People(world);
        await people.GuardAsync();
        people.Push("bob", "his", "bobs.txt", author: "ann");
        await people.MoveAsync("ann", "refs/heads/feature", "refs/heads/his");
        var change = await people.ProposeAsync("ann", "feature");
        await people.VoteAsync("bob", change, speaksAs: "bob");

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));
    }

    [TestCase("refs/heads/his", TestName = "Also where he pushed more on top of it to another branch")]
    [TestCase("refs/tags/his", TestName = "Also where he pushed it as a tag")]
    public async Task Also_where_another_ref_brought_it(string where)
    {
        await using var world = await World.StartAsync(GuardedRules, trusted: false);
        using var people = new People(world);
        await people.GuardAsync();
        var first = await people.CommitAsync("bob", null, "bobs.txt", author: "ann");
        var last = where.StartsWith("refs/tags/", StringComparison.Ordinal) ? first : await people.CommitAsync("bob", first, "more.txt", author: "ann");
        Assert.That(await people.PushAsync("bob", $"{last}:{where}"), Is.Null);
        Assert.That(await people.PushAsync("ann", $"{first}:refs/heads/feature"), Is.Null);

        var change = await people.ProposeAsync("ann", "feature");
        await people.VoteAsync("bob", change, speaksAs: "bob");
        await world.SettleAsync();
        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));
        Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Contain("bob pushed"));
    }

    [Test]
    public async Task Also_where_it_was_there_before_the_guard_and_nobody_knows_who_pushed_it()
    {
        await using var world = await World.StartAsync(GuardedRules, trusted: false);
        using var people = new People(world);
        world.People.Push("feature", "ann", "Add feature", new Dictionary<string, string?> { ["feature.txt"] = "x\n" });
        await people.GuardAsync();
        people.Push("ann", "feature", "anns.txt");
        var change = await people.ProposeAsync("ann", "feature");
        await people.VoteAsync("bob", change, speaksAs: "bob");
        await world.SettleAsync();
        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));
        Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Contain("does not tell who pushed"));

        await people.AskAsync("ann", change, "/gatekeeper land");
        await world.SettleAsync();
        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add feature" }));
    }

    [Test]
    public async Task A_hold_stands_though_the_log_of_its_push_has_not_come_yet()
    {
        await using var world = await World.StartAsync(GuardedRules, trusted: false);
        using var people = new People(world);
        var change = await ProposedAsync(people);
        await people.AskAsync("ann", change, "/gatekeeper hold");
        await people.AskAsync("ann", change, "/gatekeeper unhold");
        await people.VoteAsync("bob", change, speaksAs: "bob");
        await UnloggedAsync(world, change, "ann", "/gatekeeper hold wait");

        await world.SettleAsync();
        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));
        Assert.That(world.Status(change).Judgement.Missing.Select(verdict => verdict.Reason), Has.Some.Contain("held by ann: wait"));

        await people.AskAsync("ann", change, "/gatekeeper unhold");
        await world.SettleAsync();
        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add feature" }));
    }

    [Test]
    public async Task What_was_said_before_the_guard_holds_up_and_opens_nothing()
    {
        await using var world = await World.StartAsync(GuardedRules, trusted: false);
        var change = await world.ProposeApprovedAsync("feature", "feature.txt");
        await world.SayAsync(change, "ann", "/gatekeeper hold");
        await world.People.VoteAsync(change, "carol", false, "no", default);
        using var people = new People(world);
        await people.GuardAsync();
        people.Push("ann", "feature", "more.txt");
        await people.AskAsync("erin", change, "something to begin the log with");

        await world.SettleAsync();
        Assert.That(world.Status(change).Judgement.Missing.Select(verdict => verdict.Reason), Has.Some.Contain("held by ann").And.Some.Contain("vetoed by carol"));

        await people.AskAsync("ann", change, "/gatekeeper unhold");
        await people.VoteAsync("carol", change, speaksAs: "carol");
        await people.AskAsync("ann", change, "/gatekeeper land");
        await world.SettleAsync();
        Assert.That(world.TrunkLog[^1], Is.EqualTo("Add feature"));
        Assert.That(world.TrunkLog, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task A_push_that_cannot_be_logged_is_told_to_who_pushed()
    {
        await using var world = await World.StartAsync(GuardedRules, trusted: false);
        using var people = new People(world);
        await people.GuardAsync();
        await File.WriteAllTextAsync(Path.Combine(world.Url, PushLog.Ref + ".lock"), "");

        Assert.That(async () => await new Guard(world.Url, TimeProvider.System).LogAsync([new(new('1', 40), new('2', 40), "refs/heads/x")], default),
            Throws.TypeOf<GitException>().With.Message.Contains("tell the server's operator"));
    }

    private static async Task<string> ProposedAsync(People people)
    {
        await people.GuardAsync();
        people.Push("ann", "feature", "feature.txt");
        return await people.ProposeAsync("ann", "feature");
    }

    /// <summary>As it is between the moment when the notes have moved and the one when the log has.</summary>
    private static Task<string> UnloggedAsync(World world, string change, string by, string words) =>
        world.GitAsync("-c", $"user.name={by}", "-c", $"user.email={by}@example.org", "notes", "--ref", Notes.Discuss, "append", "-m",
            GoJson.Canonical(new CommentLine { Author = $"{by}@example.org", Location = new(change, null, null), Description = words }), change);
}
