using System.Globalization;
using Microsoft.Data.Sqlite;

namespace GateKeeper.Store;

/// <summary>The store cannot be used; the text says why and what to do.</summary>
internal sealed class StoreException(string message) : Exception(message);

/// <summary>
/// One SQLite file in WAL mode. Writes go through one connection under a lock; what the journal must not lose is written by another that
/// waits for the disk.
/// </summary>
internal sealed class Database : IDisposable
{
    private readonly SqliteConnection quick;
    private readonly SqliteConnection synced;
    private readonly Lock gate = new();

    private Database(SqliteConnection quick, SqliteConnection synced, StoreHealth health) => (this.quick, this.synced, Health) = (quick, synced, health);

    public StoreHealth Health { get; }

    public static Database Open(string path, TimeProvider? time = null)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        try
        {
            var quick = Connect(path, "NORMAL");
            Migrations.Run(quick);
            return new(quick, Connect(path, "FULL"), new(path, time ?? TimeProvider.System));
        }
        catch (SqliteException error)
        {
            throw new StoreException($"the store {path} cannot be opened: {error.Message}");
        }
    }

    public void Do(string sql, params ReadOnlySpan<object?> values)
    {
        lock (gate)
        {
            using var command = Command(quick, sql, values);
            try
            {
                command.ExecuteNonQuery();
            }
            catch (SqliteException error)
            {
                Health.Failed(error);
                throw;
            }
        }
    }

    /// <summary>Returns when the disk has it.</summary>
    public T Synced<T>(Func<SqliteConnection, T> work)
    {
        lock (gate)
        {
            try
            {
                using var transaction = synced.BeginTransaction(deferred: false);
                var result = work(synced);
                transaction.Commit();
                return result;
            }
            catch (SqliteException error)
            {
                Health.Failed(error);
                throw;
            }
        }
    }

    public List<T> Read<T>(string sql, Func<SqliteDataReader, T> row, params ReadOnlySpan<object?> values)
    {
        lock (gate)
        {
            try
            {
                using var command = Command(quick, sql, values);
                using var reader = command.ExecuteReader();
                var rows = new List<T>();
                while (reader.Read())
                    rows.Add(row(reader));
                return rows;
            }
            catch (SqliteException error)
            {
                Health.Failed(error);
                throw;
            }
        }
    }

    /// <summary>Several writes that are seen together or not at all.</summary>
    public void Together(Action work)
    {
        lock (gate)
        {
            Do("BEGIN IMMEDIATE");
            try
            {
                work();
                Do("COMMIT");
            }
            catch
            {
                RollBack();
                throw;
            }
        }
    }

    /// <summary>A full disk has rolled back by itself, and what went wrong before is what counts.</summary>
    private void RollBack()
    {
        try
        {
            Do("ROLLBACK");
        }
        catch (SqliteException)
        {
        }
    }

    public void Dispose()
    {
        quick.Dispose();
        synced.Dispose();
    }

    public static SqliteCommand Command(SqliteConnection connection, string sql, params ReadOnlySpan<object?> values)
    {
        var command = connection.CreateCommand();
#pragma warning disable CA2100 // every text is a constant of this folder; values are parameters
        command.CommandText = sql;
#pragma warning restore CA2100
        for (var i = 0; i < values.Length; i++)
            command.Parameters.AddWithValue($"${i + 1}", Value(values[i]));
        return command;
    }

    private static object Value(object? value) => value switch
    {
        null => DBNull.Value,
        DateTimeOffset time => time.ToUnixTimeMilliseconds(),
        bool flag => flag ? 1L : 0L,
        _ => value,
    };

    private static SqliteConnection Connect(string path, string synchronous)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 10 }.ToString());
        connection.Open();
        using var pragma = Command(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous}; PRAGMA busy_timeout=10000;"));
        pragma.ExecuteNonQuery();
        return connection;
    }
}

internal static class Rows
{
    extension(SqliteDataReader row)
    {
        public DateTimeOffset Time(int column) => DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));

        public DateTimeOffset? TimeOrNull(int column) => row.IsDBNull(column) ? null : row.Time(column);

        public string TextOrEmpty(int column) => row.IsDBNull(column) ? "" : row.GetString(column);

        public long? NumberOrNull(int column) => row.IsDBNull(column) ? null : row.GetInt64(column);
    }
}

