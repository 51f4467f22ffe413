using GateKeeper.Commands;
using GateKeeper.Core.Changes;

namespace GateKeeper.Tests;

/// <summary>The commands of those who propose and review, as they see them in their clones.</summary>
public sealed class CommandTests
{
    [Test]
    public async Task What_has_landed_is_not_open_and_nobody_votes_on_it_any_more()
    {
        await using var world = await World.StartAsync();
        var landed = await world.ProposeApprovedAsync("one", "one.txt");
        await world.SettleAsync();
        var open = await world.ProposeAsync("two", "two.txt");
        using var terminal = new Terminal();
        await terminal.CloneAsync(world.Url, "carol");

        var list = await terminal.RunAsync("list");
        var late = await terminal.RunAsync("vote", landed[..10], "-1");
        var hold = await terminal.RunAsync("hold", landed[..10]);
        var vote = await terminal.RunAsync("vote", "two", "+1");
        var named = await terminal.RunAsync("hold", $"tool/{open[..10]}");
        var vague = await terminal.RunAsync("hold", $"tool/{open[..6]}");

        Assert.That((named.Code, vague.Code), Is.EqualTo((0, 1)), named.Errors);
        Assert.That(list.Output, Does.Contain(open[..12]).And.Not.Contain(landed[..12]));
        Assert.That((late.Code, hold.Code), Is.EqualTo((1, 1)));
        Assert.That(late.Errors, Does.StartWith($"gatekeeper: {landed[..12]} (Add one) has landed, so votes and requests change nothing any more"));
        Assert.That((vote.Code, vote.Output.StartsWith("The vote is cast on", StringComparison.Ordinal)), Is.EqualTo((0, true)), vote.Errors);
    }

    [Test]
    public async Task Of_two_changes_on_one_branch_its_name_means_the_open_one()
    {
        await using var world = await World.StartAsync();
        await world.ProposeApprovedAsync("topic", "one.txt");
        await world.SettleAsync();
        await world.GitAsync("branch", "--force", "topic", "main");
        var second = await world.ProposeAsync("topic", "two.txt");
        using var terminal = new Terminal();
        await terminal.CloneAsync(world.Url, "bob");

        var vote = await terminal.RunAsync("vote", "topic", "+1");
        await world.SettleAsync();

        Assert.That(vote.Code, Is.Zero, vote.Errors);
        Assert.That(world.House.Notebook.LandingsOf(second), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task The_upper_half_of_a_stack_has_landed_when_its_trunk_has_it()
    {
        await using var world = await World.StartAsync();
        var lower = await world.ProposeAsync("lower", "lower.txt");
        var upper = await world.ProposeAsync("upper", "upper.txt", on: "lower");
        await world.ApproveAsync(lower);
        await world.SettleAsync();
        var client = await world.People.ClientAsync("bob", default);
        Assert.That((client.HasLanded(client.Find(lower)), client.HasLanded(client.Find(upper))), Is.EqualTo((true, false)));

        await world.ApproveAsync(upper);
        await world.SettleAsync();
        client = await world.People.ClientAsync("bob", default);
        Assert.That(client.HasLanded(client.Find(upper)));
    }

    [Test]
    public async Task A_name_with_line_breaks_in_it_makes_no_line_of_a_list()
    {
        await using var world = await World.StartAsync();
        var id = await world.ProposeAsync("one", "one.txt");
        await world.GitAsync(
            "-c", "user.name=eve", "-c", "user.email=eve@example.org", "notes", "--ref=refs/notes/devtools/reviews", "add", "-f", "-m",
            """{"timestamp":"1763636400","reviewRef":"refs/heads/one","targetRef":"refs/heads/main","requester":"eve\n4f1c2a4f1c2a  bob@example.org  Reviewed already","description":"one"}""", id);
        using var terminal = new Terminal();
        await terminal.CloneAsync(world.Url, "carol");

        var list = await terminal.RunAsync("list");

        Assert.That(list.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.One.Contains(id[..12]).And.Exactly(1).Items, list.Output + list.Errors);
    }

    [TestCase("version: 1\ngroups:\n  core: { users: [x]\ngates: []\n", "the { at 3:9 is not closed before: a } may be missing")]
    [TestCase("core: { users: [x]", "the { at 1:7 is not closed before: a } may be missing")]
    [TestCase("version: 1\ngroups: { core: { users: [x] }\n", "the { at 2:9 is not closed before")]
    public async Task A_missing_brace_is_the_files_error_and_the_answer_is_no(string rules, string words)
    {
        using var terminal = new Terminal();
        var file = terminal.Write("rules.yaml", rules);

        var seen = await terminal.RunAsync("check", file);

        Assert.That((seen.Code, seen.Errors), Is.EqualTo((1, "")));
        Assert.That(seen.Output, Does.Match(@"rules\.yaml:[0-9]+:[0-9]+: error: ").And.Contain(words).And.Contain("invalid: 1 error"));
    }

    [TestCase(RequestKind.Land, "", "", "/gatekeeper land")]
    [TestCase(RequestKind.Test, "", "", "/gatekeeper test")]
    [TestCase(RequestKind.Confirm, "", "", "/gatekeeper confirm")]
    [TestCase(RequestKind.Hold, "", "not\nyet", "/gatekeeper hold not yet")]
    [TestCase(RequestKind.Priority, "10", "", "/gatekeeper priority 10")]
    [TestCase(RequestKind.Override, "two core reviewers", "the site is down", "/gatekeeper override \"two core reviewers\" the site is down")]
    public void What_is_asked_by_command_is_what_one_would_write_by_hand(RequestKind kind, string about, string reason, string comment) =>
        Assert.That(ReviewCommands.Comment(kind, about, reason), Is.EqualTo(comment));

    [TestCase("a \"quoted\" gate")]
    [TestCase("")]
    public void A_gate_that_cannot_be_named_is_not_asked_about(string gate) =>
        Assert.That(() => ReviewCommands.Comment(RequestKind.Override, gate, "because"), Throws.TypeOf<UsageException>());
}
