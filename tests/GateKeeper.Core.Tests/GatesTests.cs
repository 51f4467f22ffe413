using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Tests;

/// <summary>Whose vote counts, and what is said of those that do not.</summary>
public sealed class GatesTests
{
    private static readonly Ruleset TwoOfCore = Make.Rules("""
        version: 1
        groups:
          core: { users: [bob, carol, dan] }
          lead: { users: [erin] }
        may: { hold: [author, core], override: { from: lead, second: core, gates: [two] } }
        gates:
          - name: two
            require: { approvals: 2, from: core, lifted-by: lead }
          - name: rules
            when: { paths: [rules.yaml] }
            require: { approvals: 1, from: lead, lifted-by: lead }
          - name: prose
            when: { only-paths: ["docs/**"] }
            instead-of: two
            require: { approvals: 1, from: core, lifted-by: lead }
        """);

    [Test]
    public void Two_core_approvals_on_this_revision_open_the_gate() =>
        Assert.That(TwoOfCore.Judged(Make.Change().Approved("bob", "carol")).Passes);

    [Test]
    public void An_approval_of_an_older_revision_does_not_count_and_is_told_so()
    {
        var judgement = TwoOfCore.Judged(Make.Change().Approved("bob", "carol").Pushed(7));

        Assert.That(judgement.Passes, Is.False);
        Assert.That(judgement.Whole.Reason, Does.Contain($"bob approved {Make.Sha(1)}, now it is {Make.Sha(7)}"));
    }

    [Test]
    public void With_same_diff_an_approval_follows_a_revision_that_does_the_same() =>
        Assert.That((TwoOfCore with { CarrySameDiff = true }).Judged(Make.Change().Approved("bob", "carol").Pushed(7) with { SameDiffAs = [Make.Sha(1)] }).Passes);

    [TestCase("bob", "is the author")]
    public void The_author_is_no_second_pair_of_eyes(string author, string reason) =>
        Assert.That(TwoOfCore.Judged(Make.Change(author: author).Approved("bob", "carol")).Whole.Reason, Does.Contain(reason));

    [Test]
    public void Who_pushed_the_last_commit_may_not_approve_it() =>
        Assert.That(TwoOfCore.Judged(Make.Change().Approved("bob", "carol") with { Uploader = new("carol") }).Whole.Reason, Does.Contain("carol pushed this revision"));

    [Test]
    public void Who_wrote_a_commit_of_it_may_not_approve_it()
    {
        var change = Make.Change().Approved("bob", "carol");

        Assert.That(TwoOfCore.Judged(change with { Commits = [change.Commits[0] with { CoAuthors = [new("bob")] }] }).Whole.Reason, Does.Contain("bob is a co-author"));
    }

    [Test]
    public void Who_committed_or_first_pushed_a_commit_of_it_may_not_approve_it()
    {
        var change = Make.Change().Approved("bob", "carol");
        var (committed, pushed) = (change with { Commits = [change.Commits[0] with { Committer = new("bob") }] }, change with { Commits = [change.Commits[0] with { PushedBy = [new("carol")] }] });

        Assert.That(TwoOfCore.Judged(committed).Whole.Reason, Does.Contain($"bob committed {Make.Sha(1)} of it"));
        Assert.That(TwoOfCore.Judged(pushed).Whole.Reason, Does.Contain($"carol pushed {Make.Sha(1)} of it"));
        Assert.That(TwoOfCore.Judged(committed.Approved("dan")).Passes);
    }

    [Test]
    public void Where_the_rules_say_self_nobody_is_asked_who_made_it()
    {
        var rules = Make.Rules("""
            version: 1
            groups: { core: { users: [bob] } }
            gates:
              - { name: one, require: { approvals: 1, from: core, lifted-by: core, self: true } }
            """);
        var change = Make.Change().Approved("bob");

        Assert.That(rules.Judged(change with { Commits = [change.Commits[0] with { Committer = new("bob"), PushedBy = [new("bob")], PusherIsKnown = false }] }).Passes);
    }

    [Test]
    public void Where_nobody_knows_who_first_pushed_a_commit_approvals_wait_until_the_author_makes_it_his_own()
    {
        var change = Make.Change().Approved("bob", "carol");
        change = change with { Commits = [change.Commits[0] with { Sha = Make.Sha(5), PusherIsKnown = false }, change.Commits[0]] };

        Assert.That(TwoOfCore.Judged(change).Whole.Reason, Does.Contain($"the forge does not tell who pushed {Make.Sha(5)}"));
        Assert.That(TwoOfCore.Judged(change.Asked(RequestKind.Land, "ann")).Passes);
    }

