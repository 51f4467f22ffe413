using GateKeeper.Core.Changes;
using LibGit2Sharp;
using Commit = LibGit2Sharp.Commit;

namespace GateKeeper.Git;

/// <summary>The name under which the gate commits; what bears it and never landed is forged.</summary>
internal sealed record GateIdentity(string Name, string Email)
{
    public Signature Sign(DateTimeOffset now) => new(Name, Email, now);

    /// <summary>The gate's own commits can be read: what cannot be is nobody's.</summary>
    public bool Made(Commit commit) => Signatures.Committer(commit).Equals(Email, StringComparison.OrdinalIgnoreCase);
}

/// <summary>A landing as the trunk itself tells it: on the first-parent line, made by the gate.</summary>
internal sealed record TrunkLanding(CommitSha Commit, ChangeId Change, CommitSha Revision);

/// <summary>Reads the trunk's own line. It is walked once and then only where it grew.</summary>
/// <param name="repository">Where it lies.</param>
/// <param name="gate">In whose name the gate commits.</param>
/// <param name="isOurs">Whether the store says the very same of a landing whose commit the gate did not make.</param>
/// <param name="replayed">Whether the forge replays commits in the gate's name: then what stands in those is what contributors wrote.</param>
internal sealed class TrunkHistory(Repository repository, GateIdentity gate, Func<TrunkLanding, bool>? isOurs = null, bool replayed = false)
{
    private readonly Dictionary<string, TrunkLanding> byRevision = [];
    private readonly Dictionary<(ChangeId, string), TrunkLanding> byChange = [];
    private readonly HashSet<string> line = [];
    private readonly HashSet<ChangeId> changes = [];
    private string? tip;

    public IReadOnlyCollection<TrunkLanding> Landings => byRevision.Values;

    /// <summary>Whether the commit is on the first-parent line.</summary>
    public bool Contains(CommitSha commit) => line.Contains(commit.Hex);

    /// <summary>How the trunk says that this very change landed in this revision, or null: another may have had the same.</summary>
    public TrunkLanding? Of(ChangeId change, CommitSha revision) => byChange.GetValueOrDefault((change, revision.Hex));

    /// <summary>How the trunk says that this revision landed last, as whichever change's, or null.</summary>
    public TrunkLanding? Of(CommitSha revision) => byRevision.GetValueOrDefault(revision.Hex);

    /// <summary>Whether the trunk says that this change landed, in whichever revision.</summary>
    public bool HasLanded(ChangeId change) => changes.Contains(change);

    /// <summary>Answers false when the trunk no longer contains what it contained: it was rewound, and what it held then is forgotten.</summary>
    public bool Grow(CommitSha to)
    {
        if (to.Hex == tip)
            return true;

        var rewound = tip is not null && !Add(to);
        if (rewound)
        {
            byRevision.Clear();
            byChange.Clear();
            changes.Clear();
            line.Clear();
        }

        if (rewound || tip is null)
            Add(to);
        tip = to.Hex;
        return !rewound;
    }

    /// <summary>Adds what is new up to a commit; answers whether that stands on the tip.</summary>
    private bool Add(CommitSha to)
    {
        Commit? commit = repository.Commit(to);
        var found = new Stack<TrunkLanding>();
        for (; commit is not null && line.Add(commit.Sha); commit = repository.Below(commit))
        {
            // Anybody can write such words into a commit: those of a commit that the gate did not make itself are believed by the store's word.
            if (!gate.Made(commit) && !commit.Message.Contains("\nRevision: ", StringComparison.Ordinal))
                continue;
            if (Landing(commit) is not { } landing || !(SaysItself(commit) || isOurs?.Invoke(landing) == true))
                continue;
            found.Push(landing);
        }

        // The oldest first, so that the newest stays.
        foreach (var landing in found)
        {
            changes.Add(landing.Change);
            byRevision[landing.Revision.Hex] = byChange[(landing.Change, landing.Revision.Hex)] = landing;
        }

        return commit is not null && commit.Sha == tip;
    }

    private bool SaysItself(Commit commit) => gate.Made(commit) && !(replayed && commit.Parents.Count() == 1);

    private static TrunkLanding? Landing(Commit commit)
    {
        // The gate's own are the last of the last paragraph: whatever else some reader takes for a trailer, somebody else may have written.
        var last = TrailerBlock.Of(commit.Message).Entries;
        return Said("Change") is { } change && CommitSha.TryParse(Said("Revision"), out var revision) ? new(new(commit.Sha), new(change), revision) : null;

        string? Said(string key) => last.LastOrDefault(entry => entry.Key == key).Text?[(key.Length + 1)..].Trim();
    }
}
