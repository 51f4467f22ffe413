using System.Collections.Concurrent;
using GateKeeper.Core.Changes;
using Microsoft.Data.Sqlite;

namespace GateKeeper.Store;

/// <summary>A named state that lasts until it is mended or acknowledged.</summary>
internal sealed record AlarmRecord(string Name, string Words, DateTimeOffset Since, DateTimeOffset? Acknowledged)
{
    /// <summary>Why it cannot be acknowledged; null where it can.</summary>
    public string? Lasts { get; init; }
}

/// <summary>A change that landed, with what was known of it then.</summary>
internal sealed record LandingRecord(string Trunk, ChangeId Change, CommitSha Revision, CommitSha Commit, string Title, Account Author, DateTimeOffset At, string Evidence)
{
    public bool Rewritten { get; init; }

    /// <summary>Where the journal tells of it.</summary>
    public string Entry { get; init; } = "";
}

/// <summary>The smaller memories that all trunks share: alarms, landings, and when a thing was first seen.</summary>
internal sealed class Notebook(Database database, TimeProvider time)
{
    private const string LandedColumns = "trunk, change, revision, commit_id, title, author, at, evidence, rewritten, entry";
    private readonly ConcurrentDictionary<(string, string), DateTimeOffset> seen = new();

    /// <summary>Alarms that the store did not take, by name, and why it did not: a full disk is no reason to be silent.</summary>
    private readonly ConcurrentDictionary<string, (AlarmRecord Alarm, string Why)> unstored = new(StringComparer.Ordinal);

    public IReadOnlyList<AlarmRecord> Alarms =>
    [
        .. Stored().Where(alarm => !unstored.ContainsKey(alarm.Name)),
        .. unstored.Values.OrderBy(item => item.Alarm.Since).Select(item => item.Alarm with
        {
            Words = $"{item.Alarm.Words} (the store did not take this alarm: {item.Why})",
            Lasts = "the store has not taken it yet, so it cannot be acknowledged; it is stored when there is room again",
        }),
        .. database.Health.Alarm is { } unwritable ? (AlarmRecord[])[unwritable] : [],
    ];

    /// <summary>Where even reading fails, what is in memory is shown.</summary>
    private List<AlarmRecord> Stored()
    {
        try
        {
            return database.Read("SELECT name, words, since, acknowledged FROM alarms ORDER BY since", row => new AlarmRecord(row.GetString(0), row.GetString(1), row.Time(2), row.TimeOrNull(3)));
        }
        catch (SqliteException) when (database.Health.Alarm is not null)
        {
            return [];
        }
    }

    /// <summary>
    /// Answers true when the alarm is new or says something new. Where the store does not take it, it is kept in memory, so that page, log and
    /// the operator's command still have it, and stored when there is room again.
    /// </summary>
    public bool Raise(string name, string words)
    {
        try
        {
            var fresh = Store(name, words, time.GetUtcNow());
            unstored.TryRemove(name, out _);
            StoreAgain();
            return fresh;
        }
        catch (SqliteException error)
        {
            var fresh = !unstored.TryGetValue(name, out var known) || known.Alarm.Words != words;
            if (fresh)
                unstored[name] = (new(name, words, time.GetUtcNow(), null), error.Message);
            return fresh;
        }
    }

    private bool Store(string name, string words, DateTimeOffset since)
    {
        if (database.Read("SELECT 1 FROM alarms WHERE name = $1 AND words = $2", row => row.GetInt64(0), name, words).Count > 0)
            return false;
        database.Do("INSERT INTO alarms (name, words, since) VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE SET words = $2, since = $3, acknowledged = NULL", name, words, since);
        return true;
    }

    private void StoreAgain()
    {
        foreach (var (name, item) in unstored)
        {
            Store(name, item.Alarm.Words, item.Alarm.Since);
            unstored.TryRemove(new(name, item));
        }
    }

