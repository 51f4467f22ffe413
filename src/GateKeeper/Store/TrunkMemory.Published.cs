using System.Collections.Immutable;
using GateKeeper.Core.Changes;
using GateKeeper.Core.Landing;

namespace GateKeeper.Store;

/// <summary>A ref that the gate has made, or was about to make, for others to test; without a time it is not known whether it came to be.</summary>
internal sealed record PublishedRef(CommitSha Commit, string Name, DateTimeOffset? Since);

/// <content>What is published for others to test: noted before it is pushed, so that a crash leaves nothing behind that nobody knows of.</content>
internal sealed partial class TrunkMemory
{
    public ImmutableList<PublishedRef> Refs { get; private set; } = [];

    public ValueList<Publication> Published =>
        [.. Refs.Where(one => one.Since is not null).Select(one => new Publication(one.Commit, one.Name.StartsWith("refs/heads/", StringComparison.Ordinal) ? one.Name["refs/heads/".Length..] : one.Name, one.Since!.Value))];

    public void Note(PublishedRef one)
    {
        database.Do(
            "INSERT INTO publications (trunk, commit_id, ref, since) VALUES ($1, $2, $3, $4) ON CONFLICT (trunk, commit_id) DO UPDATE SET ref = $3, since = $4",
            trunk, one.Commit.Hex, one.Name, one.Since);
        Refs = [.. Refs.Where(other => other.Commit != one.Commit), one];
    }

    public void Forget(PublishedRef one)
    {
        database.Do("DELETE FROM publications WHERE trunk = $1 AND commit_id = $2", trunk, one.Commit.Hex);
        Refs = [.. Refs.Where(other => other.Commit != one.Commit)];
    }

    private ImmutableList<PublishedRef> Publications() => [.. database.Read(
        "SELECT commit_id, ref, since FROM publications WHERE trunk = $1 ORDER BY rowid", row => new PublishedRef(new(row.GetString(0)), row.GetString(1), row.TimeOrNull(2)), trunk)];
}
