using System.Collections.Immutable;
using GateKeeper.Core.Changes;
using GateKeeper.Core.Landing;
using GateKeeper.Core.Rules;
using GateKeeper.Forges;
using GateKeeper.Git;
using GateKeeper.Settings;
using GateKeeper.Store;

namespace GateKeeper.Reconcile;

/// <summary>What the rest of the program may know of a trunk: swapped whole, never changed.</summary>
internal sealed record TrunkPicture(string Repository, string Trunk, CommitSha Tip, Plan Plan, Snapshot? Snapshot, TrunkState State, string? Closed, DateTimeOffset At)
{
    public string Key => $"{Repository}/{Trunk}";

    /// <summary>What the forge still lets the gate ask; null where it counts nothing.</summary>
    public string? Figures { get; init; }

    /// <summary>What people call changes beside their ids, numbers and branches; also what is not open any more.</summary>
    public IReadOnlyDictionary<string, ChangeId> Names { get; init; } = new Dictionary<string, ChangeId>();

    /// <summary>Whether the worker only looks: it lands nothing and writes nothing to the forge.</summary>
    public bool Observing { get; init; }

    public const string OnlyObserves = "this worker only observes (run --observe): it lands nothing and writes nothing to the forge; what is said of landings is what would happen without that";
}

/// <summary>One trunk: observe, decide, apply. Every tick starts afresh from what there is.</summary>
internal sealed partial class TrunkReconciler
{
    private readonly RepositorySettings settings;
    private readonly Tools tools;
    private readonly Mirror mirror;
    private readonly IForge forge;
    private readonly Lookout lookout;
    private readonly string trunk;
    private readonly Wake wake;
    private readonly string key;
    private readonly string fullName;
    private readonly TrunkHistory history;
    private readonly Ancestry ancestry;
    private readonly ChangeReader reader;
    private readonly ChangedLines lines;
    private readonly Assembler assembler;
    private readonly SshSignatures signatures;
    private readonly TrunkRules rules;
    private readonly Candidates candidates;
    private readonly TrunkAttributes attributes;
    private readonly TrunkMemory memory;
    private readonly StandingHolds holds;
    private readonly GateIdentity gate;
    private readonly Lease lease;
    private readonly Lander lander;
    private readonly Publisher publisher;
    private readonly Troubles troubles;
    private MergeProcess? merge;
    private CommitSha? grown;
    private ImmutableDictionary<string, string> tipKeys = ImmutableDictionary<string, string>.Empty;
    private (CommitSha, string) keyed;
    private readonly NamedOwners owners;

    public TrunkReconciler(RepositorySettings settings, Tools tools, Mirror mirror, IForge forge, Lookout lookout, GateIdentity gate, Lease lease, string trunk, Wake wake, RulesShelf shelf, Func<CommitSha, bool> elsewhere)
    {
        (this.settings, this.tools, this.mirror, this.forge, this.lookout, this.gate, this.lease, this.trunk, this.wake) = (settings, tools, mirror, forge, lookout, gate, lease, trunk, wake);
        log = tools.Logs.CreateLogger<TrunkReconciler>();
        (key, fullName) = ($"{settings.Name}/{trunk}", $"refs/heads/{trunk}");
        owners = new(forge.Traits.OwnersByAt);
        history = new(mirror.Repository, gate, landing => tools.Notebook.HasLandedAs(key, landing.Change, landing.Revision, landing.Commit), forge.LandsSingly(LandingMethod.Rebase));
        ancestry = new(mirror.Repository);
        reader = new(mirror.Repository, mirror.Git, gate);
        lines = new(mirror, wake.Turn);
        signatures = new(mirror.Git, new(forge.Traits.Name, settings.Signers, Path.Combine(tools.Work, "signers", settings.Name, Uri.EscapeDataString(trunk))), wake.Turn, tools.Time);
        assembler = new(reader, lines, signatures, history, ancestry, new(new(mirror.Repository), history), new(mirror.Repository), settings.Name, elsewhere);
        rules = new(mirror.Repository, settings.Rules, settings.InitialRules, shelf);
        candidates = new(mirror, new(mirror, gate, tools.Time), rules, new(), settings.Name, trunk, tools.Runner.Fingerprint, wake.Turn, tools.Time);
        attributes = new(mirror.Repository, Path.Combine(tools.Work, "attributes", settings.Name));
        (memory, holds) = (new(tools.Database, key, 20), new(tools.Database, settings.Name));
        (troubles, silence) = (new(tools.Notebook, key, tools.Time), new(tools.Time));
        publisher = new(mirror, memory, tools.Notebook, settings.Publish, key, tools.Time);
        lander = new(mirror, forge, tools.Journal, tools.Notebook, memory, lease, key, fullName, tools.Time);
    }

