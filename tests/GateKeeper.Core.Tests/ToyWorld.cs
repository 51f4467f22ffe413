using GateKeeper.Core.Changes;
using GateKeeper.Core.Gates;
using GateKeeper.Core.Landing;
using GateKeeper.Core.Rules;

namespace GateKeeper.Core.Tests;

/// <summary>
/// A forge, a git and a runner in memory, whose truth the test knows: a tree is the set of changes in it, and its tests pass unless a bad
/// change is in it, or two that do not go together. Effects are applied as the program applies them, one at a time.
/// </summary>
internal sealed class ToyWorld
{
    public const string Yaml = """
        version: 1
        groups: { core: { users: [bob] } }
        tests: { unit: { run: make test, retries: 1 } }
        gates:
          - { name: reviewer, require: { approvals: 1, from: core, lifted-by: core } }
          - { name: tests, require: { tests: all } }
        landing: { window: 5 }
        """;

    private readonly Dictionary<CommitSha, ValueList<int>> trees = [];
    private readonly Dictionary<Candidate, CandidateFacts> candidates = [];
    private Dictionary<string, KeyRecord> results = [];
    private readonly Dictionary<ChangeId, QueueRecord> queue = [];
    private readonly List<ActiveRun> runs = [];
    private readonly HashSet<string> alarms = [];
    private ToyWorld[] neighbours = [];
    private long lastRun;

    public ToyWorld(int changes)
    {
        Ci = new(this);
        Tip = Commit([]);
        for (var i = 1; i <= changes; i++)
            Open[i] = Make.Change(i).Approved("bob") with { ProposedAt = Now.AddSeconds(i) };
    }

    public Ruleset Rules { get; set; } = Make.Rules(Yaml);

    public ToyCi Ci { get; }

    /// <summary>Whether candidates are published here.</summary>
    public bool Publishes { get; set; } = true;

    public Dictionary<string, TimeSpan> Durations { get; } = [];

    public SortedDictionary<int, Change> Open { get; } = [];

    public HashSet<int> Bad { get; } = [];

    /// <summary>Pairs that are green alone and red together.</summary>
    public HashSet<(int, int)> Quarrels { get; } = [];

    /// <summary>Pairs that conflict in text.</summary>
    public HashSet<(int, int)> Clashes { get; } = [];

    /// <summary>Which change edits what which other one adds, so that without it there is a conflict in text.</summary>
    public HashSet<(int Change, int Other)> Edits { get; } = [];

    /// <summary>Those that bring rules which are still being read.</summary>
    public HashSet<int> Unread { get; } = [];

    public bool TrunkIsBad { get; set; }

    public ForgeTraits Forge { get; set; } = ForgeTraits.Everything;

    /// <summary>Which repository this is, where one worker looks after several: it is in every key.</summary>
    public string Repository { get; private set; } = "";

    /// <summary>What cannot be merged, and why.</summary>
    public Dictionary<int, string> Refuses { get; } = [];

    /// <summary>Why nothing can be published; null where it can.</summary>
    public string? Unpublishable { get; set; }

    /// <summary>Whether the runner is lost whatever it runs.</summary>
    public bool LosesRuns { get; set; }

    /// <summary>What stands on the trunk, in order.</summary>
    public List<int> Landed { get; } = [];

    public Dictionary<int, string> Ejected { get; } = [];

    public List<string> Said { get; } = [];

    public CommitSha Tip { get; private set; }

    public DateTimeOffset Now { get; set; } = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    public int Slots { get; set; } = 2;

    public string? Closed { get; set; }

    public AskedOfTrunk? Asked { get; private set; }

    public Dictionary<ChangeId, ValueList<Request>> Holds { get; } = [];

    /// <summary>The forge's teams that can be read.</summary>
    public Dictionary<string, GroupMembers> Teams { get; } = [];

    public bool FirstSight { get; set; }

    public RunFor RunFor { get; set; }

    public int MostRuns { get; private set; }

