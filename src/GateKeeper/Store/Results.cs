using System.Collections.Concurrent;
using GateKeeper.Core.Changes;
using GateKeeper.Core.Landing;

namespace GateKeeper.Store;

/// <summary>How a run ended.</summary>
internal enum RunOutcome
{
    Passed,
    Failed,

    /// <summary>The runner was lost, not the test: it says nothing of the change.</summary>
    Lost,
    Cancelled,
}

/// <summary>One run as the store keeps it, for people.</summary>
internal sealed record RunRecord(
    long Id, string Trunk, string Test, string Key, ChangeId Change, CommitSha Revision, CommitSha Base, CommitSha Commit, string Tree,
    string Purpose, DateTimeOffset StartedAt, DateTimeOffset? EndedAt, string? Outcome, string Why, string Definition)
{
    /// <summary>The last lines that it printed, where it failed.</summary>
    public string LastLines { get; init; } = "";

    /// <summary>How it ended, and what it printed last.</summary>
    public string Summary => LastLines.Length == 0 ? Why : $"{Why}\n{LastLines}";
}

/// <summary>The test results by key, and the runs that they came from. What the planner reads is kept in memory and written through.</summary>
internal sealed class Results
{
    private const string RunColumns = "id, trunk, test, key, change, revision, base, commit_id, tree, purpose, started_at, ended_at, outcome, summary, definition, last_lines";

    /// <summary>The purpose of runs of a test that a change defines itself: it may bear the name of the trunk's, and says nothing of that.</summary>
    private const string Brought = "Brought";
    private readonly Database database;
    private readonly TimeProvider time;
    private readonly ConcurrentDictionary<string, KeyRecord> records = new();
    private readonly ConcurrentDictionary<string, (long Endings, IReadOnlyDictionary<string, TimeSpan> Means)> durations = new();
    private readonly Lock writing = new();
    private long endings;

    public Results(Database database, TimeProvider time)
    {
        (this.database, this.time) = (database, time);
        Reload();
    }

    public IReadOnlyDictionary<string, KeyRecord> Known => records;

    /// <summary>Reads again what another worker may have written while it had the turn.</summary>
    public void Reload()
    {
        lock (writing)
        {
            foreach (var (key, record) in Read())
                records[key] = record;
        }
    }

    /// <summary>What was running when the last worker went is lost without blame: it was cancelled, and is run again when it is wanted.</summary>
    public void CancelOthers(string trunk, IEnumerable<long> own) => database.Do(
        "UPDATE runs SET ended_at = $1, outcome = 'Cancelled', summary = 'the worker stopped' WHERE ended_at IS NULL AND trunk = $2 AND id NOT IN (SELECT value FROM json_each($3))",
        time.GetUtcNow(), trunk, $"[{string.Join(',', own)}]");

    private List<KeyValuePair<string, KeyRecord>> Read()
    {
        var failures = database.Read("SELECT key, at FROM failures ORDER BY at", row => (Key: row.GetString(0), At: row.Time(1))).ToLookup(row => row.Key, row => row.At);
        return database.Read(
            "SELECT key, passed_at, lost, lost_at, why, run, last_lines FROM results",
            row => KeyValuePair.Create(row.GetString(0), new KeyRecord
            {
                PassedAt = row.TimeOrNull(1),
                FailedAt = [.. failures[row.GetString(0)]],
                Lost = row.GetInt32(2),
                LostAt = row.TimeOrNull(3),
                Why = row.TextOrEmpty(4),
                Run = row.NumberOrNull(5),
                LastLines = row.TextOrEmpty(6),
            }));
    }

    /// <summary>How long each test took when it last passed, the mean of some; read again only when something has ended.</summary>
    public IReadOnlyDictionary<string, TimeSpan> Durations(string trunk)
    {
        var ended = Volatile.Read(ref endings);
        if (durations.TryGetValue(trunk, out var known) && known.Endings == ended)
            return known.Means;
        var means = database.Read(
            """
            SELECT test, AVG(ended_at - started_at) FROM (
                SELECT test, started_at, ended_at, ROW_NUMBER() OVER (PARTITION BY test ORDER BY id DESC) AS place
                FROM (SELECT * FROM runs WHERE trunk = $1 AND purpose <> $2 ORDER BY id DESC LIMIT 500) WHERE outcome = 'Passed')
            WHERE place <= 20 GROUP BY test
            """, row => KeyValuePair.Create(row.GetString(0), TimeSpan.FromMilliseconds(row.GetDouble(1))), trunk, Brought).ToDictionary();
        durations[trunk] = (ended, means);
        return means;
    }

    public long Begin(string trunk, RunOrder order, string tree, string definition)
    {
        // A number that a result still names is not given to another run, though the run itself is forgotten.
        return database.Read(
            """
            INSERT INTO runs (id, trunk, test, key, change, revision, base, commit_id, tree, purpose, started_at, definition)
            SELECT MAX(COALESCE((SELECT MAX(id) FROM runs), 0), COALESCE((SELECT MAX(run) FROM results), 0)) + 1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11
            RETURNING id
            """,
            row => row.GetInt64(0),
            trunk, order.Test, order.Key, order.Candidate.Revision.Change.Value, order.Candidate.Revision.Commit.Hex, order.Candidate.Base.Hex,
            order.Commit.Hex, tree, order.IsBrought ? Brought : order.Purpose.ToString(), time.GetUtcNow(), definition)[0];
    }

