using GateKeeper.Forges.PlainGit;
using GateKeeper.Git;
using LibGit2Sharp;

namespace GateKeeper.Tests;

/// <summary>People who write notes by hand, past the clients, to hide what others said or to say it for them.</summary>
public sealed class NoteAttacks
{
    private static readonly string GuardedRules = World.Rules.Replace("@example.org", "", StringComparison.Ordinal);

    [Test]
    public async Task A_note_in_two_places_is_refused_by_the_guard()
    {
        await using var world = await World.StartAsync(GuardedRules, trusted: false);
        using var people = new People(world);
        await people.GuardAsync();
        var change = await VetoedAsync(people);

        var refusal = await people.PushNotesAsync("erin", Notes.Discuss, (repository, tree) => Twice(repository, tree!, change, Said(world, "erin", change, "nothing to see")));

        Assert.That(refusal, Does.Contain("is there twice"));
    }

    [Test]
    public async Task What_is_said_in_either_place_of_a_note_is_said()
    {
        await using var world = await World.StartAsync();
        var change = await world.ProposeApprovedAsync("feature", "feature.txt");
        await world.People.VoteAsync(change, "carol", false, "not like this", default);
        using (var repository = new Repository(world.Url))
        {
            var old = repository.Refs[Notes.Discuss].ResolveToDirectReference().TargetIdentifier;
            var tree = repository.Lookup<Tree>(Twice(repository, repository.Lookup<Commit>(old).Tree, change, Said(world, "bob", change, "fine", true)));
            var signature = Demo.DemoWorld.Person("mallory").Sign(TimeProvider.System.GetUtcNow());
            repository.Refs.Add(Notes.Discuss, repository.ObjectDatabase.CreateCommit(signature, signature, "notes\n", tree, [repository.Lookup<Commit>(old)], prettifyMessage: false).Id, allowOverwrite: true);
        }

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));
        Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Contain("carol"));
    }

    [Test]
    public async Task A_note_too_large_to_read_makes_the_change_wait()
    {
        await using var world = await World.StartAsync();
        var change = await world.ProposeApprovedAsync("feature", "feature.txt");
        using (var repository = new Repository(world.Url))
        {
            var old = repository.Lookup<Commit>(repository.Refs[Notes.Discuss].ResolveToDirectReference().TargetIdentifier);
            var blob = repository.ObjectDatabase.CreateBlob(new MemoryStream([.. Enumerable.Repeat((byte)'\n', Notes.MaxNote + 1)]));
            var signature = Demo.DemoWorld.Person("mallory").Sign(TimeProvider.System.GetUtcNow());
            var tree = repository.ObjectDatabase.CreateTree(TreeDefinition.From(old.Tree).Add(change, blob, Mode.NonExecutableFile));
            repository.Refs.Add(Notes.Discuss, repository.ObjectDatabase.CreateCommit(signature, signature, "notes\n", tree, [old], prettifyMessage: false).Id, allowOverwrite: true);
        }

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));
        Assert.That(world.Status(change).Judgement.Missing.Select(verdict => verdict.Reason), Has.Some.Contain("what was said is not known"));
    }

    [Test]
    public async Task What_is_no_note_is_not_carried_where_no_tip_shows_it()
    {
        await using var world = await World.StartAsync(GuardedRules, trusted: false);
        using var people = new People(world);
        await people.GuardAsync();
        await VetoedAsync(people);

        var refusal = await people.PushNotesAsync("erin", Notes.Discuss, (repository, tree) =>
        {
            var old = repository.Lookup<Commit>(repository.Refs[Mirror.Local(Notes.Discuss)].TargetIdentifier);
            var signature = Demo.DemoWorld.Person("erin").Sign(TimeProvider.System.GetUtcNow());
            var zeros = TreeDefinition.From(tree).Add("zeros", repository.ObjectDatabase.CreateBlob(new MemoryStream(new byte[Notes.MaxNote + 1])), Mode.NonExecutableFile);
            var hidden = repository.ObjectDatabase.CreateCommit(signature, signature, "notes\n", repository.ObjectDatabase.CreateTree(zeros), [old], prettifyMessage: false);
            return repository.ObjectDatabase.CreateCommit(signature, signature, "notes\n", tree, [hidden], prettifyMessage: false).Sha;
        });

        Assert.That(refusal, Does.Contain("it brings an object of more than 4 MiB, which is no note"));
    }

    [Test]
    public async Task Nobody_says_so_much_that_others_are_not_read_any_more()
    {
        await using var world = await World.StartAsync(GuardedRules, trusted: false);
        using var people = new People(world);
        await people.GuardAsync();
        var change = await VetoedAsync(people);
        var flood = string.Concat(Enumerable.Range(0, 3).Select(i => Said(world, "erin", change, $"{i}{new string('x', 60_000)}") + "\n"));

        var refusal = await people.PushNotesAsync("erin", Notes.Discuss, (repository, tree) =>
            Notes.With(repository, tree, [KeyValuePair.Create(change, Blob(repository, tree![change].Target.Peel<Blob>().GetContentText() + flood))]).Sha);

        Assert.That(refusal, Does.Contain("erin has said more than 128 KiB"));
    }

    [Test]
    public async Task Nobody_takes_over_anothers_review()
    {
        await using var world = await World.StartAsync(GuardedRules, trusted: false);
        using var people = new People(world);
        await people.GuardAsync();
        people.Push("ann", "feature", "feature.txt");
        await people.ProposeAsync("ann", "feature");

        Assert.That(async () => await people.ProposeAsync("erin", "feature"), Throws.TypeOf<GitException>().With.Message.Contains("the review is another's"));
    }

    [Test]
    public async Task A_review_requested_again_by_somebody_else_keeps_its_author()
    {
        await using var world = await World.StartAsync();
        var change = await world.ProposeAsync("feature", "feature.txt");
        await world.SayAsync(change, "ann", "/gatekeeper hold not yet");
        await world.People.ProposeAsync("feature", "mallory", default);
        await world.ApproveAsync(change);

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));
        Assert.That(world.Status(change).Change.Author.Name, Is.EqualTo("ann@example.org"));
        Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Contain("held by ann"));
    }

    [Test]
    public async Task What_is_no_commit_is_no_note()
    {
        await using var world = await World.StartAsync(GuardedRules, trusted: false);
        using var people = new People(world);
        await people.GuardAsync();
        await VetoedAsync(people);

        var refusal = await people.PushNotesAsync("erin", Notes.Discuss, (repository, _) =>
            repository.ObjectDatabase.CreateTagAnnotation("t", repository.Lookup<Commit>(repository.Refs["refs/forge/notes/devtools/discuss"].TargetIdentifier), Demo.DemoWorld.Person("erin").Sign(TimeProvider.System.GetUtcNow()), "a tag").Sha);

        Assert.That(refusal, Does.Contain("it must be a commit"));
    }

    [Test]
    public async Task A_notes_ref_that_is_no_commit_closes_the_trunk_and_crashes_nothing()
    {
        await using var world = await World.StartAsync();
        var change = await world.ProposeApprovedAsync("feature", "feature.txt");
        var tag = await world.GitAsync("mktag", $"<object {await world.GitAsync("rev-parse", Notes.Discuss)}\ntype commit\ntag t\ntagger erin <erin@example.org> 0 +0000\n\na tag");
        await world.GitAsync("update-ref", Notes.Discuss, tag);

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));
        Assert.That($"{world.House.Pictures.Single().Closed}", Does.Contain("is no commit"));
        Assert.That(await world.GitAsync("rev-parse", Notes.Discuss), Is.EqualTo(tag), "and the gate writes nothing over it");
    }

    [Test]
    public async Task A_branch_that_is_proposed_for_two_trunks_makes_what_is_stacked_on_it_wait()
    {
        await using var world = await World.StartAsync(World.Rules.Replace("version: 1", "version: 1\ntrunks: [main, \"release/*\"]", StringComparison.Ordinal));
        world.Configure(repository => repository with { Trunks = ["main", "release/*"] });
        await world.GitAsync("branch", "release/1", "main");
        await world.ProposeAsync("below", "below.txt");
        var change = await world.ProposeAsync("above", "above.txt", on: "below");
        world.People.Push("below", "mallory", "Mine too", new Dictionary<string, string?> { ["mine.txt"] = "x\n" });
        var mine = await world.GitAsync("rev-parse", "below");
        var request = new RequestLine { Timestamp = "1", ReviewRef = "refs/heads/below", TargetRef = "refs/heads/release/1", Requester = "mallory@example.org", Description = "Mine" };
        await world.GitAsync("-c", "user.name=m", "-c", "user.email=m@example.org", "notes", "--ref", Notes.Reviews, "append", "-m", GoJson.Canonical(request), mine);
        await world.ApproveAsync(change);

        await world.SettleAsync();

        Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Contain("is proposed for main and release/1"));
    }

    [TestCase(new[] { 3, 37 }, TestName = "A directory of three digits")]
    [TestCase(new[] { 1, 39 }, TestName = "A directory of one digit")]
    [TestCase(new[] { 4, 36 }, TestName = "A directory of four digits")]
    [TestCase(new[] { 2, 2, 2, 2, 32 }, TestName = "A fan-out deeper than any that git makes")]
    public async Task A_note_where_git_puts_none_is_refused_and_stops_nobody_where_it_lies_already(int[] lengths)
    {
        await using var world = await World.StartAsync(GuardedRules, trusted: false);
        using var people = new People(world);
        await people.GuardAsync();
        people.Push("ann", "feature", "feature.txt");
        var change = await people.ProposeAsync("ann", "feature");
        var at = 0;
        var path = string.Join('/', lengths.Select(length => change[at..(at += length)]));
        string Odd(Repository repository, Tree? tree) => repository.ObjectDatabase.CreateTree((tree is null ? new TreeDefinition() : TreeDefinition.From(tree)).Add(path, Blob(repository, Said(world, "erin", change, "hello") + "\n"), Mode.NonExecutableFile)).Sha;

        Assert.That(await people.PushNotesAsync("erin", Notes.Discuss, Odd), Does.Contain("git puts no note there"));

        using (var repository = new Repository(world.Url))
        {
            var signature = Demo.DemoWorld.Person("erin").Sign(TimeProvider.System.GetUtcNow());
            repository.Refs.Add(Notes.Discuss, repository.ObjectDatabase.CreateCommit(signature, signature, "notes\n", repository.Lookup<Tree>(Odd(repository, null)), [], prettifyMessage: false).Id, allowOverwrite: true);
        }

        await people.VoteAsync("bob", change, speaksAs: "bob");
        await world.SettleAsync();
        Assert.That(world.TrunkLog, Has.Member("Add feature"));
    }

    [TestCase(32, true, TestName = "Where somebody chose what his notes annotate so that git opens one more level it is opened for all")]
    [TestCase(31, false, TestName = "Where fewer lie git opens no level")]
    public void A_crowd_of_notes(int notes, bool opened)
    {
        var keys = Enumerable.Range(0, notes).Select(i => $"ab{i % 16:x}{i / 16:x}{new string('0', 36)}").ToList();
        var places = NotePlaces.Read(string.Concat(keys.Select(key => $"100644 blob {new string('1', 40)}\t{key[..2]}/{key[2..4]}/{key[4..]}\0")));

        Assert.That(places.IsPlace($"ab/cd/{new string('e', 36)}"), Is.EqualTo(opened));
        Assert.That(places.IsPlace($"ab/cd/ef/{new string('e', 34)}"), Is.False);
        Assert.That(places.IsPlace($"cd/ab/{new string('e', 36)}"), Is.False, "below another there is none");
    }

    [Test]
    public async Task A_note_under_a_name_in_capitals_is_refused()
    {
        await using var world = await World.StartAsync(GuardedRules, trusted: false);
        using var people = new People(world);
        await people.GuardAsync();
        var change = await VetoedAsync(people);

        var refusal = await people.PushNotesAsync("erin", Notes.Discuss, (repository, tree) => repository.ObjectDatabase.CreateTree(
            TreeDefinition.From(tree!).Add(change.ToUpperInvariant(), Blob(repository, Said(world, "erin", change, "hello") + "\n"), Mode.NonExecutableFile)).Sha);

        Assert.That(refusal, Does.Contain("git puts no note there"));
    }

    [TestCase(false, false, TestName = "An acceptance edited to a rejection is none")]
    [TestCase(null, false, TestName = "An acceptance edited to say nothing is none")]
    [TestCase(false, true, TestName = "Nor one whose edit is edited to a rejection")]
    [TestCase(null, true, TestName = "Nor one whose edit is edited to say nothing")]
    public async Task An_edited_acceptance(bool? resolved, bool twice)
    {
        await using var world = await World.StartAsync();
        var change = await world.ProposeAsync("feature", "feature.txt");
        var line = new CommentLine { Timestamp = "1", Author = "bob@example.org", Location = new(change, null, null), Description = "fine", Resolved = true };
        var edit = line with { Timestamp = "2", Original = GoJson.Hash(GoJson.Canonical(line)), Resolved = twice ? true : resolved, Description = "not so fine" };
        CommentLine[] said = twice ? [line, edit, edit with { Timestamp = "3", Original = GoJson.Hash(GoJson.Canonical(edit)), Resolved = resolved }] : [line, edit];
        foreach (var one in said)
            await world.GitAsync("-c", "user.name=bob", "-c", "user.email=bob@example.org", "notes", "--ref", Notes.Discuss, "append", "-m", GoJson.Canonical(one), change);

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));
    }

    [TestCase(true, TestName = "An edit that rejects counts where it writes the hash in capitals")]
    [TestCase(false, TestName = "Also where nobody knows what it is an edit of")]
    public async Task A_rejecting_edit(bool known)
    {
        await using var world = await World.StartAsync();
        var change = await world.ProposeAsync("feature", "feature.txt");
        var line = new CommentLine { Timestamp = "1", Author = "bob@example.org", Location = new(change, null, null), Description = "fine", Resolved = true };
        var edit = line with { Timestamp = "2", Original = known ? GoJson.Hash(GoJson.Canonical(line)).ToUpperInvariant() : new('1', 40), Resolved = false };
        foreach (var one in new[] { line, edit })
            await world.GitAsync("-c", "user.name=bob", "-c", "user.email=bob@example.org", "notes", "--ref", Notes.Discuss, "append", "-m", GoJson.Canonical(one), change);

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));
        Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Contain("vetoed by bob"));
    }

    [Test]
    public async Task Who_takes_back_an_old_acceptance_does_not_take_back_his_objection()
    {
        await using var world = await World.StartAsync();
        var change = await world.ProposeAsync("feature", "feature.txt");
        var line = new CommentLine { Timestamp = "1", Author = "carol@example.org", Location = new(change, null, null), Description = "fine", Resolved = true };
        CommentLine[] said = [line, line with { Timestamp = "2", Resolved = false, Description = "no" }, line with { Timestamp = "3", Original = GoJson.Hash(GoJson.Canonical(line)), Resolved = null }];
        foreach (var one in said)
            await world.GitAsync("-c", "user.name=carol", "-c", "user.email=carol@example.org", "notes", "--ref", Notes.Discuss, "append", "-m", GoJson.Canonical(one), change);
        await world.ApproveAsync(change);

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));
        Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Contain("vetoed by carol"));
    }

    private static async Task<string> VetoedAsync(People people)
    {
        people.Push("ann", "feature", "feature.txt");
        var change = await people.ProposeAsync("ann", "feature");
        await people.VoteAsync("bob", change, speaksAs: "bob");
        return change;
    }

    private static string Said(World world, string by, string change, string words, bool? resolved = null) => GoJson.Canonical(new CommentLine
    {
        Timestamp = world.Time.GetUtcNow().ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture),
        Author = $"{by}@example.org",
        Location = new(change, null, null),
        Description = words,
        Resolved = resolved,
    });

    private static Blob Blob(Repository repository, string text) => repository.ObjectDatabase.CreateBlob(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)));

    /// <summary>The note moved into a fan-out, and another of the same name beside it that holds one line only.</summary>
    private static string Twice(Repository repository, Tree tree, string key, string line)
    {
        var moved = TreeDefinition.From(tree).Remove(key).Add($"{key[..2]}/{key[2..]}", tree[key].Target.Peel<Blob>(), Mode.NonExecutableFile);
        return repository.ObjectDatabase.CreateTree(moved.Add(key, Blob(repository, line + "\n"), Mode.NonExecutableFile)).Sha;
    }
}
