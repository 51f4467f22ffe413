using GateKeeper.Core.Changes;
using LibGit2Sharp;

namespace GateKeeper.Git;

/// <summary>
/// The gate's own bare copy of a repository. What the forge has lies under <c>refs/forge/</c>, what the gate has in flight under
/// <c>refs/gatekeeper/</c>; the two never mix, so fetching can prune and nothing of the gate's is lost.
/// </summary>
internal sealed partial class Mirror : IDisposable
{
    public const string ForgePrefix = "refs/forge/";

    private Mirror(string path, string url, GitProgram git)
    {
        Path = path;
        Url = url;
        Git = git;
        (Fetcher, there) = (new(git, url), new(git, url));
        Repository = new(path);
    }

    public string Path { get; }

    /// <summary>What it mirrors.</summary>
    public string Url { get; }

    public GitProgram Git { get; }

    /// <summary>The object database. It belongs to the loop of this repository; others open one of their own.</summary>
    public Repository Repository { get; }

    /// <summary>The refs of the forge as last fetched, by their full names there.</summary>
    public IReadOnlyDictionary<string, string> Refs { get; private set; } = new Dictionary<string, string>();

    private readonly Lock gate = new();
    private readonly Unfetched unfetched = new();
    private readonly ForgeRefs there;
    private bool arrived;
    private (object? Listed, object? Refs, Func<string, bool>? OfInterest) still;

    /// <summary>Which refs hold what people propose: those are held to bounds, and the others wait for none of them.</summary>
    public Func<string, bool> IsProposed { get; set; } = _ => false;

    /// <summary>What is fetched beside the loop.</summary>
    public Fetcher Fetcher { get; }

    /// <param name="path">Where it lies.</param>
    /// <param name="url">What it mirrors.</param>
    /// <param name="home">The home directory of its git processes; null for a person's own, with that person's settings.</param>
    /// <param name="credential">The key to the forge, where one is needed.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <param name="account">Whom a guard on this same machine shall take the pushes for.</param>
    /// <param name="objects">The objects of another repository on this machine, which need not be fetched; null for none.</param>
    public static async Task<Mirror> OpenAsync(string path, string url, string? home, Credential? credential, CancellationToken cancellation, string? account = null, string? objects = null)
    {
        GitLibrary.Prepare();
        await MirrorFolder.PrepareAsync(path, home, objects, cancellation);
        var mirror = new Mirror(path, url, new GitProgram(path, home, credential, account) { IsApart = true })
        {
            Refs = LocalRefs.Read(path)?.Where(item => item.Key.StartsWith(ForgePrefix, StringComparison.Ordinal)).ToDictionary(item => "refs/" + item.Key[ForgePrefix.Length..], item => item.Value) ?? [],
        };
        if (home is not null)
            mirror.Sweep();
        return mirror;
    }

    /// <summary>
    /// Looks whether the forge's refs of interest moved, and fetches what moved. Answers whether anything did. For a
    /// repository on this machine no process is started when nothing moved. Refs that the gate itself is moving at
    /// this moment stay as they are until it knows what came of that.
    /// </summary>
    public async Task<bool> RefreshAsync(Func<string, bool> ofInterest, CancellationToken cancellation, IReadOnlySet<string>? moving = null) =>
        await BringAsync(await ListAsync(cancellation), ofInterest, moving ?? new HashSet<string>(), cancellation);

    /// <summary>Brings what is of interest among all that the forge was seen to have. The very list that brought no news last time brings none now.</summary>
    /// <param name="listed">What <see cref="ListAsync"/> answered.</param>
    /// <param name="ofInterest">Which refs are.</param>
    /// <param name="moving">Refs that the gate itself is moving.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <param name="anew">Whether something else is of interest than last time.</param>
    public async Task<bool> BringAsync(Dictionary<string, string> listed, Func<string, bool> ofInterest, IReadOnlySet<string> moving, CancellationToken cancellation, bool anew = false)
    {
        if (!anew && moving.Count == 0 && ReferenceEquals(listed, still.Listed) && ReferenceEquals(Refs, still.Refs) && ofInterest.Equals(still.OfInterest))
            return false;

        // What fails on the way is tried again.
        still = default;
        var moved = await BringAsync(listed.Where(item => ofInterest(item.Key)).ToDictionary(), moving, cancellation);
        still = moved || moving.Count > 0 || unfetched.Known.Count > 0 || Fetcher.OnTheWay.Any() ? default : (listed, Refs, ofInterest);
        return moved;
    }

