using System.Text.Json;
using GateKeeper.Core.Changes;
using GateKeeper.Core.Landing;
using GateKeeper.Core.Rules;
using GateKeeper.Forges;
using GateKeeper.Git;
using GateKeeper.Store;
using LibGit2Sharp;

namespace GateKeeper.Reconcile;

/// <summary>What came of an attempt to land.</summary>
internal enum LandingOutcome
{
    Landed,

    /// <summary>Something moved; everything is decided anew.</summary>
    Anew,
    Refused,

    /// <summary>The trunk stands where it stood, and nobody said why: the push did not get there.</summary>
    Unanswered,

    /// <summary>The trunk does not hold what was pushed; the gate stops there.</summary>
    Stopped,
}

/// <summary>A push of the trunk that is under way.</summary>
/// <param name="Land">What lands.</param>
/// <param name="Snapshot">What it was decided on.</param>
/// <param name="Statuses">How each change was judged.</param>
/// <param name="Rules">Which file of rules judged.</param>
/// <param name="Rewrites">Whether the commits that land are others than those that were proposed.</param>
internal sealed record Flight(Effect.Land Land, Snapshot Snapshot, IReadOnlyDictionary<ChangeId, Progress> Statuses, string Rules, bool Rewrites)
{
    public Task<PushAnswer> Push { get; init; } = Task.FromResult<PushAnswer>(new PushAnswer.Unclear("it was not begun"));
}

/// <summary>
/// Moves the trunk. Intent and evidence are on the disk before the push, the push is alone, never forced and from an expected value
/// within the turn, and what the trunk holds afterwards is read back, not assumed.
/// </summary>
internal sealed class Lander(Mirror mirror, IForge forge, Journal journal, Notebook notebook, TrunkMemory memory, Lease lease, string trunk, string fullName, TimeProvider time)
{
    /// <summary>How earlier versions wrote a file of rules that the operator had installed among the changes; there is nobody to tell.</summary>
    private const string NoChange = "rules";

    public string LastRefusal { get; private set; } = "";

    /// <summary>
    /// Begins a landing: the turn, the intent on the disk, and the push, which goes on beside the loop. Null when the turn does not allow it.
    /// </summary>
    public Flight? Begin(Flight flight)
    {
        var (land, turn) = (flight.Land, lease.Number);
        if (!lease.Take() || lease.Number != turn || !lease.AllowsPush)
            return null;
        journal.Write(trunk, "intent", Evidence(flight));
        return flight with { Push = Task.Run(() => LandAsync(land, flight.Snapshot.Rules.Landing.Method), CancellationToken.None) };
    }

    /// <summary>What went wrong on the way says nothing of where the trunk is: it is read, as after every answer that says nothing.</summary>
    private async Task<PushAnswer> LandAsync(Effect.Land land, LandingMethod method)
    {
        try
        {
            return await forge.LandAsync(fullName, land, method, Lease.PushLimit);
        }
        catch (Exception error)
        {
            return new PushAnswer.Unclear(error.Message);
        }
    }

    /// <summary>Finds out what came of a push, by reading the trunk, and closes the journal's entry.</summary>
    public async Task<LandingOutcome> FinishAsync(Flight flight, CancellationToken cancellation)
    {
        var land = flight.Land;
        var answer = await flight.Push;
        if (answer is PushAnswer.Done { As: { } made })
            land = As(land, made);
        var outcome = answer is PushAnswer.Other ? LandingOutcome.Stopped : await ReadBackAsync(land, cancellation) switch
        {
            LandingOutcome.Unanswered when answer is PushAnswer.Refused => LandingOutcome.Refused,

            // A forge that lands revisions by itself says so when another has come: that is nobody's failure.
            LandingOutcome.Unanswered when answer is PushAnswer.Moved && forge.LandsSingly(flight.Snapshot.Rules.Landing.Method) => LandingOutcome.Anew,
            var read => read,
        };
        if (outcome is LandingOutcome.Anew && answer is PushAnswer.Unclear && Made(land.From, land.To, land.Changes[^1].Candidate.Revision.Commit, flight.Snapshot.Rules.Landing.Method is LandingMethod.Rebase) is { } found)
            (outcome, land) = (LandingOutcome.Landed, As(land, found));
        LastRefusal = answer.Objection ?? "it said that it took the push, and the trunk does not show it";
        if (outcome is not LandingOutcome.Landed)
        {
            journal.Write(trunk, "not landed", JsonSerializer.Serialize(new { to = flight.Land.To.Hex, answer = answer.ToString() }));
            return outcome;
        }

        Close(flight with { Land = land }, flight.Land.To);
        return outcome;
    }

