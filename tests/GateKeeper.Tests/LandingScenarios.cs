using GateKeeper.Store;

namespace GateKeeper.Tests;

/// <summary>Stories on a real repository; what counts is the trunk's log and what people were told.</summary>
public sealed class LandingScenarios
{
    [Test]
    public async Task A_change_is_proposed_tested_voted_on_and_landed()
    {
        await using var world = await World.StartAsync();
        var change = await world.ProposeAsync("feature", "feature.txt");
        await world.SettleAsync();
        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));
        Assert.That(await world.CommentsAsync(change), Has.One.Contains("tests passed").And.Contains("0 of 1 approvals from core"));

        await world.ApproveAsync(change);
        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add feature" }));
        Assert.That(await world.CommentsAsync(change), Has.One.StartsWith("landed on tool/main as"));
        Assert.That(await world.GitAsync("log", "-1", "--format=%an %cn%n%(trailers:key=Revision,valueonly)", "main"), Does.StartWith("ann gatekeeper"));
        Assert.That(await world.GitAsync("notes", "--ref", "refs/notes/devtools/ci", "show", await world.GitAsync("rev-parse", "feature")), Does.Contain("\"status\":\"success\",\"agent\":\"gatekeeper\""));
    }

    [Test]
    public async Task A_new_revision_after_approval_does_not_land()
    {
        await using var world = await World.StartAsync();
        var change = await world.ProposeApprovedAsync("feature", "feature.txt");
        world.People.Push("feature", "ann", "Sneak this in", new Dictionary<string, string?> { ["sneaked.txt"] = "x\n" });

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));
        Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Contain("bob@example.org approved"));
    }

    [Test]
    public async Task A_vote_that_was_taken_back_does_not_count()
    {
        await using var world = await World.StartAsync();
        var change = await world.ProposeApprovedAsync("feature", "feature.txt");
        world.Time.Pass(TimeSpan.FromSeconds(5));
        await (await world.People.ClientAsync("bob", default)).WithdrawAsync(change, default);

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));
    }

    [Test]
    public async Task A_red_change_is_ejected_once_and_those_behind_it_land()
    {
        await using var world = await World.StartAsync();
        await world.ProposeApprovedAsync("one", "one.txt");
        var bad = await world.ProposeApprovedAsync("two", "bad");
        await world.ProposeApprovedAsync("three", "three.txt");

        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add one", "Add three" }));
        Assert.That((await world.CommentsAsync(bad)).Count(words => words.StartsWith("tests failed", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That(world.Status(bad).Outcome, Is.EqualTo("tests failed"));
    }

    [TestCase("squash", new[] { "The beginning", "Add feature" }, "Add feature")]
    [TestCase("rebase", new[] { "The beginning", "Other", "Add feature", "And more" }, "And more")]
    [TestCase("merge", new[] { "The beginning", "Other", "Add feature" }, "Add feature")]
    public async Task Each_method_lands_the_change_with_its_author(string method, string[] log, string last)
    {
        await using var world = await World.StartAsync(World.Rules + $"\nlanding: {{ method: {method} }}");
        await world.ProposeAsync("feature", "feature.txt");
        world.People.Push("feature", "ann", "And more", new Dictionary<string, string?> { ["more.txt"] = "x\n" });
        if (method != "squash")
            world.People.Push("main", "erin", "Other", new Dictionary<string, string?> { ["other.txt"] = "x\n" });
        await world.ApproveAsync("feature");

        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(log));
        Assert.That(await world.GitAsync("log", "-1", "--format=%s|%an|%cn", "main"), Does.StartWith(last).And.EndsWith("|ann|gatekeeper"));
        Assert.That(await world.GitAsync("show", "main:more.txt"), Is.EqualTo("x"));
    }

    [Test]
    public async Task Fast_forward_waits_for_a_rebase_and_lands_the_very_commit()
    {
        await using var world = await World.StartAsync(World.Rules + "\nlanding: { method: fast-forward }");
        var one = await world.ProposeApprovedAsync("one", "one.txt");
        var two = await world.ProposeApprovedAsync("two", "two.txt");

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add one" }));
        Assert.That(await world.GitAsync("rev-parse", "main"), Is.EqualTo(one));
        Assert.That(world.Status(two).Judgement.Whole.Reason, Does.Contain("rebase needed"));
    }

    [Test]
    public async Task A_stack_lands_from_below_whatever_the_order_of_approval()
    {
        await using var world = await World.StartAsync();
        var lower = await world.ProposeAsync("lower", "lower.txt");
        var upper = await world.ProposeAsync("upper", "upper.txt", on: "lower");
        await world.ApproveAsync(upper);
        await world.SettleAsync();
        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));
        Assert.That(world.Status(upper).Judgement.Whole.Reason, Does.Contain("depends on"));

        await world.ApproveAsync(lower);
        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add lower", "Add upper" }));
    }

    [Test]
    public async Task An_abandoned_parent_does_not_ride_in_under_an_approved_child()
    {
        await using var world = await World.StartAsync();
        var lower = await world.ProposeAsync("lower", "lower.txt");
        var upper = await world.ProposeAsync("upper", "upper.txt", on: "lower");
        await world.ApproveAsync(upper);
        await (await world.People.ClientAsync("ann", default)).AbandonAsync(lower, default);

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));
        Assert.That(world.Status(upper).Outcome, Is.EqualTo("blocked"));
        Assert.That(world.Status(upper).Judgement.Whole.Reason, Does.Contain("which belongs to another change in another revision, or to one that is not open"));
    }

    [Test]
    public async Task Somebody_elses_push_to_the_trunk_is_noticed_and_everything_is_tested_on_it()
    {
        await using var world = await World.StartAsync();
        await world.ProposeApprovedAsync("one", "one.txt");
        await world.SettleAsync();
        world.People.Push("main", "mallory", "Pushed past the gate", new Dictionary<string, string?> { ["a"] = "x\n" });
        var two = await world.ProposeApprovedAsync("two", "b");

        await world.SettleAsync();

        Assert.That(world.Alarms, Has.Member("foreign:tool/main"));
        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add one", "Pushed past the gate" }), "b is green on the old trunk and red on the new one");
        Assert.That(world.Status(two).Outcome, Is.EqualTo("tests failed"));
    }

    [Test]
    public async Task A_trunk_that_was_rewound_stops_the_gate_until_somebody_says_so()
    {
        await using var world = await World.StartAsync();
        await world.ProposeApprovedAsync("one", "one.txt");
        await world.SettleAsync();
        await world.GitAsync("update-ref", "refs/heads/main", "main~1");
        await world.ProposeApprovedAsync("two", "two.txt");

        await world.SettleAsync();
        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));
        Assert.That(world.Alarms, Has.Member("stopped:tool/main"));

        new TrunkMemory(world.House.Tools.Database, "tool/main", 20).Set(state => state with { Stopped = null, Tip = null });
        await world.SettleAsync();
        Assert.That(world.TrunkLog, Does.Contain("Add two"));
    }

    [Test]
    public async Task Rules_that_cannot_be_read_cannot_land()
    {
        await using var world = await World.StartAsync();
        var change = await world.ProposeApprovedAsync("typo", "rules.yaml", World.Rules.Replace("gates:", "gate:", StringComparison.Ordinal));

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));
        Assert.That((await world.CommentsAsync(change)).Concat([world.Status(change).Judgement.Whole.Reason]), Has.Some.Contains("did you mean \"gates\"?"));
    }

    [Test]
    public async Task Rules_that_are_proposed_show_how_their_tests_go_and_decide_nothing()
    {
        await using var world = await World.StartAsync();
        var change = await world.ProposeAsync("rules", "rules.yaml", World.Rules
            .Replace("unit: { run: sh test.sh, retries: 0 }", "unit: { run: test -e nothing, retries: 0 }\n  style: { run: test -e a.txt }", StringComparison.Ordinal));

        await world.SettleAsync();

        Assert.That((await world.CommentsAsync(change)).Single(), Does.StartWith("tests passed").And.Contain("unit. Before it lands")
            .And.Contain("As the rules.yaml that it brings defines them, which decides nothing here:\n- unit: failed: unit ended with exit code 1\n- style: passed"));

        await world.ApproveAsync(change);
        await world.SettleAsync();
        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add rules" }));
    }

    [Test]
    public async Task A_broken_file_at_the_tip_is_judged_by_the_one_before_and_only_a_mend_lands()
    {
        await using var world = await World.StartAsync();
        world.People.Push("main", "erin", "Break the rules", new Dictionary<string, string?> { ["rules.yaml"] = "nonsense: true\n" });
        var other = await world.ProposeApprovedAsync("other", "other.txt");
        await world.ProposeApprovedAsync("mend", "rules.yaml", World.Rules + "\n# mended\n");

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Break the rules", "Add mend", "Add other" }));
        Assert.That(other, Is.Not.Empty);
    }

    [Test]
    public async Task A_held_change_waits_and_goes_on_when_the_hold_is_lifted()
    {
        await using var world = await World.StartAsync();
        var change = await world.ProposeApprovedAsync("feature", "feature.txt");
        await world.SayAsync(change, "carol", "/gatekeeper hold until the release");
        await world.SettleAsync();
        Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Contain("held by carol@example.org: until the release"));

        await world.SayAsync(change, "carol", "/gatekeeper unhold");
        await world.SettleAsync();

        Assert.That(world.TrunkLog, Does.Contain("Add feature"));
    }

    [Test]
    public async Task Without_a_guard_nobodys_vote_counts_unless_the_operator_trusts_the_notes()
    {
        await using var world = await World.StartAsync(trusted: false);
        var change = await world.ProposeApprovedAsync("feature", "feature.txt");

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning" }));
        Assert.That(world.Status(change).Judgement.Whole.Reason, Does.Contain("this repository has no guard"));
    }

    [Test]
    public async Task A_tree_that_is_too_deep_is_its_changes_failure_and_nobody_elses()
    {
        await using var world = await World.StartAsync();
        var deep = await world.ProposeApprovedAsync("deep", string.Concat(Enumerable.Repeat("d/", 300)) + "file");
        await world.ProposeApprovedAsync("good", "good.txt");

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add good" }));
        Assert.That(world.Status(deep).Judgement.Whole.Reason, Does.Contain("nested deeper than 100"));
    }

    [Test]
    public async Task A_branch_that_cannot_be_fetched_is_its_changes_failure_and_nobody_elses()
    {
        await using var world = await World.StartAsync();
        await world.SettleAsync();
        await world.ProposeApprovedAsync("other", "other.txt");
        var blob = await world.GitAsync("rev-parse", "main:a.txt");
        var tree = await world.GitAsync("mktree", $"<100644 blob {blob}\t.git");
        world.Time.Pass(TimeSpan.FromSeconds(1));
        await world.GitAsync("update-ref", "refs/heads/late", await world.GitAsync("-c", "user.name=m", "-c", "user.email=m@example.org", "commit-tree", tree, "-p", "main", "-m", "late"));

        await world.SettleAsync();

        Assert.That(world.TrunkLog, Is.EqualTo(new[] { "The beginning", "Add other" }));
    }

    [Test]
    public async Task The_journal_tells_each_landing_and_shows_when_it_was_changed()
    {
        await using var world = await World.StartAsync();
        await world.ProposeApprovedAsync("feature", "feature.txt");
        await world.SettleAsync();
        var journal = world.House.Tools.Journal;

        Assert.That(journal.Entries().Select(entry => entry.Kind), Is.EqualTo(new[] { "intent", "landed" }));
        Assert.That(journal.Entries()[0].Body, Does.Contain("bob@example.org Approval"));
        Assert.That(journal.Break(), Is.Null);

        world.House.Tools.Database.Do("UPDATE journal SET body = replace(body, 'bob', 'eve') WHERE id = 1");
        Assert.That(journal.Break(), Does.StartWith("entry 1 (intent, tool/main, ").And.Contain("backup"));
    }

    [Test]
    public async Task Who_asks_why_it_has_not_landed_is_answered_once_with_every_verdict()
    {
        await using var world = await World.StartAsync();
        var change = await world.ProposeAsync("feature", "feature.txt");
        await world.SayAsync(change, "ann", "/gatekeeper explain");
        await world.SettleAsync();
        await world.SettleAsync();

        Assert.That(await world.CommentsAsync(change), Has.One.StartsWith("As you asked: waiting").And.Contains("wait  reviewer: 0 of 1 approvals from core").And.Contains("What would have to happen:\n- 0 of 1 approvals"));
    }
}