    public TrunkMemory Memory => memory;

    /// <summary>The view that forges resolve targets against; null while the trunk does not exist.</summary>
    public TrunkView? View()
    {
        if (!mirror.Refs.TryGetValue(fullName, out var hex))
            return null;
        var tip = new CommitSha(hex);
        if (grown != tip)
        {
            if (mirror.Repository.Has(hex) && mirror.Repository.FindCommit(hex) is null)
                throw new GitException($"{fullName} is {tip}, which is no commit; the server's operator has to put it back");
            rewound |= !history.Grow(tip);
            reader.Forget(ancestry.Grow(tip));
            grown = tip;
        }

        return new(trunk, tip, commit => history.Of(commit) is not null || history.HasLanded(new ChangeId(commit.Hex)) || ancestry.Contains(commit), ancestry.IsAncestor)
        {
            LandedAs = (change, revision) => history.Of(change, revision)?.Commit,
            Teams = [.. Teams(rules.At(tip)).Distinct()],
        };
    }

    /// <summary>Whether it holds a commit, as far as it was read.</summary>
    public bool Holds(CommitSha commit) => grown is not null && ancestry.Contains(commit);

    public bool HasOnLine(CommitSha commit) => history.Contains(commit);

    /// <summary>Reads everything into one value.</summary>
    public (Snapshot? Snapshot, string? Closed) Observe(ForgeView view)
    {
        var tip = grown!.Value;
        var at = rules.At(tip);
        memory.Refresh();
        var closed = Closed(view, at);
        if (at.Rules is not { } ruleset)
            return (null, $"configuration error: {at.Problem}");

        candidates.JudgeBy(at);
        candidates.Settle(ruleset);
        if (keyed != (tip, at.Blob))
            (keyed, tipKeys) = ((tip, at.Blob), candidates.Keys(ruleset.Tests, tip).ToImmutableDictionary());
        var held = holds.Known();
        var changes = StandingHolds.Beside(assembler.Assemble(view, trunk, tip, ruleset.CarrySameDiff, ruleset.Measured, ruleset.AsksForSignatures), held);

        // Runs first: one that ends in between is then seen as running and as known, never as neither.
        var runs = tools.Runner.Of(key);
        var (all, proposals) = (tools.Runner.Count, tools.Runner.Proposals);
        var known = candidates.Known.ToDictionary();
        var grounds = candidates.Grounds(memory.Queue.Values, ruleset);
        var keys = known.Values.OfType<CandidateFacts.Built>().SelectMany(built => built.AllKeys(ruleset.Tests)).Concat(tipKeys.Values).Concat(grounds.Values.SelectMany(ground => ground.Values));
        return (new()
        {
            Trunk = trunk,
            Key = key,
            Tip = tip,
            Now = tools.Time.GetUtcNow(),
            Rules = ruleset,
            RulesProblem = at.Problem,
            RulesPath = settings.Rules,
            Changes = changes,
            People = People.Resolve(ruleset, view.Teams, view.Canonical),
            Forge = forge.Traits,
            Owners = owners.Of(at, view),
            Candidates = known,
            TipKeys = tipKeys,
            Grounds = grounds,
            Results = Known(keys),
            Runs = [.. runs],
            Published = memory.Published,
            Unpublished = publisher.Unpublished,
            Reports = view.Reports,
            Durations = tools.Results.Durations(key),
            Slots = tools.Slots,
            SlotsOfOthers = all - runs.Count,
            ProposalsOfOthers = proposals - runs.Count(run => run.Order.Purpose is RunPurpose.Proposal),
            ProposalSlots = settings.ProposalSlots,
            Queue = troubles.Over(memory.Queue),
            Window = Math.Clamp(memory.State.Window, Math.Min(3, ruleset.Landing.Window), ruleset.Landing.Window),
            Closed = closed,
            Asked = memory.State.Asked,
            Holds = held,
            FirstSight = !memory.State.Met,
            Alarms = tools.Notebook.Alarms.Select(alarm => alarm.Name).ToHashSet(),
            RunFor = settings.RunFor,
            Landed = settings.RunFor is RunFor.Members ? tools.Notebook.Authors(key) : new HashSet<Account>(),
            ProposalsSince = tools.Time.GetUtcNow() - settings.ProposalsSince,
        }, closed);
    }

