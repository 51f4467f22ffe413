using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Landing;

namespace GateKeeper.Core.Tests;

/// <summary>
/// Whatever a change may be short of reaches its author in some message, once. The kinds are taken from the types themselves: a new one for
/// which nobody has written a story fails here.
/// </summary>
public sealed class SilenceTests
{
    private const string Core = "groups: { core: { users: [bob, carol] }, leads: { users: [dora] } }";

    private static readonly Dictionary<Type, (string Require, Func<Change, Change> Change, string Words)> Requirements = new()
    {
        [typeof(Approvals)] = ("{ approvals: 2, from: core }", Same, "1 of 2 approvals from core (bob)"),
        [typeof(NoVeto)] = ("{ no-veto-from: core, lifted-by: leads }", change => change.Vetoed("carol"), "vetoed by carol"),
        [typeof(LabelVote)] = ("{ vote: { label: QA, at-least: 1, count: 1 }, from: core }", change => change with { Votes = [.. change.Votes, new() { By = new("ann"), Value = VoteValue.Neither, Label = "QA", Score = 1, On = change.Current.Commit, Order = 9 }] }, "0 of 1 QA +1 from core"),
        [typeof(NoLabelVote)] = ("{ no-vote: { label: QA, at-most: -1 }, from: core }", change => change with { Votes = [.. change.Votes, new() { By = new("carol"), Value = VoteValue.Neither, Label = "QA", Score = -1, On = change.Current.Commit, Order = 9 }] }, "carol gave QA -1"),
        [typeof(GoAhead)] = ("{ go-ahead: [author] }", Same, "nobody of author asked to land it"),
        [typeof(TestsPass)] = ("{ tests: all }", Same, "tests failed"),
        [typeof(OwnersApprove)] = ("{ owners: CODEOWNERS }", Same, "the trunk has no CODEOWNERS"),
        [typeof(LabelsAre)] = ("{ labels: [kind] }", Same, "the label kind is missing"),
        [typeof(CarriesTrailer)] = ("{ trailer: Signed-off-by }", Same, "no Signed-off-by: line"),
        [typeof(MessageMatches)] = ("{ message: { matches: '^PROJ' } }", Same, "the title does not match ^PROJ"),
        [typeof(Forbidden)] = ("{ not: { title: '^change' } }", Same, "its title matches ^change (\"change\"), and this gate forbids titles that match ^change"),
        [typeof(CommitsAre)] = ("{ commits: { max: 1 } }", change => change with { Commits = [.. change.Commits, .. change.Commits] }, "2 commits, at most 1"),
        [typeof(SizeIs)] = ("{ size: { max-lines: 0 } }", Same, "1 line changed, at most 0"),
        [typeof(SignedCommits)] = ("{ signed: true }", change => change with { Commits = [.. change.Commits.Select(commit => commit with { Signature = new CommitSignature.None() })] }, " is not signed"),
        [typeof(AllOf)] = ("{ all: [{ approvals: 1, from: core }, { approvals: 1, from: anyone }], different-people: true }", Same, "one person would have to fill two places"),
        [typeof(AnyOf)] = ("{ any: [{ labels: [kind] }, { labels: [sort] }] }", Same, "the label sort is missing"),
    };

    private static readonly Dictionary<string, (Func<Change, Change> Change, string Words)> Lists = new()
    {
        [nameof(Change.Obstacles)] = (change => change with { Obstacles = ["it stands on a commit that nobody was shown"] }, "it stands on a commit that nobody was shown"),
        [nameof(Change.Unmet)] = (change => change with { Unmet = ["one conversation is not resolved"] }, "one conversation is not resolved"),
        [nameof(Change.Unknowns)] = (change => change with { Unknowns = ["its address belongs to two"] }, "its address belongs to two"),
    };

    private static readonly Dictionary<string, (Func<Change, Change> Change, string Words)> Others = new()
    {
        ["a draft"] = (change => change with { Draft = true }, "has not marked it ready"),
        ["a hold"] = (change => change.Asked(RequestKind.Hold, "ann"), "held, as ann asked"),
        ["a dependency elsewhere"] = (change => change with { DependsOn = [new(new("77"), null, "Depends-On: 77", Landed: false)] }, "depends on Depends-On: 77, which is not open for main"),
        ["a dependency of another revision"] = (change => change with { DependsOn = [new(new("2"), Make.Sha(99), "2", Landed: false)] }, "rebase onto that"),
        ["a dependency that is not ready"] = (change => change with { DependsOn = [new(new("2"), Make.Sha(2), "2", Landed: false)] }, "depends on 2, which is not ready to land"),
        ["a circle"] = (change => change with { DependsOn = [new(new("1"), Make.Sha(1), "1", Landed: false)] }, "depend on each other in a circle"),
        ["a conflict"] = (Same, "conflict: it does not merge with main"),
        ["a merge that cannot be"] = (Same, "it cannot be merged so"),
        ["a group that cannot be read"] = (Same, "the group leads is hidden"),
        ["a rule that the forge cannot meet"] = (Same, "plain git has no labels"),
        ["an approval that does not count"] = (change => change with { Uploader = new("bob") }, "bob pushed this revision"),
    };

