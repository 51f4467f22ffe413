using System.Text.Json;
using GateKeeper.Core.Changes;
using GateKeeper.Core.Landing;
using GateKeeper.Forges;
using GateKeeper.Git;
using GateKeeper.Store;

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
internal sealed record Flight(Effect.Land Land, Snapshot Snapshot, IReadOnlyDictionary<ChangeId, Progress> Statuses, bool Rewrites, Task<PushAnswer> Push);

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
    public Task<PushAnswer>? Begin(Effect.Land land, IReadOnlyDictionary<ChangeId, Progress> statuses, bool rewrites)
    {
        if (!lease.Take() || !lease.AllowsPush)
            return null;
        journal.Write(trunk, "intent", Evidence(land, statuses, rewrites));
        return Task.Run(() => forge.LandAsync(fullName, land, Lease.PushLimit), CancellationToken.None);
    }

    /// <summary>Finds out what came of a push, by reading the trunk, and closes the journal's entry.</summary>
    public async Task<LandingOutcome> FinishAsync(Flight flight, CancellationToken cancellation)
    {
        var (land, statuses, rewrites) = (flight.Land, flight.Statuses, flight.Rewrites);
        var answer = await flight.Push;
        if (answer is PushAnswer.Done { As: { } made })
            land = land with { Changes = [.. land.Changes.SkipLast(1), land.Changes[^1] with { Commit = made }] };
        var outcome = answer is PushAnswer.Other ? LandingOutcome.Stopped : await ReadBackAsync(land, cancellation) switch
        {
            LandingOutcome.Unanswered when answer is PushAnswer.Refused => LandingOutcome.Refused,
            var found => found,
        };
        LastRefusal = answer switch
        {
            PushAnswer.Refused refused => refused.Why,
            PushAnswer.Moved moved => moved.Why,
            PushAnswer.Unclear unclear => unclear.Why,
            PushAnswer.Other other => other.Why,
            _ => "it said that it took the push, and the trunk does not show it",
        };
        if (outcome is not LandingOutcome.Landed)
        {
            journal.Write(trunk, "not landed", JsonSerializer.Serialize(new { to = land.To.Hex, answer = answer.ToString() }));
            return outcome;
        }

        Close(land, statuses, rewrites);
        return outcome;
    }

    /// <summary>Closes what a crash left open, from what the trunk shows; answers whether something had landed of which people are still to be told.</summary>
    public bool CloseOpenIntents(Func<CommitSha, bool> onTrunk)
    {
        var landed = false;
        foreach (var intent in journal.OpenIntents(trunk))
        {
            using var body = JsonDocument.Parse(intent.Body);
            var to = new CommitSha(body.RootElement.GetProperty("to").GetString()!);
            if (!onTrunk(to))
            {
                journal.Write(trunk, "not landed", JsonSerializer.Serialize(new { to = to.Hex, answer = "found after a restart" }));
                continue;
            }

            var entry = journal.Write(trunk, "landed", JsonSerializer.Serialize(new { to = to.Hex, found = "after a restart" }));
            foreach (var change in body.RootElement.GetProperty("changes").EnumerateArray().Where(change => change.GetProperty("change").GetString() != NoChange))
            {
                landed = true;
                notebook.Landed(new(
                    trunk, new(change.GetProperty("change").GetString()!), new(change.GetProperty("revision").GetString()!), new(change.GetProperty("commit").GetString()!),
                    change.GetProperty("title").GetString()!, new(change.GetProperty("author").GetString()!), intent.At, change.GetRawText())
                {
                    Rewritten = change.GetProperty("rewritten").GetBoolean(),
                    Entry = Evidence(entry),
                });
            }
        }

        return landed;
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

    private static string Evidence(JournalEntry entry) => $"journal {entry.Id} {entry.Hash}";

    private void Close(Effect.Land land, IReadOnlyDictionary<ChangeId, Progress> statuses, bool rewrites)
    {
        var entry = journal.Write(trunk, "landed", JsonSerializer.Serialize(new { to = land.To.Hex }));
        foreach (var landed in land.Changes)
        {
            var status = statuses[landed.Candidate.Revision.Change];
            notebook.Landed(new(
                trunk, landed.Candidate.Revision.Change, landed.Candidate.Revision.Commit, landed.Commit, status.Change.Title, status.Change.Author, time.GetUtcNow(),
                JsonSerializer.Serialize(Facts(landed, status, rewrites)))
            {
                Rewritten = rewrites,
                Entry = Evidence(entry),
            });
        }

        memory.Set(state => state with
        {
            Window = state.Window + land.Changes.Count,
            Refusals = 0,
            ClosedUntil = null,
            Singly = state.Singly && land.Changes.Count == 1,
            Tip = land.To,
        });
    }

    private static string Evidence(Effect.Land land, IReadOnlyDictionary<ChangeId, Progress> statuses, bool rewrites) => JsonSerializer.Serialize(new
    {
        from = land.From.Hex,
        to = land.To.Hex,
        changes = land.Changes.Select(landed => Facts(landed, statuses[landed.Candidate.Revision.Change], rewrites)),
    });

    private static object Facts(Landed landed, Progress status, bool rewritten) => new
    {
        change = landed.Candidate.Revision.Change.Value,
        revision = landed.Candidate.Revision.Commit.Hex,
        commit = landed.Commit.Hex,
        rewritten,
        title = status.Change.Title,
        author = status.Change.Author.Name,
        uploader = status.Change.Uploader?.Name,
        gates = status.Judgement.Gates.Select(gate => $"{gate.Name}: {gate.Reason}"),
        votes = status.Change.Votes.Where(vote => vote.Value is not VoteValue.Neither).Select(vote => $"{vote.By} {vote.Value} {vote.On.Hex}"),
    };
}