    /// <summary>Closes what a crash left open, from what the trunk shows; answers whether something had landed of which people are still to be told.</summary>
    public bool CloseOpenIntents(Func<CommitSha, bool> onTrunk)
    {
        var landed = false;
        foreach (var intent in journal.OpenIntents(trunk))
        {
            try
            {
                landed |= Close(intent, onTrunk);
            }
            catch (Exception error) when (error is GitException or LibGit2SharpException)
            {
                // What was to land is gone, or cannot be read. The trunk moved, and nobody is known to have moved it, which is said aloud.
                journal.Write(trunk, "not known", JsonSerializer.Serialize(new { answer = $"whether it landed cannot be told any more: {error.Message}" }));
            }
            catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
            {
                // It cannot be told any more what was to land; if it did, the trunk moved and nobody is known to have moved it, which is said aloud.
                journal.Write(trunk, "not known", JsonSerializer.Serialize(new { answer = $"entry {intent.Id} is damaged" }));
                notebook.Raise("journal", $"entry {intent.Id} ({intent.Kind}, {trunk}) cannot be read: the store is damaged, or was changed. {Journal.Cure}");
            }
        }

        return landed;
    }

    /// <summary>Closes one intent; answers whether something had landed.</summary>
    private bool Close(JournalEntry intent, Func<CommitSha, bool> onTrunk)
    {
        using var body = JsonDocument.Parse(intent.Body);
        var to = new CommitSha(body.RootElement.GetProperty("to").GetString()!);
        var changes = body.RootElement.GetProperty("changes").EnumerateArray().ToList();
        var from = new CommitSha(body.RootElement.GetProperty("from").GetString()!);
        if ((onTrunk(to) ? to : changes.Count == 0 ? (CommitSha?)null : Made(from, to, new(changes[^1].GetProperty("revision").GetString()!), body.RootElement.TryGetProperty("method", out var method) && method.GetString() == $"{LandingMethod.Rebase}")) is not { } there)
        {
            journal.Write(trunk, "not landed", JsonSerializer.Serialize(new { to = to.Hex, answer = "found after a restart" }));
            return false;
        }

        List<LandingRecord> records =
        [
            .. changes.Where(change => change.GetProperty("change").GetString() != NoChange).Select(change => (change, commit: new CommitSha(change.GetProperty("commit").GetString()!)))
                .Select(item => new LandingRecord(
                    trunk, new(item.change.GetProperty("change").GetString()!), new(item.change.GetProperty("revision").GetString()!), item.commit == to ? there : item.commit,
                    item.change.GetProperty("title").GetString()!, new(item.change.GetProperty("author").GetString()!), intent.At, item.change.GetRawText())
                {
                    Rewritten = item.change.GetProperty("rewritten").GetBoolean(),
                }),
        ];
        var entry = journal.Landed(trunk, to, there, "after a restart");
        records.ForEach(record => notebook.Landed(record with { Entry = Evidence(entry) }));
        return records.Count > 0;
    }

