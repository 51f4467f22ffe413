using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using GateKeeper.Core.Changes;
using Microsoft.Data.Sqlite;

namespace GateKeeper.Store;

/// <summary>One entry of the journal. Each carries the hash of the one before, so that none can be changed or taken out unseen.</summary>
internal sealed record JournalEntry(long Id, DateTimeOffset At, string Trunk, string Kind, string Body, string Before, string Hash);

/// <summary>What was decided, on what evidence; kept for ever.</summary>
internal sealed class Journal(Database database, TimeProvider time)
{
    private static readonly string Beginning = new('0', 64);

    /// <summary>The entry is on the disk when this returns.</summary>
    public JournalEntry Write(string trunk, string kind, string body) => database.Synced(connection =>
    {
        using var last = Database.Command(connection, "SELECT id, hash FROM journal ORDER BY id DESC LIMIT 1");
        var (id, before) = (1L, Beginning);
        using (var reader = last.ExecuteReader())
        {
            if (reader.Read())
                (id, before) = (reader.GetInt64(0) + 1, reader.GetString(1));
        }

        var at = DateTimeOffset.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
        var entry = new JournalEntry(id, at, trunk, kind, body, before, Hash(id, at, trunk, kind, body, before));
        using var insert = Database.Command(
            connection, "INSERT INTO journal (id, at, trunk, kind, body, before, hash) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            entry.Id, entry.At, entry.Trunk, entry.Kind, entry.Body, entry.Before, entry.Hash);
        insert.ExecuteNonQuery();
        return entry;
    });

    /// <summary>Writes that a candidate is on the trunk: as itself, or as what the forge made of it.</summary>
    public JournalEntry Landed(string trunk, CommitSha candidate, CommitSha made, string? found = null)
    {
        var body = new Dictionary<string, string> { ["to"] = candidate.Hex };
        if (made != candidate)
            body["made"] = made.Hex;
        if (found is not null)
            body["found"] = found;
        return Write(trunk, "landed", JsonSerializer.Serialize(body));
    }

    /// <summary>The commit on the trunk of which an entry tells that it landed.</summary>
    public static string OnTrunk(JsonElement body) => body.GetProperty(body.TryGetProperty("made", out _) ? "made" : "to").GetString()!;

    /// <summary>The entries that can be read; <see cref="Break"/> names the first that cannot.</summary>
    public IReadOnlyList<JournalEntry> Entries(string? trunk = null, long after = 0, int most = int.MaxValue) =>
        [.. All(trunk, after, most).Select(item => item.Entry).OfType<JournalEntry>()];

    private List<(long Id, JournalEntry? Entry)> All(string? trunk, long after, int most) => database.Read(
        "SELECT id, at, trunk, kind, body, before, hash FROM journal WHERE id > $1 AND ($2 IS NULL OR trunk = $2) ORDER BY id LIMIT $3", row => (row.GetInt64(0), Entry(row)), after, trunk, (long)most);

    /// <summary>Null for a row that holds something else than an entry.</summary>
    private static JournalEntry? Entry(SqliteDataReader row)
    {
        try
        {
            return new(row.GetInt64(0), row.Time(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetString(6));
        }
        catch (Exception error) when (error is InvalidCastException or InvalidOperationException or ArgumentException or FormatException or OverflowException)
        {
            return null;
        }
    }

    /// <summary>The words of an entry; null where they are not what such an entry says.</summary>
    public static JsonElement? Words(string body)
    {
        try
        {
            return JsonSerializer.Deserialize<JsonElement>(body) is { ValueKind: JsonValueKind.Object } read && HasCommits(read) ? read : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // The second: half a character, which JSON can write and no text can hold.
            return null;
        }
    }

    private static bool HasCommits(JsonElement body) =>
        IsCommit(body, "to", true) && IsCommit(body, "from", false) && IsCommit(body, "made", false)
        && (!body.TryGetProperty("changes", out var changes) || (changes.ValueKind is JsonValueKind.Array && changes.EnumerateArray().All(change => change.ValueKind is JsonValueKind.Object && IsCommit(change, "commit", true))));

    private static bool IsCommit(JsonElement body, string name, bool needed) =>
        body.TryGetProperty(name, out var value) ? value.ValueKind is JsonValueKind.String && CommitSha.TryParse(value.GetString(), out _) : !needed;

    /// <summary>The landings whose outcome was not written: a crash came between.</summary>
    public IReadOnlyList<JournalEntry> OpenIntents(string trunk)
    {
        var entries = database.Read("SELECT id, at, trunk, kind, body, before, hash FROM journal WHERE trunk = $1 AND kind IN ('intent', 'landed', 'not landed', 'not known') ORDER BY id DESC LIMIT 1", Entry, trunk);
        return [.. entries.OfType<JournalEntry>().Where(entry => entry.Kind == "intent")];
    }

    /// <summary>The last pushes that this store knows to have been the gate's own: where each led, and from where.</summary>
    public IReadOnlyDictionary<string, string> Pushes(string trunk)
    {
        var pushes = new Dictionary<string, string>();
        var landed = new Dictionary<string, string>();
        foreach (var (kind, body) in database.Read(
            "SELECT kind, CAST(body AS TEXT) FROM journal WHERE trunk = $1 AND kind IN ('intent', 'landed', 'installing') ORDER BY id DESC LIMIT 500", row => (row.GetString(0), row.TextOrEmpty(1)), trunk))
        {
            // What a damaged entry told of looks like somebody else's push, which is said aloud.
            if (Words(body) is not { } words)
                continue;
            var to = words.GetProperty("to").GetString()!;
            if (kind == "landed")
                landed[to] = OnTrunk(words);
            else if ((kind == "installing" || landed.ContainsKey(to)) && words.TryGetProperty("from", out var from))
                pushes[landed.GetValueOrDefault(to, to)] = from.GetString()!;
        }

        return pushes;
    }

    /// <summary>The first entry that cannot be read or does not follow from the one before it, and what that means; null when the chain holds.</summary>
    public string? Break()
    {
        var before = Beginning;
        foreach (var (id, entry) in All(null, 0, int.MaxValue))
        {
            if (entry is null)
                return $"entry {id} cannot be read: the store is damaged, or was changed. {Cure}";
            if (entry.Before != before || entry.Hash != Hash(entry.Id, entry.At, entry.Trunk, entry.Kind, entry.Body, entry.Before))
                return $"entry {id} ({entry.Kind}, {entry.Trunk}, {entry.At:yyyy-MM-dd HH:mm} UTC) does not follow from the one before it: the store was changed. {Cure}";
            before = entry.Hash;
        }

        return null;
    }

    /// <summary>What the operator can do about a journal that does not hold.</summary>
    public const string Cure = "Put a backup of the store in its place, made before that, and keep this one to look into; what landed since is then named as not accounted for";

    private static string Hash(long id, DateTimeOffset at, string trunk, string kind, string body, string before)
    {
        var text = new StringBuilder();
        foreach (var part in new[] { before, $"{id}", $"{at.ToUnixTimeMilliseconds()}", trunk, kind, body })
            text.Append(part.Length).Append(':').Append(part);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