    private static readonly Dictionary<string, string> Troubles = new()
    {
        ["Frozen"] = "frozen: week-end (nobody is on call)",
        ["Parked"] = "infrastructure lost: unit was started three times",
        ["Red"] = "the trunk itself fails unit",
        ["Unrun"] = "a reviewer's word is needed before its tests are run",
        ["Dependency"] = "depends on 1, which is frozen or parked",
        ["Unpublished"] = "it could not be published for build",
        ["Awaited"] = "it waits for what others report",
    };

    [Test]
    public void Every_kind_has_a_story()
    {
        var requirements = typeof(Requirement).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Requirement)) && !type.IsAbstract);
        var lists = typeof(Change).GetProperties().Where(property => property.PropertyType == typeof(ValueList<string>) && property.Name is not (nameof(Change.Paths) or nameof(Change.NearMisses))).Select(property => property.Name);
        var troubles = typeof(Planner).Assembly.GetType("GateKeeper.Core.Landing.Trouble")!.GetEnumNames().Where(name => name != "None");

        Assert.That(Requirements.Keys, Is.EquivalentTo(requirements));
        Assert.That(Lists.Keys, Is.EquivalentTo(lists));
        Assert.That(Troubles.Keys, Is.EquivalentTo(troubles));
    }

    [TestCaseSource(nameof(RequirementNames))]
    public void A_requirement_that_is_not_met_is_told_once(string name)
    {
        var (require, change, words) = Requirements.Single(item => item.Key.Name == name).Value;
        var world = World($"{{ name: only, require: {require} }}");
        world.Open[1] = change(world.Open[1]);
        if (name == nameof(TestsPass))
            world.Bad.Add(1);

        Live(world);

        Assert.That(world.Said.Where(said => said.Contains(words, StringComparison.Ordinal)), Has.Exactly(1).Items, string.Join("\n", world.Said));
        Assert.That(world.Landed, Is.Empty);
    }

    [TestCaseSource(nameof(OtherNames))]
    public void What_else_stands_in_the_way_is_told_once(string name)
    {
        var (change, words) = Lists.TryGetValue(name, out var list) ? list : Others[name];
        var world = World(name switch
        {
            "a group that cannot be read" => "{ name: only, require: { approvals: 1, from: hidden } }",
            "a rule that the forge cannot meet" => "{ name: only, require: { labels: [kind] } }",
            _ => "{ name: only, require: { approvals: 1, from: core } }",
        });
        if (name == "a rule that the forge cannot meet")
            world.Forge = new("plain git");
        world.Teams["acme/leads"] = new([], "the group leads is hidden");
        if (name == "a dependency that is not ready")
            world.Open[2] = Make.Change(2);
        if (name == "a dependency of another revision")
            world.Open[2] = Make.Change(2);
        world.Open[1] = change(world.Open[1]);
        if (name == "a conflict")
        {
            world.Clashes.Add((1, 9));
            world.Move(9);
        }

        if (name == "a merge that cannot be")
            world.Refuses[1] = "it cannot be merged so";

        Live(world);

        Assert.That(world.Said.Where(said => said.StartsWith("1: ", StringComparison.Ordinal) && said.Contains(words, StringComparison.Ordinal)), Has.Exactly(1).Items, string.Join("\n", world.Said));
        Assert.That(world.Landed, Has.No.Member(1));
    }

    [Test]
    public void What_only_reads_like_a_dependency_is_told_once_and_holds_nothing_up()
    {
        var world = World("{ name: only, require: { approvals: 2, from: core } }");
        world.Open[1] = world.Open[1] with { NearMisses = ["- Depends-On: 2"] };

        Live(world);

        Assert.That(world.Said, Has.One.EqualTo("1: not taken for a dependency: \"- Depends-On: 2\". A dependency is a line of its own: Depends-On: NAME"));

        world.Open[1] = Make.Change().Approved("bob", "carol") with { NearMisses = ["- Depends-On: 2"] };
        Live(world);

        Assert.That(world.Landed, Has.Member(1));
    }

    [TestCaseSource(nameof(TroubleNames))]
    public void What_keeps_a_change_in_its_place_is_told_once(string name)
    {
        var build = "build: { check: build, from: { app: actions }, on: candidate }";
        var revision = "build: { check: build, from: { app: actions }, on: revision }";
        var world = name switch
        {
            "Frozen" => World("{ name: only, require: { approvals: 1, from: core } }", more: "freezes: [{ name: week-end, from: 2026-11-01 00:00, to: 2026-12-01 00:00, zone: Europe/Paris, reason: nobody is on call }]"),
            "Unrun" => World("{ name: only, require: { all: [{ labels: [kind] }, { tests: all }] } }"),
            "Unpublished" => World("{ name: only, require: { tests: all } }", tests: build),
            "Awaited" => World("{ name: only, require: { tests: all } }", tests: revision),
            _ => World("{ name: only, require: { tests: all } }"),
        };
        world.TrunkIsBad = name == "Red";
        if (name == "Unrun")
            (world.RunFor, world.Open[1]) = (RunFor.Approved, world.Open[1] with { Labels = [new("kind", new("ann"))] });
        if (name == "Unpublished")
            world.Unpublishable = "the server said no";
        if (name == "Dependency")
            world.Open[2] = Make.Change(2).Approved("bob") with { DependsOn = [new(new("1"), Make.Sha(1), "1", Landed: false)] };
        world.LosesRuns = name is "Parked" or "Dependency";
        var whom = name == "Dependency" ? "2: " : "1: ";

        Live(world);

        Assert.That(world.Said.Where(said => said.StartsWith(whom, StringComparison.Ordinal) && said.Contains(Troubles[name], StringComparison.Ordinal)), Has.Exactly(1).Items, string.Join("\n", world.Said));
        Assert.That(world.Landed, Is.Empty);
    }

    [Test]
    public void While_something_that_was_told_is_still_to_be_done_nothing_more_is_said()
    {
        var world = World("{ name: only, require: { approvals: 2, from: core } }");
        Live(world);
        world.Said.Clear();

        world.Open[1] = world.Open[1] with { Unmet = ["one conversation is not resolved"] };
        Live(world);
        Assert.That(world.Said, Is.Empty, "reviewers are still at it");

        world.Open[1] = world.Open[1].Approved("carol");
        Live(world);
        Assert.That(world.Said.Single(), Does.Contain("one conversation is not resolved"));
    }

    [Test]
    public void What_passes_by_itself_is_not_told()
    {
        var world = World("{ name: only, require: { approvals: 2, from: core } }");
        Live(world);
        world.Said.Clear();

        world.Open[1] = world.Open[1].Approved("carol") with { Unknowns = ["its revision has not been fetched yet"] };
        world.Settle();
        world.Open[1] = world.Open[1] with { Unknowns = [] };
        world.Settle();

        Assert.That(world.Said, Is.Empty);
        Assert.That(world.Landed, Is.EqualTo(new[] { 1 }));
    }

    /// <summary>What git says of a fetch has several lines.</summary>
    [Test]
    public void A_reason_of_several_lines_is_noted_and_told_once_as_well()
    {
        var world = World("{ name: only, require: { approvals: 2, from: core } }");
        Live(world);
        world.Said.Clear();

        world.Open[1] = world.Open[1].Approved("carol") with { Unknowns = ["its branch cannot be fetched: error: no\nfatal: not at all"] };
        world.Settle();
        Assert.That(world.Said, Is.Empty);
        world.Open[1] = world.Open[1] with { Unknowns = [], Obstacles = ["it stands on a commit\nthat nobody was shown"] };
        Live(world);
        world.Settle();

        Assert.That(world.Said, Has.Exactly(1).Items.And.One.Contains("that nobody was shown"));
    }

    [Test]
    public void Nobody_is_told_of_what_was_there_before_the_gate()
    {
        var world = World("{ name: only, require: { approvals: 1, from: core } }");
        world.Open[1] = world.Open[1] with { Obstacles = ["it stands on a commit that nobody was shown"] };
        world.Open[2] = Make.Change(2) with { Uploader = new("bob"), Votes = Make.Change(2).Approved("bob").Votes };
        world.FirstSight = true;
        foreach (var effect in world.Plan().Effects)
            world.Apply(effect);
        world.FirstSight = false;

        Live(world);

        Assert.That(world.Said, Is.Empty);
    }

    [Test]
    public void What_failed_beside_the_trunk_is_tested_and_told_again_when_the_trunk_is_mended()
    {
        var world = World("{ name: only, require: { all: [{ approvals: 1, from: core }, { tests: all }] } }");
        world.Open[2] = Make.Change(2, "dan");
        world.TrunkIsBad = true;
        world.Settle();
        Assert.That(world.Said, Has.One.Contains("2: tests failed, merged onto").And.One.Match("(?s)^2: .*the trunk itself fails unit").And.One.Match("(?s)^1: .*the trunk itself fails unit"));

        world.TrunkIsBad = false;
        Live(world);

        Assert.That(world.Said, Has.One.Contains("2: tests passed on"));
        Assert.That(world.Landed, Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public void A_hold_is_remembered_until_somebody_lifts_it()
    {
        var world = World("{ name: only, require: { approvals: 1, from: core } }");
        world.Open[1] = world.Open[1].Asked(RequestKind.Hold, "carol");
        Live(world);
        var held = world.Holds.Single().Value.Single();
        Assert.That(held.By.Name, Is.EqualTo("carol"));

        world.Open[1] = world.Open[1] with { Requests = [held with { IsGone = true }] };
        Live(world);
        Assert.That(world.Landed, Is.Empty);
        Assert.That(world.Said, Has.One.Contains("the comment in which carol asked to hold this is gone"));
        Assert.That(world.Holds, Has.Count.EqualTo(1));

        world.Open[1] = world.Open[1] with { Requests = [held with { IsGone = true }, held with { Kind = RequestKind.Unhold, Order = 9 }] };
        Live(world);
        Assert.That(world.Landed, Is.EqualTo(new[] { 1 }));
        Assert.That(world.Holds.Values.SelectMany(holds => holds), Is.Empty);
    }

    [TestCase(RequestKind.Land, "the request to land it no longer counts")]
    [TestCase(RequestKind.Unhold, "the request to lift the hold no longer counts")]
    [TestCase(RequestKind.Priority, "the request to give it another priority no longer counts")]
    [TestCase(RequestKind.Retry, "the request to try it again no longer counts")]
    [TestCase(RequestKind.Override, "the request to lift a gate no longer counts")]
    [TestCase(RequestKind.Confirm, "the request to confirm that a gate is lifted no longer counts")]
    [TestCase(RequestKind.Freeze, "The trunk stays frozen")]
    [TestCase(RequestKind.Unfreeze, "The freeze stays lifted")]
    [TestCase(RequestKind.Explain, null)]
    [TestCase(RequestKind.Test, null)]
    public void A_request_whose_comment_is_gone_is_told_to_count_no_more_or_to_stay(RequestKind kind, string? words)
    {
        var world = World("{ name: only, require: { approvals: 2, from: core } }", more: "may: { land: core, hold: core, retry: core, test: core, explain: core, priority: core, freeze: core, override: { from: core, second: core, gates: [only] } }");
        world.Open[1] = world.Open[1].Asked(kind, "carol", kind is RequestKind.Priority ? "5" : "only");
        Live(world);
        world.Said.Clear();

        world.Open[1] = world.Open[1] with { Requests = [], Unknowns = ["its log could not be fetched"] };
        world.Settle();
        Assert.That(world.Said, Is.Empty, "what could not be read is not gone");
        world.Open[1] = world.Open[1] with { Unknowns = [] };
        Live(world);

        Assert.That(world.Said, words is null ? Is.Empty : Has.Exactly(1).Items.And.One.Contains(words));
    }

    private static IEnumerable<string> RequirementNames => Requirements.Keys.Select(type => type.Name);

    private static IEnumerable<string> OtherNames => Lists.Keys.Concat(Others.Keys);

    private static IEnumerable<string> TroubleNames => Troubles.Keys;

    private static Change Same(Change change) => change;

    private static ToyWorld World(string gate, string more = "", string tests = "") => new(1)
    {
        Rules = Make.Rules($"""
            version: 1
            {Core.Replace("leads:", "hidden: { teams: [acme/leads] }, leads:", StringComparison.Ordinal)}
            tests:
              {(tests.Length > 0 ? tests : "unit: { run: make test, retries: 0 }")}
            gates:
              - {gate}
            {more}
            """),
    };

    /// <summary>The gate works, and goes on working for an hour in which nobody does anything.</summary>
    private static void Live(ToyWorld world)
    {
        for (var minutes = 0; minutes < 60; minutes += 12)
        {
            world.Settle();
            world.Now = world.Now.AddMinutes(12);
        }

        world.Settle();
    }
}