    private async Task<LandingOutcome> ReadBackAsync(Effect.Land land, CancellationToken cancellation)
    {
        if (await mirror.ReadBackAsync(fullName, cancellation) == land.To)
        {
            mirror.Took(fullName, land.To);
            return LandingOutcome.Landed;
        }

        // Somebody pushed on top, or the push never arrived, or the trunk went elsewhere: only its own line can say.
        await mirror.RefreshOneAsync(fullName, cancellation);
        if (mirror.Refs.GetValueOrDefault(fullName) is not { } tip)
            return LandingOutcome.Stopped;
        if (tip == land.From.Hex)
            return LandingOutcome.Unanswered;
        return mirror.FirstParents(tip).Contains(land.To.Hex) ? LandingOutcome.Landed
            : mirror.FirstParents(tip).Contains(land.From.Hex) ? LandingOutcome.Anew
            : LandingOutcome.Stopped;
    }

    /// <summary>Where the forge makes the commits that land: what it made of a candidate, if that is on the trunk and holds what was tested.</summary>
    private CommitSha? Made(CommitSha from, CommitSha candidate, CommitSha revision, bool replayed) =>
        Enum.GetValues<LandingMethod>().Any(forge.LandsSingly) && ForgeMade.Of(mirror.Repository, mirror.Refs.GetValueOrDefault(fullName), from, candidate, revision, replayed) is { } made && ForgeMade.IsTested(mirror.Repository, made, candidate) ? made : null;

    private static Effect.Land As(Effect.Land land, CommitSha made) => land with { Changes = [.. land.Changes.SkipLast(1), land.Changes[^1] with { Commit = made }] };

    private static string Evidence(JournalEntry entry) => $"journal {entry.Id} {entry.Hash}";

    private void Close(Flight flight, CommitSha candidate)
    {
        var land = flight.Land;
        var entry = journal.Landed(trunk, candidate, land.To);
        foreach (var landed in land.Changes)
        {
            var status = flight.Statuses[landed.Candidate.Revision.Change];
            notebook.Landed(new(
                trunk, landed.Candidate.Revision.Change, landed.Candidate.Revision.Commit, landed.Commit, status.Change.Title, status.Change.Author, time.GetUtcNow(),
                JsonSerializer.Serialize(Facts(landed, flight)))
            {
                Rewritten = flight.Rewrites,
                Entry = Evidence(entry),
            });
        }

        memory.Set(state => state with
        {
            Window = state.Window + land.Changes.Count,
            Refusals = 0,
            ClosedUntil = null,
            Singly = false,
            Tip = land.To,
        });
    }

    private static string Evidence(Flight flight) => JsonSerializer.Serialize(new
    {
        from = flight.Land.From.Hex,
        to = flight.Land.To.Hex,
        rules = flight.Rules,
        method = $"{flight.Snapshot.Rules.Landing.Method}",
        changes = flight.Land.Changes.Select(landed => Facts(landed, flight)),
    });

    private static object Facts(Landed landed, Flight flight)
    {
        var status = flight.Statuses[landed.Candidate.Revision.Change];
        var keys = (flight.Snapshot.Candidates.GetValueOrDefault(landed.Candidate) as CandidateFacts.Built)?.Keys ?? new Dictionary<string, string>();
        return new
        {
            change = landed.Candidate.Revision.Change.Value,
            revision = landed.Candidate.Revision.Commit.Hex,
            commit = landed.Commit.Hex,
            rewritten = flight.Rewrites,
            title = status.Change.Title,
            author = status.Change.Author.Name,
            uploader = status.Change.Uploader?.Name,
            gates = status.Judgement.Gates.Select(gate => $"{gate.Name}: {gate.Reason}"),
            votes = status.Change.Votes.Where(vote => vote.Value is not VoteValue.Neither).Select(vote => $"{vote.By} {vote.Value} {vote.On.Hex}"),
            tests = keys.Select(pair => new { test = pair.Key, key = pair.Value, run = flight.Snapshot.Results.GetValueOrDefault(pair.Value) is { PassedAt: not null } passed ? passed.Run : null }),
        };
    }
}