    /// <summary>Brings the mirror to what the forge was seen to have, in one fetch where all goes well. Answers whether anything differed.</summary>
    /// <param name="seen">The refs of interest by their full names, and where they are. The caller gives it away.</param>
    /// <param name="moving">Refs that the gate itself is moving.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<bool> BringAsync(Dictionary<string, string> seen, IReadOnlySet<string> moving, CancellationToken cancellation)
    {
        unfetched.Begin(seen);
        Harvest(seen);
        foreach (var name in moving.Concat(unfetched.Waiting).Concat(Fetcher.OnTheWay.Select(item => item.Name)).ToList())
            FetchRound.Keep(Refs, seen, name);

        var more = arrived;
        arrived = false;
        if (Same(seen, Refs))
            return more;

        // What is gone goes first: a branch "a" leaves no room for a branch "a/b".
        foreach (var gone in Refs.Keys.Except(seen.Keys))
            Repository.Refs.Remove(Local(gone));
        var wanted = seen.Where(item => Refs.GetValueOrDefault(item.Key) != item.Value).ToList();
        var news = unfetched.News;
        var fetched = await new FetchRound(Fetcher, unfetched, Refs, IsProposed).RunAsync(seen, wanted, cancellation);
        foreach (var (name, id, why) in FetchedRefs.Absent(Repository, wanted.Where(item => fetched.GetValueOrDefault(item.Key) == item.Value)))
        {
            unfetched.Failed(name, id, why);
            FetchRound.Keep(Refs, fetched, name);
        }

        foreach (var (name, _) in wanted.Where(item => fetched.GetValueOrDefault(item.Key) == item.Value))
            unfetched.Fetched(name);
        if (Same(fetched, Refs) && news == unfetched.News)
            return more;
        Refs = fetched;
        return true;
    }

    /// <summary>Takes what came beside the loop, where the forge still has it so.</summary>
    private void Harvest(Dictionary<string, string> seen)
    {
        if (Fetcher.Take() is not { Count: > 0 } ended)
            return;
        var refs = Refs.ToDictionary();
        foreach (var (name, id, said) in ended)
        {
            var why = said ?? FetchedRefs.Absence(Repository, name, id);
            if (why is not null)
                unfetched.Failed(name, id, why);
            else
                unfetched.Fetched(name);
            if (why is null && seen.GetValueOrDefault(name) == id)
                refs[name] = id;
        }

        (Refs, arrived) = (refs, true);
    }

    private static bool Same(Dictionary<string, string> one, IReadOnlyDictionary<string, string> other) =>
        one.Count == other.Count && one.All(item => other.TryGetValue(item.Key, out var id) && id == item.Value);

    /// <summary>What of the forge could not be fetched, and why, by full names: each is one change's failure, and is tried again by and by.</summary>
    public IReadOnlyDictionary<string, (string Id, string Why)> Unfetchable => unfetched.Known;

    /// <summary>Where one ref of the forge stands at this moment; null when it does not exist.</summary>
    public Task<CommitSha?> ReadBackAsync(string name, CancellationToken cancellation) => there.OneAsync(name, cancellation);

    /// <summary>Where some refs of the forge stand at this moment; those that do not exist are left out.</summary>
    public Task<IReadOnlyDictionary<string, string>> ReadAsync(IReadOnlyCollection<string> names, CancellationToken cancellation) => there.SomeAsync(names, cancellation);

    /// <summary>Where all refs of the forge stand at this moment that match one of these patterns of git's.</summary>
    public Task<IReadOnlyDictionary<string, string>> FindAsync(IReadOnlyCollection<string> patterns, CancellationToken cancellation) => there.LikeAsync(patterns, cancellation);

    /// <summary>Where all refs of the forge stand at this moment.</summary>
    public Task<Dictionary<string, string>> ListAsync(CancellationToken cancellation) => there.AllAsync(cancellation);

    /// <summary>The names of all refs that there are at this moment; over the wire of all branches and tags.</summary>
    public Task<IReadOnlyCollection<string>> NamesAsync(CancellationToken cancellation) => there.NamesAsync(cancellation);

    private void Set(string name, string? id)
    {
        lock (gate)
        {
            var refs = new Dictionary<string, string>(Refs);
            if (id is null)
                refs.Remove(name);
            else
                refs[name] = id;
            Refs = refs;
        }
    }

    /// <summary>Keeps a commit of the gate's reachable and visible while it is in flight.</summary>
    public void Keep(string name, CommitSha commit) => Repository.Refs.Add($"refs/gatekeeper/{name}", new ObjectId(commit.Hex), allowOverwrite: true);

    public void Forget(string name) => Repository.Refs.Remove($"refs/gatekeeper/{name}");

    public IEnumerable<(string Name, CommitSha Commit)> Kept(string prefix) =>
        Repository.Refs.FromGlob($"refs/gatekeeper/{prefix}*").Select(reference => (reference.CanonicalName["refs/gatekeeper/".Length..], new CommitSha(reference.TargetIdentifier)));

    /// <summary>The commits of a first-parent line, the youngest first.</summary>
    public IEnumerable<string> FirstParents(string tip)
    {
        for (var commit = Repository.Commit(tip); commit is not null; commit = Repository.Below(commit))
            yield return commit.Sha;
    }

    public string TreeOf(CommitSha commit) => Repository.Commit(commit).Tree.Sha;

    public void Dispose() => Repository.Dispose();

    internal static string Local(string name) => ForgePrefix + name["refs/".Length..];
}
