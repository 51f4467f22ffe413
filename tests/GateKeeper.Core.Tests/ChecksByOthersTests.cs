using GateKeeper.Core.Changes;
using GateKeeper.Core.Landing;

namespace GateKeeper.Core.Tests;

/// <summary>Candidates that others test, as stories: what is published to them, and what is made of what they say.</summary>
public sealed class ChecksByOthersTests
{
    [Test]
    public void What_is_eligible_is_published_together_and_lands_when_others_report_a_pass()
    {
        var world = World(3);
        world.Open[3] = Make.Change(3);

        world.Settle();

        Assert.That(world.Landed, Is.EqualTo(new[] { 1, 2 }));
        Assert.That(world.Ci.Log, Is.EqualTo(new[] { "1: 1", "2: 1,2" }), "what nobody approved is shown to nobody");
        Assert.That(world.Ci.Published, Is.Empty, "and what landed is taken back");
    }

    [Test]
    public void Who_waits_is_told_for_whose_report_on_which_commit_and_under_which_name_it_is_published()
    {
        var world = World(1);
        Tick(world, 3);
        Assert.That(Said(world), Does.Match("awaited: no report of build by actions, .github/workflows/build.yml, push yet on candidate [0-9a-f]{10}, published as gatekeeper/main/1"));

        world.Ci.Work(null);
        Assert.That(Said(world), Does.Match(@"ci is running \(build on candidate [0-9a-f]{10}, published as gatekeeper/main/1\)"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void What_lands_names_its_approvers_and_nobodys_checks_begin_anew_because_one_more_approves(bool others)
    {
        var world = World(1);
        world.Rules = Make.Rules((others ? ToyCi.Yaml : ToyWorld.Yaml).Replace("[bob]", "[bob, cyd]", StringComparison.Ordinal).Replace("window: 5", "message: { subject: '{title} by {approvers}' }", StringComparison.Ordinal));
        var change = world.Open[1];
        Tick(world, 3);

        world.Open[1] = change.Approved("cyd");
        Assert.That(world.Plan().Effects.OfType<Effect.Build>().Count(), Is.EqualTo(others ? 0 : 1), "where results are kept by content, a new candidate costs no test");
        Tick(world, 1);

        world.Open[1] = (change with { Votes = [] }).Approved("cyd");
        Assert.That(world.Plan().Effects.OfType<Effect.Build>().Count(), Is.EqualTo(1), "whoever withdraws is not named");
        Tick(world, 2);

        world.Open[1] = (change with { Votes = [] }).Approved("cyd", "bob");
        Assert.That(world.Plan().Effects.OfType<Effect.Build>().Count(), Is.EqualTo(others ? 0 : 1));
    }

    [Test]
    public void A_red_change_is_ejected_when_the_trunk_is_known_to_pass_and_those_behind_it_land()
    {
        var world = World(3);
        world.Bad.Add(2);

        world.Settle();

        Assert.That(world.Landed, Is.EqualTo(new[] { 1, 3 }));
        Assert.That(world.Ejected.Values.Single(), Does.StartWith("ci failed: build reported failure on candidate"));
    }

    [Test]
    public void Where_nobody_has_said_anything_of_the_trunk_it_is_published_too_before_anybody_is_ejected()
    {
        var world = World(1);
        world.Bad.Add(1);

        world.Settle();

        Assert.That(world.Ci.Log, Is.EqualTo(new[] { "1: 1", "tip: " }));
        Assert.That(world.Ejected.Keys, Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public void A_trunk_that_fails_the_check_itself_is_red_and_when_it_passes_again_nobody_has_been_ejected()
    {
        var world = World(2);
        world.TrunkIsBad = true;
        world.Settle();
        Assert.That(world.Alarms, Is.EqualTo(new[] { "red:main:ci" }));
        Assert.That(world.Ejected, Is.Empty);

        world.TrunkIsBad = false;
        var healed = world.Now;
        world.Ci.IsForgiven = report => report.At <= healed;
        world.Ci.RunAgain(report => report.On == world.Tip);
        world.Settle();

        Assert.That(world.Ejected, Is.Empty);
        Assert.That(world.Landed, Is.EqualTo(new[] { 1, 2 }));
        Assert.That(world.Alarms, Is.Empty);
    }

    [Test]
    public void Without_a_place_to_publish_it_waits_for_the_operator_and_stops_nobody()
    {
        var world = World(1);
        world.Publishes = false;
        world.Settle();

        Assert.That(world.Ci.Log, Is.Empty);
        Assert.That(Said(world), Does.Contain("configuration error: candidates are not published on any forge").And.Contain("\"publish\" of the settings"));
    }

    [TestCase("success", "other-app", "push", Description = "another source")]
    [TestCase("success", "actions", "pull_request", Description = "another event")]
    [TestCase("skipped", "actions", "push")]
    [TestCase("neutral", "actions", "push")]
    [TestCase("cancelled", "actions", "push")]
    [TestCase("splendid", "actions", "push", Description = "a word never seen before")]
    public void What_is_not_a_pass_by_the_pinned_source_lands_nothing(string state, string source, string @event)
    {
        var world = World(1);
        world.Ci.Silent.Add(1);
        Tick(world, 3);
        world.Ci.Report(world.Ci.Published.Single().Commit, "77", state, source, @event);

        world.Settle();

        Assert.That(world.Landed, Is.Empty);
        Assert.That(world.Ejected, Is.Empty);
    }

    [Test]
    public void A_run_that_is_made_again_makes_it_wait_and_what_it_comes_to_then_counts()
    {
        var world = World(1);
        world.Closed = "paused by the operator";
        world.Settle();
        Assert.That(Said(world), Does.Contain("ci passed (build by actions"));

        world.Closed = null;
        world.Ci.RunAgain(_ => true);
        world.Ci.Work(null);
        Assert.That(world.Plan().Effects.OfType<Effect.Land>(), Is.Empty, "a pass does not outlive that it is made again");
        Assert.That(Said(world), Does.Contain("ci is running"));

        world.Settle();
        Assert.That(world.Landed, Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public void A_pass_in_another_run_does_not_mend_a_failure()
    {
        var world = World(1);
        Tick(world, 3);
        var candidate = world.Ci.Published.Single().Commit;
        world.Ci.Report(candidate, "1", "failure");
        world.Ci.Report(candidate, "2", "success");

        Assert.That(world.Plan().Effects.OfType<Effect.Land>(), Is.Empty);
        Assert.That(Said(world), Does.Contain("ci failed: build reported failure"));
    }

    [Test]
    public void A_silent_check_parks_its_change_after_the_time_limit_and_the_rest_goes_past_it()
    {
        var world = World(2);
        world.Ci.Silent.Add(1);
        world.Settle();
        Assert.That(world.Landed, Is.Empty, "it may still report");

        world.Now += TimeSpan.FromMinutes(61);
        world.Settle();

        Assert.That(world.Landed, Is.EqualTo(new[] { 2 }));
        Assert.That(world.Plan().Open.Single().Note, Does.StartWith("parked: infrastructure lost: nothing was reported of build by actions").And.EndWith("longer than 60 min"));
        Assert.That(world.Ci.Published, Is.Empty, "it is taken back while it is parked");

        world.Ci.Silent.Clear();
        world.Now += TimeSpan.FromMinutes(31);
        world.Settle();
        Assert.That(world.Landed, Is.EqualTo(new[] { 2, 1 }));
    }

    [Test]
    public void What_was_parked_holds_up_nobody_while_it_is_tried_again()
    {
        var world = World(1);
        world.Ci.Silent.Add(1);
        world.Settle();
        world.Now += TimeSpan.FromMinutes(61);
        world.Settle();
        world.Now += TimeSpan.FromMinutes(1);
        world.Settle();
        Assert.That(world.Plan().Open.Single().Note, Does.StartWith("tried again after it was parked"));

        world.Open[2] = Make.Change(2).Approved("bob") with { ProposedAt = world.Now };
        world.Settle();

        Assert.That(world.Landed, Is.EqualTo(new[] { 2 }));
    }

    [Test]
    public void What_could_not_be_looked_at_is_not_taken_for_silence()
    {
        var world = World(1);
        world.Ci.Silent.Add(1);
        world.Settle();
        world.Now += TimeSpan.FromDays(1);

        var blind = world.Snapshot() with { Reports = new Dictionary<CommitSha, ValueList<Check>>() };

        Assert.That(Planner.Decide(blind).Effects.OfType<Effect.Park>(), Is.Empty);
    }

    [Test]
    public void After_a_retry_the_same_commit_is_published_anew_and_what_was_found_before_is_forgotten()
    {
        var world = World(1);
        world.Ci.Says = tree => tree.SequenceEqual([1]) && world.Ci.Log.Count(line => line == "1: 1") == 1 ? "failure" : null;
        world.Settle();
        Assert.That(world.Ejected.Keys, Is.EqualTo(new[] { 1 }));

        var asked = world.Now += TimeSpan.FromMinutes(1);
        world.Ci.IsForgiven = report => report.At < asked;
        var change = world.Open[1].Asked(RequestKind.Retry, "bob");
        world.Open[1] = change with { Requests = [change.Requests[0] with { At = asked }] };
        world.Settle();

        Assert.That(world.Landed, Is.EqualTo(new[] { 1 }));
        Assert.That(world.Ci.Log.Count(line => line == "1: 1"), Is.EqualTo(2));
        Assert.That(world.Alarms, Is.Empty, "what was forgotten does not make the trunk red");
    }

    [Test]
    public void What_cannot_be_published_is_said_and_the_rest_goes_past_it()
    {
        var world = World(2);
        Tick(world, 2);
        var first = ((CandidateFacts.Built)world.Snapshot().Candidates[new(world.Tip, world.Open[1].Current)]).Commit;

        var plan = Planner.Decide(world.Snapshot() with { Unpublished = new Dictionary<CommitSha, string> { [first] = "the server said no" } });

        Assert.That(plan.Open[0].Note, Is.EqualTo("it could not be published for build, which is tried again: the server said no"));
        Assert.That(plan.Effects.OfType<Effect.Publish>().Select(publish => string.Join(',', world.Tree(publish.Commit))), Is.EqualTo(new[] { "2" }), "the second is laid on the trunk");
    }

    private static ToyWorld World(int changes) => new(changes) { Rules = Make.Rules(ToyCi.Yaml) };

    private static void Tick(ToyWorld world, int times)
    {
        for (var i = 0; i < times; i++)
        {
            foreach (var effect in world.Plan().Effects)
                world.Apply(effect);
        }
    }

    private static string Said(ToyWorld world) => string.Join('\n', world.Plan().Open[0].Judgement.Gates.Select(gate => gate.Reason)) + string.Join('\n', world.Plan().Open[0].Judgement.Missing.Select(verdict => verdict.Reason));
}