    [Test]
    public void The_gates_own_hand_makes_nobody_a_maker_and_those_who_committed_cannot_lift_a_gate()
    {
        var change = Make.Change().Asked(RequestKind.Override, "erin", "two", "urgent").Asked(RequestKind.Confirm, "bob");

        Assert.That(TwoOfCore.Judged(change).Passes);
        Assert.That(TwoOfCore.Judged(change with { Commits = [change.Commits[0] with { Committer = new("bob") }] }).Passes, Is.False);
        Assert.That(TwoOfCore.Judged(change with { Commits = [change.Commits[0] with { PushedBy = [new("erin")] }] }).Passes, Is.False);
    }

    [Test]
    public void Where_nobody_knows_who_pushed_approvals_wait_until_the_author_asks_to_land_that_revision()
    {
        var change = Make.Change().Approved("bob", "carol") with { Uploader = null };

        Assert.That(TwoOfCore.Judged(change).Passes, Is.False);
        Assert.That(TwoOfCore.Judged(change.Asked(RequestKind.Land, "ann")).Passes);
    }

    [Test]
    public void A_veto_on_an_older_revision_stands_until_its_voter_approves()
    {
        var change = Make.Change().Vetoed("dan").Pushed(7).Approved("bob", "carol");

        Assert.That(TwoOfCore.Judged(change).Gates[0].Decision, Is.EqualTo(Decision.Block));
        Assert.That(TwoOfCore.Judged(change.Approved("dan")).Passes);
    }

    [Test]
    public void Where_the_order_of_votes_is_not_known_the_veto_stands()
    {
        var change = Make.Change().Approved("bob", "carol");
        var veto = new Vote { By = new("bob"), Value = VoteValue.Veto, On = change.Current.Commit };

        Assert.That(TwoOfCore.Judged(change with { Votes = [veto, .. change.Votes] }).Gates[0].Decision, Is.EqualTo(Decision.Block));
    }

    [Test]
    public void A_veto_that_somebody_removed_stands_unless_the_rules_let_him()
    {
        var change = Make.Change().Approved("bob", "carol");
        Vote Removed(string by) => new() { By = new("dan"), Value = VoteValue.Veto, On = change.Current.Commit, Order = 9, RemovedBy = new(by) };

        Assert.That(TwoOfCore.Judged(change with { Votes = [.. change.Votes, Removed("ann")] }).Whole.Reason, Does.Contain("ann removed the veto and may not"));
        Assert.That(TwoOfCore.Judged(change with { Votes = [.. change.Votes, Removed("erin")] }).Passes);
    }

    [Test]
    public void A_gate_that_stands_instead_of_another_replaces_it_only_where_it_applies()
    {
        Assert.That(TwoOfCore.Judged(Make.Change().Approved("bob") with { Paths = ["docs/a.md"] }).Passes);
        Assert.That(TwoOfCore.Judged(Make.Change().Approved("bob") with { Paths = ["docs/a.md", "src/a.c"] }).Passes, Is.False);
    }

    [Test]
    public void A_merge_that_carries_an_edit_to_the_rules_is_an_edit_of_the_rules() =>
        Assert.That(TwoOfCore.Judged(Make.Change().Approved("bob", "carol"), now => now with { CandidatePaths = ["rules.yaml"] }).Passes, Is.False);

    [Test]
    public void Unknown_paths_are_not_yes() =>
        Assert.That(TwoOfCore.Judged(Make.Change().Approved("bob", "carol") with { Paths = null }).Whole.Decision, Is.EqualTo(Decision.Wait));

    [Test]
    public void All_shortfalls_are_shown_not_only_the_first() =>
        Assert.That(TwoOfCore.Judged(Make.Change() with { Paths = ["rules.yaml"], Draft = true }).Missing.Select(verdict => verdict.Name), Is.EquivalentTo(new[] { "two", "rules", "draft" }));