/// <summary>The shape of the store, step by step. A step, once released, never changes.</summary>
internal static class Migrations
{
    private static readonly string[] Steps =
    [
        """
        CREATE TABLE results (key TEXT PRIMARY KEY, passed_at INTEGER, lost INTEGER NOT NULL DEFAULT 0, lost_at INTEGER, why TEXT, run INTEGER, touched_at INTEGER NOT NULL);
        CREATE TABLE failures (key TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (key, at));
        CREATE TABLE runs (id INTEGER PRIMARY KEY, trunk TEXT NOT NULL, test TEXT NOT NULL, key TEXT NOT NULL, change TEXT NOT NULL, revision TEXT NOT NULL,
            base TEXT NOT NULL, commit_id TEXT NOT NULL, tree TEXT NOT NULL, purpose TEXT NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER, outcome TEXT, summary TEXT, definition TEXT NOT NULL);
        CREATE INDEX runs_by_change ON runs (trunk, change);
        CREATE TABLE queue (trunk TEXT NOT NULL, change TEXT NOT NULL, revision TEXT NOT NULL, since INTEGER, proposed_on TEXT,
            ejected_as TEXT, ejected_why TEXT, ejected_at INTEGER, parked_why TEXT, parked_until INTEGER, parked_attempts INTEGER, told TEXT NOT NULL DEFAULT '', PRIMARY KEY (trunk, change));
        CREATE TABLE trunks (trunk TEXT PRIMARY KEY, window INTEGER NOT NULL, paused TEXT, frozen TEXT, stopped TEXT, tip TEXT, refusals INTEGER NOT NULL DEFAULT 0, closed_until INTEGER, singly INTEGER NOT NULL DEFAULT 0);
        CREATE TABLE seen (trunk TEXT NOT NULL, what TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (trunk, what));
        CREATE TABLE landed (trunk TEXT NOT NULL, change TEXT NOT NULL, revision TEXT NOT NULL, commit_id TEXT NOT NULL, title TEXT NOT NULL, author TEXT NOT NULL, at INTEGER NOT NULL, evidence TEXT NOT NULL, PRIMARY KEY (trunk, change, revision));
        CREATE TABLE leases (trunk TEXT PRIMARY KEY, holder TEXT NOT NULL, number INTEGER NOT NULL, renewed INTEGER NOT NULL);
        CREATE TABLE alarms (name TEXT PRIMARY KEY, words TEXT NOT NULL, since INTEGER NOT NULL, acknowledged INTEGER);
        CREATE TABLE flakes (test TEXT NOT NULL, key TEXT NOT NULL, at INTEGER NOT NULL);
        CREATE TABLE journal (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, trunk TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL, before TEXT NOT NULL, hash TEXT NOT NULL);
        """,
        """
        ALTER TABLE trunks ADD COLUMN asked TEXT;
        ALTER TABLE trunks ADD COLUMN met INTEGER;
        UPDATE trunks SET met = 1 WHERE tip IS NOT NULL;
        """,
        """
        ALTER TABLE landed ADD COLUMN rewritten INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE landed ADD COLUMN entry TEXT NOT NULL DEFAULT '';
        ALTER TABLE landed ADD COLUMN told INTEGER NOT NULL DEFAULT 1;
        """,
        """
        ALTER TABLE queue ADD COLUMN failed_on TEXT;
        """,
        """
        CREATE TABLE publications (trunk TEXT NOT NULL, commit_id TEXT NOT NULL, ref TEXT NOT NULL, since INTEGER, PRIMARY KEY (trunk, commit_id));
        """,
        """
        CREATE TABLE holds (repository TEXT NOT NULL, change TEXT NOT NULL, holds TEXT NOT NULL, PRIMARY KEY (repository, change));
        """,
        """
        ALTER TABLE results ADD COLUMN last_lines TEXT;
        ALTER TABLE runs ADD COLUMN last_lines TEXT;
        ALTER TABLE queue ADD COLUMN ejected_lines TEXT;
        """,
    ];

    public static void Run(SqliteConnection connection)
    {
        using var read = Database.Command(connection, "PRAGMA user_version");
        var version = (long)read.ExecuteScalar()!;
        if (version > Steps.Length)
            throw new StoreException($"the store was written by a newer version of this program (format {version}, this one knows {Steps.Length}); install that version, or name another store");

        for (; version < Steps.Length; version++)
        {
            using var transaction = connection.BeginTransaction();
            using var step = Database.Command(connection, Steps[version]);
            step.Transaction = transaction;
            step.ExecuteNonQuery();
            using var mark = Database.Command(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {version + 1}"));
            mark.Transaction = transaction;
            mark.ExecuteNonQuery();
            transaction.Commit();
        }
    }
}