    /// <summary>The forge's teams that decide something: those of the rules, and those of the owners files that they name.</summary>
    private IEnumerable<string> Teams(RulesAtTip at) =>
        (at.Rules?.Groups.SelectMany(group => group.Teams) ?? []).Concat(forge.Traits.OwnersByAt ? at.Owners.Values.SelectMany(file => file.Teams) : []);

    /// <summary>One round. Answers whether anything was done, so that another may follow at once.</summary>
    public async Task<(TrunkPicture Picture, bool Busy)> TickAsync(ForgeView view, bool observing, CancellationToken cancellation)
    {
        if (!observing)
            Notice();
        var (snapshot, closed) = Observe(view);
        if (snapshot is null)
        {
            if (tools.Notebook.Raise($"rules:{key}", closed!))
                LogClosed(key, closed!);
            return (new(settings.Name, trunk, grown!.Value, Plan.Nothing, null, memory.State, closed, tools.Time.GetUtcNow()) { Observing = observing }, false);
        }

        if (snapshot.Alarms.Contains($"rules:{key}"))
            tools.Notebook.Mend($"rules:{key}");
        memory.Keep(snapshot.Changes.Select(change => change.Id).ToHashSet());
        troubles.Begin();
        var plan = Planner.Decide(snapshot);
        foreach (var (revision, why) in plan.Troubled)
        {
            LogTrouble(null, key, $"judging {revision}");
            troubles.Befell(revision, $"judging it failed: {why}", "judging it failed");
        }

        var picture = new TrunkPicture(settings.Name, trunk, snapshot.Tip, plan, snapshot, memory.State, closed, snapshot.Now) { Figures = forge.Figures, Observing = observing, Names = view.Names };
        var busy = await ApplyAsync(plan, snapshot, observing, cancellation);
        MendParked(snapshot);
        ReportMissing();
        if (snapshot.FirstSight)
            memory.Set(state => state with { Met = true });
        return (picture, busy);
    }

    /// <summary>What is under way is brought to its end, so that nothing is left half-done.</summary>
    public async ValueTask StopAsync()
    {
        await FinishAsync(wait: true, CancellationToken.None);
        await LastWordsAsync();
        if (merge is not null)
            await merge.DisposeAsync();
    }

    private Dictionary<string, KeyRecord> Known(IEnumerable<string> keys)
    {
        var known = new Dictionary<string, KeyRecord>();
        foreach (var item in keys)
        {
            if (tools.Results.Known.TryGetValue(item, out var record))
                known[item] = record;
        }

        return known;
    }

    private string? Closed(ForgeView view, RulesAtTip at) =>
        memory.State.Stopped is { } stopped ? $"stopped: {stopped}"
        : memory.State.Paused is { } paused ? $"paused by the operator: {paused}"
        : memory.State.Frozen is { } frozen ? $"frozen by the operator: {frozen}"
        : view.Problem is { } problem ? problem
        : at.Rules is { } ruleset && !ruleset.Guards(trunk) ? $"configuration error: the rules at its tip do not list {trunk} among their trunks"
        : memory.State.ClosedUntil is { } until && until > tools.Time.GetUtcNow() ? $"what was pushed last did not land; tried again at {until:HH:mm:ss} UTC: {lander.LastRefusal}"
        : null;

    [LoggerMessage(EventId = 201, Level = LogLevel.Warning, Message = "{Trunk}: {Why}")]
    private partial void LogClosed(string trunk, string why);

    [LoggerMessage(EventId = 206, Level = LogLevel.Error, Message = "{Trunk}: {Doing} failed; it is left alone for a while, and the others go on")]
    private partial void LogTrouble(Exception? error, string trunk, string doing);

    [LoggerMessage(EventId = 202, Level = LogLevel.Information, Message = "{Trunk}: {Effect}")]
    private partial void LogEffect(string trunk, Effect effect);
}