    public void Mend(string name)
    {
        unstored.TryRemove(name, out _);
        database.Do("DELETE FROM alarms WHERE name = $1", name);
        try
        {
            StoreAgain();
        }
        catch (SqliteException)
        {
            // They stay in memory.
        }
    }

    /// <summary>Answers false when there is no such alarm.</summary>
    public bool Acknowledge(string name)
    {
        var known = Alarms.Any(alarm => alarm.Name == name);

        // What happened once is over when somebody has seen it; what is so lasts until it is mended.
        if (name.StartsWith("foreign:", StringComparison.Ordinal))
            Mend(name);
        database.Do("UPDATE alarms SET acknowledged = $2 WHERE name = $1", name, time.GetUtcNow());
        return known;
    }

    public void Landed(LandingRecord landing) => database.Do(
        "INSERT OR REPLACE INTO landed (trunk, change, revision, commit_id, title, author, at, evidence, rewritten, entry, told) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0)",
        landing.Trunk, landing.Change.Value, landing.Revision.Hex, landing.Commit.Hex, landing.Title, landing.Author.Name, landing.At, landing.Evidence, landing.Rewritten, landing.Entry);

    public IReadOnlyList<LandingRecord> Landings(string? trunk, int most) => database.Read(
        $"SELECT {LandedColumns} FROM landed WHERE $1 IS NULL OR trunk = $1 ORDER BY at DESC, rowid DESC LIMIT $2", Row, trunk, (long)most);

    /// <summary>The landings that people have not been told of, the oldest first.</summary>
    public IReadOnlyList<LandingRecord> Untold(string trunk) => database.Read($"SELECT {LandedColumns} FROM landed WHERE trunk = $1 AND told = 0 ORDER BY rowid", Row, trunk);

    public void Told(LandingRecord landing) => database.Do(
        "UPDATE landed SET told = 1 WHERE trunk = $1 AND change = $2 AND revision = $3", landing.Trunk, landing.Change.Value, landing.Revision.Hex);

    /// <summary>Whether this very change landed in this revision, as this commit.</summary>
    public bool HasLandedAs(string trunk, ChangeId change, CommitSha revision, CommitSha commit) => database.Read(
        "SELECT 1 FROM landed WHERE trunk = $1 AND change = $2 AND revision = $3 AND commit_id = $4 LIMIT 1", row => row.GetInt64(0), trunk, change.Value, revision.Hex, commit.Hex).Count > 0;

    public IReadOnlySet<Account> Authors(string trunk) =>
        database.Read("SELECT DISTINCT author FROM landed WHERE trunk = $1", row => new Account(row.GetString(0)), trunk).ToHashSet();

    /// <summary>When the gate first saw a thing, by its own clock.</summary>
    public DateTimeOffset FirstSeen(string trunk, string what)
    {
        if (seen.TryGetValue((trunk, what), out var known))
            return known;
        database.Do("INSERT OR IGNORE INTO seen (trunk, what, at) VALUES ($1, $2, $3)", trunk, what, time.GetUtcNow());
        return seen[(trunk, what)] = database.Read("SELECT at FROM seen WHERE trunk = $1 AND what = $2", row => row.Time(0), trunk, what)[0];
    }

    /// <summary>
    /// The landings of the changes whose id is this or, of one by a commit's 40 digits, begins so and is long enough to mean something; the
    /// newest first. A number is never the beginning of another.
    /// </summary>
    public IReadOnlyList<LandingRecord> LandingsOf(string change, string? repository = null) => database.Read(
        $"""
        SELECT {LandedColumns} FROM landed
        WHERE (change = $1 OR (length($1) >= 4 AND length(change) = 40 AND change NOT GLOB '*[^0-9a-f]*' AND substr(change, 1, length($1)) = $1))
        AND ($2 IS NULL OR substr(trunk, 1, length($2) + 1) = $2 || '/')
        ORDER BY at DESC, rowid DESC LIMIT 100
        """, Row, change, repository);

