using GateKeeper.Git;
using LibGit2Sharp;

namespace GateKeeper.Tests;

/// <summary>What git itself lets people do to a gate that trusts it too much, each tried against the running gate.</summary>
public sealed class GitHoles
{
    [Test]
    public async Task Many_commits_in_the_gates_own_name_are_one_reason_told_once()
    {
        await using var world = await World.StartAsync();
        var at = "main";
        for (var number = 0; number < 9; number++)
            at = await world.GitAsync("-c", "user.name=gatekeeper", "-c", "user.email=gatekeeper@localhost", "commit-tree", "main^{tree}", "-p", at, "-m", $"A landing that never was {number}");
        await world.GitAsync("update-ref", "refs/heads/forged", at);
        world.People.Push("forged", "ann", "Add forged", new Dictionary<string, string?> { ["more.txt"] = "x\n" });
        var change = await world.People.ProposeAsync("forged", "ann", default);
        await world.ApproveAsync(change);

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));
        Assert.That(world.Status(change).Judgement.Obstacles.Where(obstacle => obstacle.Reason.Contains("never landed", StringComparison.Ordinal)).Select(obstacle => obstacle.Reason).Single(), Does.Contain("and 4 more, commits in the gate's own name that never landed"));
    }

    [Test]
    public async Task A_changes_own_attributes_merge_nothing_that_conflicts()
    {
        await using var world = await World.StartAsync();
        await world.ProposeApprovedAsync("first", "a.txt", "first\n");
        world.People.Push("second", "ann", "Second", new Dictionary<string, string?> { ["a.txt"] = "second\n", [".gitattributes"] = "* merge=union\n" });
        var change = await world.People.ProposeAsync("second", "ann", default);
        await world.SettleAsync();
        await world.ApproveAsync(change);

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add first" }));
        Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Contain("it does not merge with main in a.txt"));
    }

    [Test]
    public async Task The_trunks_attributes_hold_for_what_is_merged_into_it()
    {
        await using var world = await World.StartAsync();
        world.People.Push("main", "ann", "Notes are joined", new Dictionary<string, string?> { [".gitattributes"] = "a.txt merge=union\n" });
        await world.ProposeApprovedAsync("one", "a.txt", "a\none\n");
        await world.ProposeApprovedAsync("two", "a.txt", "a\ntwo\n");

        await world.SettleAsync();

        Assert.That(await world.GitAsync("show", "main:a.txt"), Does.StartWith("a\n").And.Contain("one").And.Contain("two"));
    }

    [Test]
    public async Task A_run_sees_the_bytes_that_were_committed_whatever_the_attributes_say()
    {
        await using var world = await World.StartAsync(World.Rules.Replace("sh test.sh", """ '! test -e id.txt || { test "$(cat id.txt)" = "$(printf "\044Id\044 x")" && ! test -e filtered; }' """.Trim(), StringComparison.Ordinal));
        world.People.Push("id", "ann", "Add id", new Dictionary<string, string?>
        {
            ["id.txt"] = "$Id$ x\n",
            [".gitattributes"] = "* text eol=crlf ident filter=evil working-tree-encoding=UTF-16\n",
        });
        var change = await world.People.ProposeAsync("id", "ann", default);
        await world.ApproveAsync(change);

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add id" }));
    }

    [Test]
    public async Task An_edit_that_a_merge_carries_to_where_the_file_now_lies_counts_for_both_places()
    {
        await using var world = await World.StartAsync(World.Rules.Replace("groups: {", "groups: { operations: { users: [carol@example.org] },", StringComparison.Ordinal) + """

              - { name: operations, when: { paths: ["deploy/**"] }, require: { approvals: 1, from: operations } }
            """);
        var edit = await world.ProposeApprovedAsync("edit", "a.txt", "a\nand more\n");
        world.People.Push("main", "ann", "Move it", new Dictionary<string, string?> { ["a.txt"] = null, ["deploy/prod.txt"] = "a\n" });

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Move it" }));
        Assert.That(world.Status(edit).Judgement.Whole.Reason, Does.Contain("operations"));

        await world.ApproveAsync(edit, "carol");
        await world.SettleAsync();
        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Move it", "Add edit" }));
        Assert.That(await world.GitAsync("show", "main:deploy/prod.txt"), Does.Contain("and more"));
    }

    [TestCase("if a:\n    b()\n    c()\n", TestName = "An approval is not carried to a revision that differs by its white space")]
    [TestCase("if a:\n    b()\nc()\n", TestName = "An approval is not carried to a revision that brings one commit more, though its files are the same")]
    public async Task Approvals_are_carried_commit_by_commit(string second)
    {
        await using var world = await World.StartAsync("carry-approvals: same-diff\n" + World.Rules);
        var change = await world.ProposeApprovedAsync("script", "x.py", "if a:\n    b()\nc()\n");
        world.People.Push("script", "ann", "Add script", new Dictionary<string, string?> { ["x.py"] = second });

        await world.SettleAsync();
        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));

        await world.ApproveAsync(change);
        await world.SettleAsync();
        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add script" }));
    }

    [Test]
    public async Task A_submodule_in_conflict_is_told_and_the_next_answer_is_the_next_changes_own()
    {
        await using var world = await World.StartAsync();
        foreach (var (branch, on, id) in ((string, string?, char)[])[("main", null, '1'), ("one", "main", '2'), ("two", "main", '3')])
            Link(world, branch, on, id);
        var (one, two) = (await world.People.ProposeAsync("one", "ann", default), await world.People.ProposeAsync("two", "ann", default));
        await world.ApproveAsync(one);
        await world.SettleAsync();
        await world.ApproveAsync(two);
        await world.ProposeApprovedAsync("feature", "feature.txt");

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Submodule 1", "Submodule 2", "Add feature" }));
        Assert.That(world.Status(two).Judgement.Whole.Reason, Does.Contain("it does not merge with main in sub"));
        Assert.That(await world.GitAsync("ls-tree", "-r", "--name-only", "main"), Is.EqualTo("a.txt\nfeature.txt\nrules.yaml\nsub\ntest.sh"));
    }

    [Test]
    public async Task A_server_whose_own_copy_is_shallow_is_said_to_be_so()
    {
        await using var world = await World.StartAsync();
        world.People.Push("main", "ann", "Grow", new Dictionary<string, string?> { ["more.txt"] = "x\n" });
        await world.ProposeApprovedAsync("feature", "feature.txt");
        await File.WriteAllTextAsync(Path.Combine(world.Url, "shallow"), await world.GitAsync("rev-parse", "main") + "\n");

        await world.SettleAsync();

        Assert.That(world.House.Notebook.Alarms.Select(alarm => $"{alarm.Name}: {alarm.Words}"), Has.Some.StartWith("unreadable:tool: refs/heads/main cannot be fetched").And.Contain("may be shallow"));
        File.Delete(Path.Combine(world.Url, "shallow"));
        for (var looks = 0; looks < 3; looks++)
        {
            world.Time.Pass(TimeSpan.FromSeconds(61));
            await world.SettleAsync();
        }

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Grow", "Add feature" }));
        Assert.That(world.Alarms, Is.Empty);
    }

    private static void Link(World world, string branch, string? on, char id)
    {
        using var repository = new Repository(world.Url);
        var below = repository.Branches[on ?? branch].Tip;
        var ann = Demo.DemoWorld.Person("ann").Sign(world.Time.GetUtcNow());
        var tree = TreeDefinition.From(below).AddGitLink("sub", new ObjectId(new string(id, 40)));
        repository.Refs.Add($"refs/heads/{branch}", repository.ObjectDatabase.CreateCommit(ann, ann, $"Submodule {id}\n", repository.ObjectDatabase.CreateTree(tree), [below], prettifyMessage: false).Id, allowOverwrite: true);
    }

    [Test]
    public async Task A_replaced_object_replaces_nothing()
    {
        await using var world = await World.StartAsync();
        var change = await world.ProposeAsync("feature", "feature.txt");
        var lax = world.People.Push("lax", "ann", "Nobody need approve", new Dictionary<string, string?> { ["rules.yaml"] = World.Rules.Replace("approvals: 1", "approvals: 0", StringComparison.Ordinal) });
        await world.GitAsync("replace", await world.GitAsync("rev-parse", "main"), lax.Hex);
        await world.GitAsync("replace", await world.GitAsync("rev-parse", "main:rules.yaml"), await world.GitAsync("rev-parse", $"{lax.Hex}:rules.yaml"));

        await world.SettleAsync();

        Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Contain("0 of 1 approvals"));
        Assert.That(world.TrunkLog, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Behind_the_guard_no_other_name_leads_to_the_trunk()
    {
        await using var world = await World.StartAsync(trusted: false);
        using var people = new People(world);
        await people.GuardAsync();
        people.Push("ann", "feature", "feature.txt");
        var tip = await world.GitAsync("rev-parse", "main");
        await world.GitAsync("symbolic-ref", "refs/heads/alias", "refs/heads/main");

        Assert.That(async () => await people.MoveAsync("ann", "refs/heads/alias", "refs/heads/feature"), Throws.TypeOf<GitException>().With.Message.Contains("only the gate (gatekeeper) moves a trunk"));
        Assert.That(async () => await people.MoveAsync("ann", $"refs/replace/{tip}", "refs/heads/feature"), Throws.TypeOf<GitException>().With.Message.Contains("refs of this name are not taken here"));
        Assert.That(async () => await people.MoveAsync("ann", "refs/gatekeeper/push-log", "refs/heads/feature"), Throws.TypeOf<GitException>().With.Message.Contains("not taken here"));
        Assert.That(await world.GitAsync("rev-parse", "main"), Is.EqualTo(tip));
    }

    [TestCase("merge")]
    [TestCase("squash")]
    [TestCase("rebase")]
    public async Task A_depth_that_a_later_commit_takes_out_again_is_one_changes_failure(string method)
    {
        await using var world = await World.StartAsync($"landing: {{ method: {method} }}\n{World.Rules}");
        using (var repository = new Repository(world.Url))
        {
            var main = repository.Branches["main"].Tip;
            var tree = repository.ObjectDatabase.CreateTree(new TreeDefinition().Add("x", repository.ObjectDatabase.CreateBlob(new MemoryStream()), Mode.NonExecutableFile));
            for (var depth = 0; depth < 1000; depth++)
                tree = repository.ObjectDatabase.CreateTree(new TreeDefinition().Add("d", tree));
            var ann = Demo.DemoWorld.Person("ann").Sign(world.Time.GetUtcNow());
            var deep = repository.ObjectDatabase.CreateCommit(ann, ann, "Deep\n", repository.ObjectDatabase.CreateTree(TreeDefinition.From(main).Add("d", tree)), [main], prettifyMessage: false);
            var flat = repository.ObjectDatabase.CreateCommit(ann, ann, "Flat\n", main.Tree, [deep], prettifyMessage: false);
            repository.Refs.Add("refs/heads/deep", flat.Id);
        }

        var change = await world.People.ProposeAsync("deep", "ann", default);
        await world.SayAsync(change, "bob", "/gatekeeper test");
        await world.ApproveAsync(change);
        await world.ProposeApprovedAsync("feature", "feature.txt");

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add feature" }));
        Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Contain("nested deeper"));
    }

    [Test]
    public async Task The_guard_reads_what_was_pushed_and_not_what_is_said_to_replace_it()
    {
        await using var world = await World.StartAsync(trusted: false);
        using var people = new People(world);
        await people.GuardAsync();
        people.Push("ann", "feature", "feature.txt");
        var change = await people.ProposeAsync("ann", "feature");
        await people.AskAsync("ann", change, "please look");
        var before = await world.GitAsync("rev-parse", Forges.PlainGit.Notes.Discuss);
        await world.GitAsync("-c", "user.name=erin", "-c", "user.email=erin@example.org", "notes", "--ref", Forges.PlainGit.Notes.Discuss, "append", "-m", $$"""{"author":"bob@example.org","location":{"commit":"{{change}}"},"resolved":true}""", change);
        var forged = await world.GitAsync("rev-parse", Forges.PlainGit.Notes.Discuss);
        await world.GitAsync("update-ref", Forges.PlainGit.Notes.Discuss, before);
        await world.GitAsync("update-ref", "refs/heads/forged", forged);
        var harmless = await world.GitAsync("-c", "user.name=erin", "-c", "user.email=erin@example.org", "commit-tree", $"{before}^{{tree}}", "-p", before, "-m", "Nothing");
        await world.GitAsync("replace", forged, harmless);

        Assert.That(await people.PushAsync("erin", $"{forged}:{Forges.PlainGit.Notes.Discuss}"), Does.Contain("erin may not speak as"));
    }

    [Test]
    public async Task A_commit_in_the_gates_name_that_never_landed_is_blocked()
    {
        await using var world = await World.StartAsync();
        var forged = await world.GitAsync("-c", "user.name=gatekeeper", "-c", "user.email=gatekeeper@localhost", "commit-tree", "main^{tree}", "-p", "main", "-m", "A landing that never was");
        await world.GitAsync("update-ref", "refs/heads/forged", forged);
        world.People.Push("forged", "ann", "Add forged", new Dictionary<string, string?> { ["more.txt"] = "x\n" });
        var change = await world.People.ProposeAsync("forged", "ann", default);
        await world.ApproveAsync(change);

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Has.Count.EqualTo(1));
        Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Contain("in the gate's own name"));
    }
}
