using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using GateKeeper.Core.Changes;

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

    public IReadOnlyList<JournalEntry> Entries(string? trunk = null, long after = 0, int most = int.MaxValue) => database.Read(
        "SELECT id, at, trunk, kind, body, before, hash FROM journal WHERE id > $1 AND ($2 IS NULL OR trunk = $2) ORDER BY id LIMIT $3",
        row => new JournalEntry(row.GetInt64(0), row.Time(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetString(6)),
        after, trunk, (long)most);

    /// <summary>The landings whose outcome was not written: a crash came between.</summary>
    public IReadOnlyList<JournalEntry> OpenIntents(string trunk)
    {
        var entries = database.Read(
            "SELECT id, at, trunk, kind, body, before, hash FROM journal WHERE trunk = $1 AND kind IN ('intent', 'landed', 'not landed') ORDER BY id DESC LIMIT 1",
            row => new JournalEntry(row.GetInt64(0), row.Time(1), row.GetString(2), row.GetString(3), row.GetString(4), row.GetString(5), row.GetString(6)),
            trunk);
        return [.. entries.Where(entry => entry.Kind == "intent")];
    }

    /// <summary>The last pushes that this store knows to have been the gate's own: where each led, and from where.</summary>
    public IReadOnlyDictionary<string, string> Pushes(string trunk)
    {
        var pushes = new Dictionary<string, string>();
        var landed = new Dictionary<string, string>();
        foreach (var (kind, body) in database.Read(
            "SELECT kind, body FROM journal WHERE trunk = $1 AND kind IN ('intent', 'landed', 'installing') ORDER BY id DESC LIMIT 500", row => (row.GetString(0), row.GetString(1)), trunk))
        {
            using var parsed = JsonDocument.Parse(body);
            var to = parsed.RootElement.GetProperty("to").GetString()!;
            if (kind == "landed")
                landed[to] = OnTrunk(parsed.RootElement);
            else if (kind == "installing" || landed.ContainsKey(to))
                pushes[landed.GetValueOrDefault(to, to)] = parsed.RootElement.GetProperty("from").GetString()!;
        }

        return pushes;
    }

    /// <summary>The first entry that does not follow from the one before it, or null when the chain holds.</summary>
    public JournalEntry? Break()
    {
        var before = Beginning;
        foreach (var entry in Entries())
        {
            if (entry.Before != before || entry.Hash != Hash(entry.Id, entry.At, entry.Trunk, entry.Kind, entry.Body, entry.Before))
                return entry;
            before = entry.Hash;
        }

        return null;
    }

    private static string Hash(long id, DateTimeOffset at, string trunk, string kind, string body, string before)
    {
        var text = new StringBuilder();
        foreach (var part in new[] { before, $"{id}", $"{at.ToUnixTimeMilliseconds()}", trunk, kind, body })
            text.Append(part.Length).Append(':').Append(part);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