    public IReadOnlyList<ActiveRun> Runs => runs;

    public IReadOnlySet<string> Alarms => alarms;

    public Snapshot Snapshot() => new()
    {
        Trunk = "main",
        Tip = Tip,
        Now = Now,
        Rules = Rules,
        Changes = [.. Open.Values],
        People = People.Resolve(Rules, Teams, name => new(name)),
        Forge = Forge with { Publishes = Publishes, Implied = [new("event", "workflow", "push", "pull_request")] },
        Candidates = candidates.ToDictionary(),
        TipKeys = Keys(trees[Tip]),
        Grounds = queue.Values.Select(record => record.FailedOn).OfType<CommitSha>().Distinct().ToDictionary(ground => ground, ground => (IReadOnlyDictionary<string, string>)Keys(trees[ground])),
        Results = results.ToDictionary(),
        Published = Ci.Published,
        Unpublished = Unpublishable is { } why ? candidates.Values.OfType<CandidateFacts.Built>().DistinctBy(built => built.Commit).ToDictionary(built => built.Commit, _ => why) : new Dictionary<CommitSha, string>(),
        Reports = Ci.Reports,
        Durations = Durations,
        Runs = [.. runs],
        Slots = Slots,
        SlotsOfOthers = neighbours.Sum(other => other.runs.Count),
        ProposalsOfOthers = neighbours.Sum(other => other.runs.Count(run => run.Order.Purpose is RunPurpose.Proposal)),
        Queue = queue.ToDictionary(),
        Window = Rules.Landing.Window,
        Closed = Closed,
        Asked = Asked,
        Holds = Holds.ToDictionary(),
        FirstSight = FirstSight,
        RunFor = RunFor,
        Alarms = alarms.ToHashSet(),
    };

    /// <summary>What is wrong with what the planner is shown.</summary>
    public Func<Snapshot, Snapshot> Shown { get; set; } = snapshot => snapshot;

    public Plan Plan()
    {
        var plan = Planner.Decide(Shown(Snapshot()));
        Ci.Follow(plan.Awaited);
        return plan;
    }

    public bool Truth(ValueList<int> tree) => !TrunkIsBad && !tree.Any(Bad.Contains) && !Quarrels.Any(pair => tree.Contains(pair.Item1) && tree.Contains(pair.Item2));

    /// <summary>Ticks, ends runs and lets time pass until nothing happens any more.</summary>
    public void Settle(Random? random = null, Action? between = null)
    {
        for (var idle = 0; idle < 3;)
        {
            between?.Invoke();
            idle = Step(random) ? 0 : idle + 1;
        }
    }

    /// <summary>One tick and the end of one run. Answers whether anything happened.</summary>
    private bool Step(Random? random)
    {
        var effects = Plan().Effects.Where(effect => Unpublishable is null || effect is not Effect.Publish).ToList();
        foreach (var effect in effects)
            Apply(effect);
        if (runs.Count > 0 && LosesRuns)
            Lose(runs[0]);
        else if (runs.Count > 0)
            End(runs[random?.Next(runs.Count) ?? 0], null);
        var worked = Ci.Work(random);
        return effects.Count > 0 || runs.Count > 0 || worked;
    }

    /// <summary>Makes them repositories of one worker, with one store and the same slots, and lets them tick by turns until nothing happens any more.</summary>
    public static void SettleTogether(Random random, params ToyWorld[] worlds)
    {
        foreach (var (number, world) in worlds.Index())
        {
            (world.Repository, world.results, world.Slots) = ($"repository{number}", worlds[0].results, worlds[0].Slots);
            world.neighbours = [.. worlds.Where(other => other != world)];
        }

        for (var idle = 0; idle < 3; idle++)
        {
            foreach (var world in worlds)
            {
                if (world.Step(random))
                    idle = 0;
            }
        }
    }

