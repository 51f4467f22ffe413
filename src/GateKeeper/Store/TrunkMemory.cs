using System.Collections.Immutable;
using System.Text.Json;
using GateKeeper.Core.Changes;
using GateKeeper.Core.Landing;

namespace GateKeeper.Store;

/// <summary>What the gate remembers of one trunk beside its queue.</summary>
internal sealed record TrunkState
{
    public int Window { get; init; } = 20;

    /// <summary>Why the operator paused it.</summary>
    public string? Paused { get; init; }

    /// <summary>Why the operator froze it: it is tested, and nothing lands.</summary>
    public string? Frozen { get; init; }

    /// <summary>Why the gate stopped on it: a human must look.</summary>
    public string? Stopped { get; init; }

    public CommitSha? Tip { get; init; }

    /// <summary>How many changes in a row the forge refused to land.</summary>
    public int Refusals { get; init; }

    public DateTimeOffset? ClosedUntil { get; init; }

    /// <summary>True after a joint push was refused: what follows is pushed one by one.</summary>
    public bool Singly { get; init; }

    /// <summary>What was last asked of the trunk in a comment.</summary>
    public AskedOfTrunk? Asked { get; init; }

    /// <summary>Whether the gate has looked at it before.</summary>
    public bool Met { get; init; }
}

/// <summary>The memory of one trunk: its queue and its state, in memory and written through.</summary>
internal sealed partial class TrunkMemory
{
    private readonly Database database;
    private readonly string trunk;

    public TrunkMemory(Database database, string trunk, int window)
    {
        (this.database, this.trunk) = (database, trunk);
        (Queue, Refs) = (Queued(), Publications());
        State = Load(window);
    }

    public ImmutableDictionary<ChangeId, QueueRecord> Queue { get; private set; }

    public TrunkState State { get; private set; }

    /// <summary>The trunks of a repository that were there once, by their names in it.</summary>
    public static IReadOnlyList<string> Known(Database database, string repository) => database.Read(
        "SELECT substr(trunk, length($1) + 2) FROM trunks WHERE tip IS NOT NULL AND substr(trunk, 1, length($1) + 1) = $1 || '/'", row => row.GetString(0), repository);

    /// <summary>Reads everything again: another worker may have written it.</summary>
    public void Reload()
    {
        (Queue, Refs) = (Queued(), Publications());
        Refresh();
    }

    /// <summary>Changes what is remembered of a revision; a record of another revision of the change is forgotten.</summary>
    public void Note(Revision revision, Func<QueueRecord, QueueRecord> change)
    {
        var old = Queue.GetValueOrDefault(revision.Change) is { } known && known.Revision == revision.Commit ? known : new QueueRecord(revision.Commit);
        var record = change(old);
        Queue = Queue.SetItem(revision.Change, record);
        database.Do(
            """
            INSERT INTO queue (trunk, change, revision, since, proposed_on, ejected_as, ejected_why, ejected_at, parked_why, parked_until, parked_attempts, told, failed_on, ejected_lines)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            ON CONFLICT (trunk, change) DO UPDATE SET revision = $3, since = $4, proposed_on = $5, ejected_as = $6, ejected_why = $7, ejected_at = $8, parked_why = $9, parked_until = $10, parked_attempts = $11, told = $12, failed_on = $13, ejected_lines = $14
            """,
            trunk, revision.Change.Value, record.Revision.Hex, record.EligibleSince, record.ProposedOn?.Hex, record.Ejected?.Outcome, record.Ejected?.Why, record.Ejected?.At,
            record.Parked?.Why, record.Parked?.Until, (long?)record.Parked?.Attempts, JsonSerializer.Serialize<string[]>([.. record.Told]), record.FailedOn?.Hex, record.Ejected?.LastLines);
    }

    public void Leave(ChangeId change)
    {
        if (Queue.TryGetValue(change, out var record))
            Note(new(change, record.Revision), old => old with { EligibleSince = null, Parked = null });
    }