    /// <param name="id">The run.</param>
    /// <param name="order">What was run.</param>
    /// <param name="outcome">How it ended.</param>
    /// <param name="why">How it came about, in few lines.</param>
    /// <param name="lastLines">What it printed last.</param>
    /// <param name="hasFlakes">Whether its reports name cases that failed and then passed.</param>
    public void End(long id, RunOrder order, RunOutcome outcome, string why, string lastLines = "", bool hasFlakes = false)
    {
        var now = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        try
        {
            database.Do("UPDATE runs SET ended_at = $2, outcome = $3, summary = $4, last_lines = $5 WHERE id = $1", id, now, outcome.ToString(), why, lastLines);
            Interlocked.Increment(ref endings);
            if (outcome is RunOutcome.Cancelled)
                return;

            lock (writing)
                Record(id, order, outcome, (why, lastLines, hasFlakes), now);
        }
        catch (Exception error)
        {
            // What the store does not take counts as lost, so that it is run again by and by and not at once, for ever.
            lock (writing)
            {
                var before = records.GetValueOrDefault(order.Key) ?? new KeyRecord();
                records[order.Key] = before with { Lost = before.Lost + 1, LostAt = now, Why = before.FailedAt.Count > 0 ? before.Why : $"its result could not be kept: {error.Message}" };
            }

            throw;
        }
    }

    private void Record(long id, RunOrder order, RunOutcome outcome, (string Why, string LastLines, bool HasFlakes) told, DateTimeOffset now)
    {
        var before = records.GetValueOrDefault(order.Key) ?? new KeyRecord();
        var after = outcome switch
        {
            RunOutcome.Passed => before with { PassedAt = now, Lost = 0, LostAt = null, Run = id },
            RunOutcome.Failed => before with { FailedAt = [.. before.FailedAt, Later(now, before.FailedAt)], Why = told.Why, LastLines = told.LastLines, Lost = 0, LostAt = null, Run = id },
            _ => before with { Lost = before.Lost + 1, LostAt = now, Run = id, Why = before.FailedAt.Count > 0 ? before.Why : told.Why },
        };
        database.Together(() =>
        {
            database.Do(
                "INSERT INTO results (key, passed_at, lost, lost_at, why, run, touched_at, last_lines) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (key) DO UPDATE SET passed_at = $2, lost = $3, lost_at = $4, why = $5, run = $6, touched_at = $7, last_lines = $8",
                order.Key, after.PassedAt, after.Lost, after.LostAt, after.Why, after.Run, now, after.LastLines);
            if (outcome is RunOutcome.Failed)
                database.Do("INSERT INTO failures (key, at) VALUES ($1, $2)", order.Key, after.FailedAt[^1]);
            if (!order.IsBrought && (told.HasFlakes || (outcome is RunOutcome.Passed && before.FailedAt.Count > 0)))
                database.Do("INSERT INTO flakes (test, key, at) VALUES ($1, $2, $3)", order.Test, order.Key, now);
        });
        records[order.Key] = after;
    }

    /// <summary>Takes note of a failure that somebody else reported. That it passes is never noted: only what the forge shows counts for that.</summary>
    public void NoteFailed(string key, DateTimeOffset at)
    {
        lock (writing)
        {
            var before = records.GetValueOrDefault(key) ?? new KeyRecord();
            at = DateTimeOffset.FromUnixTimeMilliseconds(at.ToUnixTimeMilliseconds());
            if (before.FailedAt.Count > 0 && before.FailedAt[^1] >= at)
                return;
            database.Together(() =>
            {
                database.Do("INSERT INTO results (key, touched_at) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET touched_at = $2", key, time.GetUtcNow());
                database.Do("INSERT OR IGNORE INTO failures (key, at) VALUES ($1, $2)", key, at);
            });
            records[key] = before with { FailedAt = [.. before.FailedAt, at] };
        }
    }

    public RunRecord? Run(long id) => database.Read($"SELECT {RunColumns} FROM runs WHERE id = $1", Row, id).FirstOrDefault();

    public IReadOnlyList<RunRecord> RunsOf(string trunk, ChangeId change) =>
        database.Read($"SELECT {RunColumns} FROM runs WHERE trunk = $1 AND change = $2 ORDER BY id DESC LIMIT 100", Row, trunk, change.Value);

    public IReadOnlyList<RunRecord> Last(int most) => database.Read($"SELECT {RunColumns} FROM runs ORDER BY id DESC LIMIT $1", Row, (long)most);

    /// <summary>Forgets results that nobody has needed for longer than they are kept; what is forgotten is tested again.</summary>
    public IReadOnlyList<long> Prune(TimeSpan keep)
    {
        var before = time.GetUtcNow() - keep;
        foreach (var key in database.Read("SELECT key FROM results WHERE touched_at < $1", row => row.GetString(0), before))
        {
            records.TryRemove(key, out _);
            database.Do("DELETE FROM results WHERE key = $1", key);
            database.Do("DELETE FROM failures WHERE key = $1", key);
        }

        var runs = database.Read("SELECT id FROM runs WHERE ended_at < $1", row => row.GetInt64(0), before);
        database.Do("DELETE FROM runs WHERE ended_at < $1", before);
        return runs;
    }

    private static DateTimeOffset Later(DateTimeOffset now, ValueList<DateTimeOffset> before) =>
        before.Count > 0 && before[^1] >= now ? before[^1].AddMilliseconds(1) : now;

    private static RunRecord Row(Microsoft.Data.Sqlite.SqliteDataReader row) => new(
        row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3), new(row.GetString(4)), new(row.GetString(5)), new(row.GetString(6)), new(row.GetString(7)),
        row.GetString(8), row.GetString(9), row.Time(10), row.TimeOrNull(11), row.IsDBNull(12) ? null : row.GetString(12), row.TextOrEmpty(13), row.GetString(14)) { LastLines = row.TextOrEmpty(15) };
}
