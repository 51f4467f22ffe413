using GateKeeper.Core.Changes;
using LibGit2Sharp;
using Commit = LibGit2Sharp.Commit;

namespace GateKeeper.Git;

/// <summary>
/// An object that something names is not in a repository, so nothing is known of it, least of all that it is empty. What needs it waits
/// and says its name.
/// </summary>
internal sealed class ObjectMissingException(string kind, string id, string repository) : GitException($"the {kind} {id} is missing in {repository}");

/// <summary>
/// The one place where objects are looked up. LibGit2Sharp answers null for an object that is not there, and null is easily read as "none";
/// here it is an exception, but for those who ask whether there is one.
/// </summary>
internal static class Objects
{
    public static Commit Commit(this Repository repository, CommitSha id) => repository.Commit(id.Hex);

    public static Commit Commit(this Repository repository, string id) => Find<Commit>(repository, id, ObjectType.Commit) ?? throw Missing(repository, "commit", id);

    public static Tree Tree(this Repository repository, string id) => Find<Tree>(repository, id, ObjectType.Tree) ?? throw Missing(repository, "tree", id);

    public static Blob Blob(this Repository repository, string id) => Find<Blob>(repository, id, ObjectType.Blob) ?? throw Missing(repository, "blob", id);

    /// <summary>For an id that people or other systems named and that need not exist here; null where it is no commit of this repository.</summary>
    public static Commit? FindCommit(this Repository repository, string id) => Find<Commit>(repository, id, ObjectType.Commit);

    public static Commit? FindCommit(this Repository repository, CommitSha id) => repository.FindCommit(id.Hex);

    public static Blob? FindBlob(this Repository repository, string id) => Find<Blob>(repository, id, ObjectType.Blob);

    public static bool Has(this Repository repository, string id) => ObjectId.TryParse(id, out var parsed) && repository.ObjectDatabase.Contains(parsed);

    /// <summary>How large a blob is, without reading it.</summary>
    public static long SizeOf(this Repository repository, string blob)
    {
        try
        {
            return repository.ObjectDatabase.RetrieveObjectMetadata(new ObjectId(blob)).Size;
        }
        catch (NotFoundException)
        {
            throw Missing(repository, "blob", blob);
        }
    }

    /// <summary>The commit below on the first-parent line; null for one that has no parents.</summary>
    public static Commit? Below(this Repository repository, Commit commit) => commit.Parents.FirstOrDefault() is { } parent ? repository.Commit(parent.Sha) : null;

    /// <summary>Whether a failure is that an object is not there, whoever found that out.</summary>
    public static bool IsMissing(Exception error) =>
        error is ObjectMissingException or NotFoundException || (error is LibGit2SharpException && error.Message.StartsWith("object not found", StringComparison.Ordinal));

    // By id and never by name: a branch may be called like an object that is not there. What is there and cannot be read is named.
    private static T? Find<T>(Repository repository, string id, ObjectType type)
        where T : GitObject
    {
        try
        {
            return ObjectId.TryParse(id, out var parsed) ? repository.Lookup(parsed, type) as T : null;
        }
        catch (LibGit2SharpException error) when (!IsMissing(error))
        {
            throw new LibGit2SharpException($"the {typeof(T).Name.ToLowerInvariant()} {id} cannot be read: {error.Message}", error);
        }
    }

    private static ObjectMissingException Missing(Repository repository, string kind, string id) => new(kind, id, Path.GetFileName(repository.Info.Path.TrimEnd('/')));
}