    private static LandingRecord Row(Microsoft.Data.Sqlite.SqliteDataReader row) =>
        new(row.GetString(0), new(row.GetString(1)), new(row.GetString(2)), new(row.GetString(3)), row.GetString(4), new(row.GetString(5)), row.Time(6), row.GetString(7))
        {
            Rewritten = row.GetInt64(8) == 1,
            Entry = row.GetString(9),
        };
}

/// <summary>
/// The turn of a trunk: a numbered lease. The holder renews it; another takes it only when it has itself seen no renewal for longer than
/// the lease and the longest push together, so that no clock but its own counts.
/// </summary>
/// <param name="database">The store.</param>
/// <param name="time">The clock.</param>
/// <param name="trunk">The trunk whose turn it is.</param>
/// <param name="holder">Who this worker is: its work folder, a "/", and what tells it from earlier workers of that folder.</param>
/// <param name="hasNothingOpen">Whether no landing was begun whose outcome is not written.</param>
internal sealed class Lease(Database database, TimeProvider time, string trunk, string holder, Func<bool>? hasNothingOpen = null)
{
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(60);
    public static readonly TimeSpan PushLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(5);
    private long number;
    private long renewed;
    private (long Renewed, long At) foreign;

    /// <summary>Which turn this worker had last; 0 when it never had one.</summary>
    public long Number => number;

    /// <summary>Whether this worker has the turn: taken or renewed where that is due, else as it was a moment ago.</summary>
    public bool Hold() => (number > 0 && time.GetElapsedTime(renewed) < Renewal) || Take();

    /// <summary>Renews the turn or takes it, on the disk; false when another holds it.</summary>
    public bool Take()
    {
        var begun = time.GetTimestamp();
        var taken = database.Synced(connection =>
        {
            using var read = Database.Command(connection, "SELECT holder, number, renewed FROM leases WHERE trunk = $1", trunk);
            var (owner, count, beat) = ((string?)null, 0L, 0L);
            using (var row = read.ExecuteReader())
            {
                if (row.Read())
                    (owner, count, beat) = (row.GetString(0), row.GetInt64(1), row.GetInt64(2));
            }

            if (owner is not null && !(owner == holder && count == number) && !IsLeftOver(owner) && !Abandoned(beat))
                return false;
            number = owner == holder && count == number ? count : count + 1;
            using var write = Database.Command(
                connection, "INSERT INTO leases (trunk, holder, number, renewed) VALUES ($1, $2, $3, $4) ON CONFLICT (trunk) DO UPDATE SET holder = $2, number = $3, renewed = $4",
                trunk, holder, number, beat + 1);
            write.ExecuteNonQuery();
            return true;
        });
        if (taken)
            renewed = begun;
        return taken;
    }

    /// <summary>Whether a push that begins now is sure to be over, or killed, before anybody else may begin one.</summary>
    public bool AllowsPush => number > 0 && time.GetElapsedTime(renewed) + PushLimit < Length;

    /// <summary>Gives the turn back at a graceful stop, so that the next worker need not wait.</summary>
    public void Release() => database.Do("DELETE FROM leases WHERE trunk = $1 AND holder = $2 AND number = $3", trunk, holder, number);

    /// <summary>
    /// Whether an earlier worker of the same work folder left the turn behind: whoever has the folder has it alone, so that one has ended.
    /// A push of its own may outlive it, so with a landing open the turn is waited for as anybody's.
    /// </summary>
    private bool IsLeftOver(string owner) =>
        owner != holder && holder.Split('/') is [var folder, _] && owner.StartsWith($"{folder}/", StringComparison.Ordinal) && hasNothingOpen?.Invoke() == true;

    private bool Abandoned(long beat)
    {
        if (foreign.Renewed != beat || foreign.At == 0)
        {
            foreign = (beat, time.GetTimestamp());
            return false;
        }

        return time.GetElapsedTime(foreign.At) > Length + PushLimit;
    }
}