    /// <summary>Forgets changes that are not open any more.</summary>
    public void Keep(IReadOnlySet<ChangeId> open)
    {
        foreach (var gone in Queue.Keys.Where(change => !open.Contains(change)).ToList())
        {
            Queue = Queue.Remove(gone);
            database.Do("DELETE FROM queue WHERE trunk = $1 AND change = $2", trunk, gone.Value);
        }
    }

    /// <summary>Changes the state as it is in the store at this moment: another process (an operator's command) may just have set it.</summary>
    public void Set(Func<TrunkState, TrunkState> change) => database.Together(() =>
    {
        var before = Load(State.Window);
        State = change(before);
        if (State == before)
            return;
        database.Do(
            """
            INSERT INTO trunks (trunk, window, paused, frozen, stopped, tip, refusals, closed_until, singly, asked, met) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            ON CONFLICT (trunk) DO UPDATE SET window = $2, paused = $3, frozen = $4, stopped = $5, tip = $6, refusals = $7, closed_until = $8, singly = $9, asked = $10, met = $11
            """,
            trunk, (long)State.Window, State.Paused, State.Frozen, State.Stopped, State.Tip?.Hex, (long)State.Refusals, State.ClosedUntil, State.Singly,
            State.Asked is null ? null : JsonSerializer.Serialize(State.Asked), State.Met);
    });

    /// <summary>Reads again what another process (an operator's command) may have set.</summary>
    public void Refresh() => State = Load(State.Window);

    private TrunkState Load(int window) => database.Read(
        "SELECT window, paused, frozen, stopped, tip, refusals, closed_until, singly, asked, met FROM trunks WHERE trunk = $1",
        row => new TrunkState
        {
            Window = row.GetInt32(0),
            Paused = row.IsDBNull(1) ? null : row.GetString(1),
            Frozen = row.IsDBNull(2) ? null : row.GetString(2),
            Stopped = row.IsDBNull(3) ? null : row.GetString(3),
            Tip = row.IsDBNull(4) ? null : new CommitSha(row.GetString(4)),
            Refusals = row.GetInt32(5),
            ClosedUntil = row.TimeOrNull(6),
            Singly = row.GetInt64(7) == 1,
            Asked = row.IsDBNull(8) ? null : JsonSerializer.Deserialize<AskedOfTrunk>(row.GetString(8)),
            Met = !row.IsDBNull(9) && row.GetInt64(9) == 1,
        }, trunk).FirstOrDefault() ?? new TrunkState { Window = window };

    private ImmutableDictionary<ChangeId, QueueRecord> Queued() => database.Read(
            "SELECT change, revision, since, proposed_on, ejected_as, ejected_why, ejected_at, parked_why, parked_until, parked_attempts, told, failed_on, ejected_lines FROM queue WHERE trunk = $1",
            row => KeyValuePair.Create(new ChangeId(row.GetString(0)), new QueueRecord(new(row.GetString(1)))
            {
                EligibleSince = row.TimeOrNull(2),
                ProposedOn = row.IsDBNull(3) ? null : new CommitSha(row.GetString(3)),
                Ejected = row.IsDBNull(4) ? null : new(row.GetString(4), row.GetString(5), row.Time(6)) { LastLines = row.TextOrEmpty(12) },
                Parked = row.IsDBNull(7) ? null : new(row.GetString(7), row.Time(8), row.GetInt32(9)),
                Told = [.. Topics(row.GetString(10))],
                FailedOn = row.IsDBNull(11) ? null : new CommitSha(row.GetString(11)),
            }), trunk).ToImmutableDictionary();

    /// <summary>A topic names files, and a file's name may hold a line break; earlier versions wrote one topic a line.</summary>
    private static string[] Topics(string told) =>
        told.StartsWith('[') ? JsonSerializer.Deserialize<string[]>(told)! : told.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
