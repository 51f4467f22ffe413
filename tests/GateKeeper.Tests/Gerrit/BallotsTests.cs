using GateKeeper.Core.Changes;
using GateKeeper.Forges.Gerrit;

namespace GateKeeper.Tests.Gerrit;

/// <summary>What the log of a change makes of scores: whose vote, on which patch set, and what became of it.</summary>
public sealed class BallotsTests
{
    private const long Ana = 1, Bob = 2, Carol = 3;
    private readonly List<LogEntry> log = [];
    private int place;

    [SetUp]
    public void Begin()
    {
        (place, _) = (0, log.RemoveAll(_ => true));
        Upload(1);
    }

    [Test]
    public void A_zero_where_its_giver_had_said_nothing_takes_nothing_back()
    {
        Score(Carol, 1, -2);
        Upload(2);
        Score(Carol, 2, 0);

        Assert.That(Votes, Is.EqualTo(new[] { "carol Veto on 1" }));
    }

    [Test]
    public void A_zero_after_a_score_or_one_that_was_carried_here_takes_it_back()
    {
        Score(Bob, 1, -2);
        Score(Bob, 1, 0);
        Score(Carol, 1, -2);
        Upload(2);
        log.Add(new LogEntry.Copied(place++, Carol, default, 2, "Code-Review", -2));
        Score(Carol, 2, 0);

        Assert.That(Votes, Is.EqualTo(new[] { "bob Veto on 1", "bob Withdrawal on 1", "carol Veto on 1", "carol Withdrawal on 2" }));
    }

    [Test]
    public void A_zero_after_a_zero_or_a_deletion_takes_nothing_back()
    {
        Score(Bob, 1, 2);
        Score(Bob, 1, 0);
        Score(Bob, 1, 0);
        Score(Carol, 1, -2);
        Delete(Ana, 1, Carol);
        Score(Carol, 1, 0);

        Assert.That(Votes, Is.EqualTo(new[] { "bob Approval on 1", "bob Withdrawal on 1", "carol Veto on 1, removed by ana" }));
    }

    [Test]
    public void What_was_given_before_the_change_was_aimed_elsewhere_was_given_for_another_target()
    {
        Target("main");
        Score(Bob, 1, 2);
        Target("stable");
        Score(Carol, 1, 2);

        Assert.That(Votes, Is.EqualTo(new[] { "bob Approval on 1, was given for another target", "carol Approval on 1" }));
    }

    [Test]
    public void What_is_given_on_an_older_patch_set_changes_nothing_on_the_newer()
    {
        Upload(2);
        Score(Bob, 2, -2);
        Score(Bob, 1, 2);

        Assert.That(Votes, Is.EqualTo(new[] { "bob Veto on 2", "bob Approval on 1, was given on patch set 1 after one on a newer patch set, which stands there" }));
    }

    [Test]
    public void What_is_given_in_anothers_name_is_its_givers_and_takes_away_what_stood_there()
    {
        Score(Carol, 1, 2);
        log.Add(new LogEntry.Scored(place++, Bob, default, 1, "Code-Review", -1, Carol));

        Assert.That(Votes, Is.EqualTo(new[] { "carol Approval on 1, removed by bob", "bob Withdrawal on 1, was given in the name of carol, and counts as bob's own" }));
    }

    [Test]
    public void Where_the_server_does_not_say_what_the_scores_mean_none_is_taken_for_a_veto_or_an_approval()
    {
        Score(Bob, 1, 2);

        Assert.That(Ballots.Votes(Log, new("Code-Review", "Verified", null), new Dictionary<string, LabelDto>(), Name, null).Single().Value, Is.EqualTo(VoteValue.Withdrawal));
    }

    private ChangeLog Log => new("", 0, log);

    private IEnumerable<string> Votes => Ballots.Votes(Log, new("Code-Review", "Verified", null), Defined, Name, null)
        .Select(vote => $"{vote.By} {vote.Value} on {vote.On.Hex[0]}{(vote.RemovedBy is { } by ? $", removed by {by}" : "")}{(vote.Void is { } why ? $", {why}" : "")}");

    private static Dictionary<string, LabelDto> Defined => new() { ["Code-Review"] = new(Values: new[] { "-2", "-1", " 0", "+1", "+2" }.ToDictionary(score => score, _ => "")) };

    private static Account Name(long id) => new(id switch { Ana => "ana", Bob => "bob", _ => "carol" });

    private void Upload(int patchSet) => log.Add(new LogEntry.Uploaded(place++, Ana, default, patchSet, new(new string((char)('0' + patchSet), 40))));

    private void Target(string branch) => log.Add(new LogEntry.Targeted(place++, Ana, default, 1, "refs/heads/" + branch));

    private void Score(long who, int patchSet, int score) => log.Add(new LogEntry.Scored(place++, who, default, patchSet, "Code-Review", score, who));

    private void Delete(long who, int patchSet, long voter) => log.Add(new LogEntry.Deleted(place++, who, default, patchSet, "Code-Review", voter));
}