    public void End(ActiveRun run, bool? passes)
    {
        runs.Remove(run);
        Now = Now.AddSeconds(1);
        var record = results.GetValueOrDefault(run.Order.Key) ?? new();
        results[run.Order.Key] = passes ?? Truth(Content(run.Order.Key))
            ? record with { PassedAt = Now }
            : record with { FailedAt = [.. record.FailedAt, Now], Why = "assertion failed" };
    }

    /// <summary>Something else lands.</summary>
    public void Move(int other)
    {
        Landed.Add(other);
        Tip = Commit([.. Landed]);
    }

    public void Lose(ActiveRun run)
    {
        runs.Remove(run);
        var record = results.GetValueOrDefault(run.Order.Key) ?? new();
        results[run.Order.Key] = record with { Lost = record.Lost + 1, LostAt = Now };
    }

    public void Apply(Effect effect)
    {
        switch (effect)
        {
            case Effect.Build build:
                var at = build.Base;
                foreach (var candidate in build.Revisions.Select(revision => new Candidate(at, revision)).ToList())
                {
                    var facts = candidates[candidate with { Base = at }] = Build(candidate with { Base = at });
                    at = facts is CandidateFacts.Built built ? built.Commit : at;
                }

                break;
            case Effect.Propose propose:
                Note(propose.Revision, record => record with { ProposedOn = propose.On });
                break;
            case Effect.StartRun start:
                runs.Add(new(++lastRun, start.Order, Now));
                MostRuns = Math.Max(MostRuns, runs.Count + neighbours.Sum(other => other.runs.Count));
                break;
            case Effect.CancelRun cancel:
                runs.RemoveAll(run => run.Id == cancel.Id);
                break;
            case Effect.Publish publish:
                Ci.Publish(publish.Commit, publish.Of);
                break;
            case Effect.Withdraw withdraw:
                Ci.Withdraw(withdraw.Commit);
                break;
            case Effect.NoteFailed red:
                var known = results.GetValueOrDefault(red.Key) ?? new();
                results[red.Key] = known with { FailedAt = [.. known.FailedAt, red.At] };
                break;
            case Effect.Enter enter:
                Note(enter.Revision, record => record with { EligibleSince = Now });
                break;
            case Effect.Leave leave:
                queue[leave.Change] = queue[leave.Change] with { EligibleSince = null };
                break;
            case Effect.Eject eject:
                Note(eject.Revision, record => record with { EligibleSince = null, Ejected = new(eject.Outcome, eject.Why, Now) });
                Ejected[Number(eject.Revision)] = eject.Why;
                break;
            case Effect.Doubt doubt:
                Note(doubt.Revision, record => record with { FailedOn = doubt.On });
                break;
            case Effect.Park park:
                Note(park.Revision, record => record with { Parked = new(park.Why, park.Until, park.Attempts) });
                break;
            case Effect.Tell tell:
                Note(tell.Revision, record => record with { Told = [.. record.Told, tell.Topic, .. tell.Covers is { } covers ? (string[])[covers] : []] });
                Said.Add($"{tell.Revision.Change}: {tell.Words}");
                break;
            case Effect.Pass pass:
                Note(pass.Revision, record => record with { Told = [.. record.Told, pass.Topic] });
                break;
            case Effect.Overlook over:
                Note(over.Revision, record => record with { Told = [.. record.Told.Where(topic => topic != over.Topic)] });
                break;
            case Effect.KeepHolds keep:
                Holds[keep.Change] = keep.Holds;
                break;
            case Effect.Remember remember:
                Asked = remember.Asked;
                break;
            case Effect.Land land:
                Land(land);
                break;
            case Effect.Alarm alarm:
                alarms.Add(alarm.Name);
                break;
            case Effect.Mend mend:
                alarms.Remove(mend.Name);
                break;
        }
    }

