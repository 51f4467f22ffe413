using LibGit2Sharp;

namespace GateKeeper.Tests.Gerrit.Imitation;

/// <summary>The imitated server will not do something, and says so with a status and words.</summary>
internal sealed class FakeRefusal(int status, string text) : Exception(text)
{
    public int Status => status;

    public static void Unless(bool permitted, string words)
    {
        if (!permitted)
            throw new FakeRefusal(403, words);
    }
}

/// <summary>Somebody with a login.</summary>
internal sealed record FakeAccount(int Id, string Username, string Name, string Email, string Secret, DateTimeOffset Since)
{
    public string Identity(string server) => $"Gerrit User {Id} <{Id}@{server}>";
}

/// <summary>Accounts and other groups under a name.</summary>
internal sealed class FakeGroup(string uuid, int number, string name, DateTimeOffset created)
{
    public string Uuid => uuid;

    public int Number => number;

    public string Name => name;

    public DateTimeOffset Created => created;

    public bool Visible { get; set; }

    /// <summary>The group that decides who is in this one; null when it is itself.</summary>
    public FakeGroup? Owner { get; set; }

    public HashSet<int> Members { get; } = [];

    public HashSet<string> Included { get; } = [];
}

/// <summary>A label, its values and when votes go along to a new patch set.</summary>
internal sealed record FakeLabel(string Name, SortedDictionary<int, string> Values)
{
    public string Function { get; init; } = "NoBlock";

    /// <summary>The project says nothing of its own about it.</summary>
    public bool Inherited { get; init; }

    public string? CopyCondition { get; init; }

    public int Min => Values.Keys.First();

    public int Max => Values.Keys.Last();

    public static string Spelled(int value) => value switch { 0 => " 0", > 0 => $"+{value}", _ => $"{value}" };
}

/// <summary>What the server itself demands of a change.</summary>
internal sealed record FakeRequirement(string Name, string Expression)
{
    public bool IsLegacy { get; init; }
}

/// <summary>A repository with what is configured for it and what is under review in it.</summary>
internal sealed class FakeProject(string name, string? directory) : IDisposable
{
    public string Name => name;

    public string Directory => directory ?? throw new FakeRefusal(409, $"{name} holds no code");

    public Repository Git => field ??= new(Directory);

    public SortedDictionary<string, FakeLabel> Labels { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, FakeRequirement> Requirements { get; } = new(StringComparer.Ordinal);

    public FakeRights Rights { get; } = new();

    /// <summary>The branch moves to what was proposed, or not at all.</summary>
    public bool OnlyForwards { get; set; }

    /// <summary>Whether two changes of one file may be merged.</summary>
    public bool MergesContent { get; set; } = true;

    public List<FakeChange> Changes { get; } = [];

    public Commit? Tip(string branch) => Git.Branches[branch["refs/heads/".Length..]]?.Tip;

    public void Set(string reference, string sha) => Git.Refs.Add(reference, new ObjectId(sha), allowOverwrite: true);

    public bool IsMerged(Commit commit, Commit tip) => Git.ObjectDatabase.FindMergeBase(commit, tip) == commit;

    public void Dispose()
    {
        if (directory is not null)
            Git.Dispose();
    }
}