    [Test]
    public void A_hold_is_lifted_by_who_set_it_or_by_another_whom_the_rules_name_but_not_by_the_author()
    {
        var held = Make.Change().Approved("bob", "carol").Asked(RequestKind.Hold, "bob", reason: "wait for the release");

        Assert.That(TwoOfCore.Judged(held).Whole.Reason, Does.Contain("held by bob: wait for the release"));
        Assert.That(TwoOfCore.Judged(held.Asked(RequestKind.Unhold, "ann")).Passes, Is.False);
        Assert.That(TwoOfCore.Judged(held.Asked(RequestKind.Unhold, "carol")).Passes);
    }

    [Test]
    public void An_override_needs_two_people_who_did_not_make_the_change()
    {
        var asked = Make.Change().Asked(RequestKind.Override, "erin", "two", "the house burns");

        Assert.That(TwoOfCore.Judged(asked).Passes, Is.False);
        Assert.That(TwoOfCore.Judged(asked.Asked(RequestKind.Confirm, "erin")).Passes, Is.False);
        Assert.That(TwoOfCore.Judged(asked.Asked(RequestKind.Confirm, "bob")).Whole.Reason, Does.Contain("OVERRIDDEN by erin, confirmed by bob"));
        Assert.That(TwoOfCore.Judged(asked.Asked(RequestKind.Confirm, "bob").Pushed(7)).Passes, Is.False);
    }

    [Test]
    public void A_group_that_cannot_be_read_makes_the_gate_wait()
    {
        var rules = Make.Rules("version: 1\ngroups: { core: { teams: [acme/core] } }\ngates: [{ name: g, require: { approvals: 1, from: core, lifted-by: core } }]");

        Assert.That(rules.Judged(Make.Change().Approved("bob")).Whole.Reason, Is.EqualTo("the team acme/core could not be read"));
    }

    [Test]
    public void Different_people_fill_different_places()
    {
        var rules = Make.Rules("""
            version: 1
            groups: { core: { users: [bob, carol] }, safety: { users: [bob] } }
            gates: [{ name: g, require: { all: [{ approvals: 1, from: core }, { approvals: 1, from: safety }], different-people: true } }]
            """);

        Assert.That(rules.Judged(Make.Change().Approved("bob")).Whole.Reason, Does.Contain("two places"));
        Assert.That(rules.Judged(Make.Change().Approved("bob", "carol")).Passes);
    }

    [Test]
    public void Owners_approve_what_they_own()
    {
        var rules = Make.Rules("version: 1\ngates: [{ name: g, require: { owners: CODEOWNERS } }]");
        var owners = OwnersFile.Parse("*.c bob\n/docs/ carol\n");
        Judgement Judged(Change change) => rules.Judged(change, now => now with { Owners = new Dictionary<string, OwnersFile> { ["CODEOWNERS"] = owners } });

        Assert.That(Judged(Make.Change().Approved("carol")).Passes, Is.False);
        Assert.That(Judged(Make.Change().Approved("bob")).Passes);
        Assert.That(Judged(Make.Change().Approved("bob") with { Paths = ["src/1.c", "docs/a/b.md"] }).Whole.Reason, Does.Contain("docs/a/b.md needs an approval by an owner: carol"));
        Assert.That(rules.Judged(Make.Change().Approved("bob")).Whole.Reason, Is.EqualTo("the trunk has no CODEOWNERS"));
    }

    [Test]
    public void A_label_that_loosens_counts_only_when_the_right_people_set_it()
    {
        var rules = Make.Rules("""
            version: 1
            groups: { core: { users: [bob] } }
            gates: [{ name: g, require: { approvals: 1, from: core } }]
            freezes: [{ name: week-end, weekly: { from: Mon 00:00, to: Sun 23:59, zone: Etc/UTC }, except: { labels: [hotfix], set-by: core } }]
            """);
        string? Frozen(Account? setter) => Asked.Frozen(rules, new()
        {
            Change = Make.Change() with { Labels = [new("hotfix", setter)] },
            People = People.Resolve(rules, new Dictionary<string, GroupMembers>(), name => new(name)),
            Forge = ForgeTraits.Everything,
            Now = new(2026, 11, 18, 12, 0, 0, TimeSpan.Zero),
        });

        Assert.That(Frozen(new("ann")), Does.StartWith("frozen"));
        Assert.That(Frozen(null), Does.StartWith("frozen"));
        Assert.That(Frozen(new("bob")), Is.Null);
    }
}