    /// <summary>The landing itself holds the promises: from the tip, tested, once.</summary>
    private void Land(Effect.Land land)
    {
        Assert.That(land.From, Is.EqualTo(Tip), "a landing starts from the tip");
        foreach (var landed in land.Changes)
        {
            var number = Number(landed.Candidate.Revision);
            var rulesOnly = Open[number].Paths is ["rules.yaml"];
            foreach (var test in Rules.Required)
                Assert.That(rulesOnly || (test.Run is null ? Ci.Passes(landed.Commit) : results.GetValueOrDefault(Keys(trees[landed.Commit])[test.Name])?.PassedAt is not null), $"{number} landed without a pass of {test.Name}");
            Assert.That(Landed, Does.Not.Contain(number), $"{number} landed twice");
            Assert.That((candidates[landed.Candidate] as CandidateFacts.Built)?.Words, Is.EqualTo(WordsOf(number)), $"{number} landed in words that nobody judged");
            Assert.That(Open[number].Votes.Any(vote => vote.Value is VoteValue.Approval && vote.On == landed.Candidate.Revision.Commit), $"{number} landed unapproved");
            Assert.That(trees[landed.Commit], Is.EqualTo((int[])[.. Landed, number]).AsCollection, $"{number} brought something else");
            Landed.Add(number);
        }

        foreach (var landed in land.Changes)
            Open.Remove(Number(landed.Candidate.Revision));
        Tip = land.To;
    }

    private CandidateFacts Build(Candidate candidate)
    {
        var number = Number(candidate.Revision);
        var below = trees[candidate.Base];
        if (below.FirstOrDefault(other => Clashes.Contains((other, number)) || Clashes.Contains((number, other))) is > 0 and var clash)
            return new CandidateFacts.Conflict([$"src/{clash}.c"]);
        if (Edits.FirstOrDefault(pair => pair.Change == number && !below.Contains(pair.Other)) is { Other: > 0 and var lacking })
            return new CandidateFacts.Conflict([$"src/{lacking}.c"]);
        if (Refuses.TryGetValue(number, out var refused))
            return new CandidateFacts.Refused(refused);
        ValueList<int> tree = [.. below, number];
        return Unread.Contains(number) ? new CandidateFacts.Reading(Commit(tree)) : new CandidateFacts.Built { Commit = Commit(tree), Paths = Open[number].Paths!, Keys = Keys(tree), Words = WordsOf(number) };
    }

    /// <summary>The rules that a change brings have been read.</summary>
    public void Read(int number)
    {
        Unread.Remove(number);
        foreach (var (candidate, reading) in candidates.ToList().Where(item => Number(item.Key.Revision) == number && item.Value is CandidateFacts.Reading))
            candidates[candidate] = new CandidateFacts.Built { Commit = ((CandidateFacts.Reading)reading).Commit, Paths = Open[number].Paths!, Keys = Keys(trees[((CandidateFacts.Reading)reading).Commit]), Words = WordsOf(number) };
    }

    private string WordsOf(int number) =>
        Wording.Of(Rules, Open[number], [], Rules.Landing.NamesApprovers ? Judge.Of(Rules, Snapshot().Around(Open[number]) with { AssumeTests = true }).Approvers : []).Digest;

    private void Note(Revision revision, Func<QueueRecord, QueueRecord> change)
    {
        var old = queue.GetValueOrDefault(revision.Change) is { } known && known.Revision == revision.Commit ? known : new QueueRecord(revision.Commit);
        queue[revision.Change] = change(old);
    }

    private CommitSha Commit(ValueList<int> tree)
    {
        var sha = new CommitSha(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(string.Join(',', tree) + ".")))[..40]);
        trees[sha] = tree;
        return sha;
    }

    public ValueList<int> Tree(CommitSha commit) => trees[commit];

    private Dictionary<string, string> Keys(ValueList<int> tree) => Rules.Tests.ToDictionary(test => test.Name, test => $"{test.Name}:{string.Join(',', tree)}:{Repository}");

    private static ValueList<int> Content(string key) => [.. key.Split(':')[1].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];

    private static int Number(Revision revision) => int.Parse(revision.Change.Value, System.Globalization.CultureInfo.InvariantCulture);
}
