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

    /// <param name="path">Where it lies.</param>
    /// <param name="url">What it mirrors.</param>
    /// <param name="home">The home directory of its git processes; null for a person's own, with that person's settings.</param>
    /// <param name="credential">The key to the forge, where one is needed.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <param name="account">Whom a guard on this same machine shall take the pushes for.</param>
    public static async Task<Mirror> OpenAsync(string path, string url, string? home, Credential? credential, CancellationToken cancellation, string? account = null)
    {
        GitLibrary.Prepare();
        if (!File.Exists(System.IO.Path.Combine(path, "HEAD")))
        {
            Directory.CreateDirectory(path);
            await new GitProgram(path, home).NeedAsync(["init", "--quiet", "--bare", "--template=", "."], cancellation);
        }

        // The gate's own mirror has one user at a time, so a lock that is there was left by one that was killed.
        if (home is not null)
            LocalRefs.RemoveLocks(path);
        var mirror = new Mirror(path, url, new GitProgram(path, home, credential, account))
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
        await BringAsync((await ListAsync(cancellation)).Where(item => ofInterest(item.Key)).ToDictionary(), moving ?? new HashSet<string>(), cancellation);

    /// <summary>Brings the mirror to what the forge was seen to have, in one fetch where all goes well. Answers whether anything differed.</summary>
    /// <param name="seen">The refs of interest by their full names, and where they are. The caller gives it away.</param>
    /// <param name="moving">Refs that the gate itself is moving.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<bool> BringAsync(Dictionary<string, string> seen, IReadOnlySet<string> moving, CancellationToken cancellation)
    {
        unfetched.Begin(seen);
        foreach (var name in moving.Concat(unfetched.Waiting).ToList())
        {
            if (Refs.TryGetValue(name, out var old))
                seen[name] = old;
            else
                seen.Remove(name);
        }

        if (Same(seen, Refs))
            return false;

        // What is gone goes first: a branch "a" leaves no room for a branch "a/b".
        foreach (var gone in Refs.Keys.Except(seen.Keys))
            Repository.Refs.Remove(Local(gone));
        var wanted = seen.Where(item => Refs.GetValueOrDefault(item.Key) != item.Value).ToList();
        var news = unfetched.News;
        var fetched = wanted.Count == 0 || await FetchAsync(wanted.Select(item => item.Key), cancellation) is null
            ? seen
            : await FetchOneByOneAsync(seen, wanted, cancellation);
        foreach (var (name, _) in wanted.Where(item => fetched.GetValueOrDefault(item.Key) == item.Value))
            unfetched.Fetched(name);
        if (Same(fetched, Refs) && news == unfetched.News)
            return false;
        Refs = fetched;
        return true;
    }

    private static bool Same(Dictionary<string, string> one, IReadOnlyDictionary<string, string> other) =>
        one.Count == other.Count && one.All(item => other.TryGetValue(item.Key, out var id) && id == item.Value);

    /// <summary>
    /// What of the forge could not be fetched, and why, by full names: each is one change's failure, not everybody's, and is tried again
    /// when it moves, and by and by.
    /// </summary>
    public IReadOnlyDictionary<string, (string Id, string Why)> Unfetchable => unfetched.Known;

    /// <summary>Where one ref of the forge stands at this moment; null when it does not exist.</summary>
    public async Task<CommitSha?> ReadBackAsync(string name, CancellationToken cancellation)
    {
        if (LocalRefs.Read(Url) is { } here)
            return here.TryGetValue(name, out var id) ? new(id) : null;

        var answer = await Git.NeedAsync(["ls-remote", "--refs", "--", Url, name], cancellation);
        var line = answer.Text.Split('\n').Select(line => line.Split('\t')).FirstOrDefault(parts => parts.Length == 2 && parts[1] == name);
        return line is not null && CommitSha.TryParse(line[0], out var sha) ? sha : null;
    }

    /// <summary>Where some refs of the forge stand at this moment; those that do not exist are left out.</summary>
    public async Task<IReadOnlyDictionary<string, string>> ReadAsync(IReadOnlyCollection<string> names, CancellationToken cancellation)
    {
        var there = LocalRefs.Read(Url) ?? Listed(await Git.NeedAsync(["ls-remote", "--refs", "--", Url, .. names], cancellation));
        return names.Where(there.ContainsKey).ToDictionary(name => name, name => there[name]);
    }

    /// <summary>Where all refs of the forge stand at this moment that match one of these patterns of git's.</summary>
    public async Task<IReadOnlyDictionary<string, string>> FindAsync(IReadOnlyCollection<string> patterns, CancellationToken cancellation) =>
        Listed(await Git.NeedAsync(["ls-remote", "--refs", "--", Url, .. patterns], cancellation));

    /// <summary>The names of all refs that there are at this moment; over the wire of all branches and tags.</summary>
    public async Task<IReadOnlyCollection<string>> NamesAsync(CancellationToken cancellation) =>
        (LocalRefs.Read(Url) ?? Listed(await Git.NeedAsync(["ls-remote", "--refs", "--heads", "--tags", "--", Url], cancellation))).Keys;

    /// <summary>Fetches one ref anew, or notes that the forge does not have it.</summary>
    public async Task RefreshOneAsync(string name, CancellationToken cancellation)
    {
        var there = await ReadBackAsync(name, cancellation);
        if (there is not null && await FetchAsync([name], cancellation) is { } problem)
            throw new GitException(problem);
        using var own = new Repository(Path);
        Set(name, there is null ? null : own.Refs[Local(name)]?.TargetIdentifier ?? there.Value.Hex);
    }

    /// <summary>Notes that the forge took a ref that was pushed, so that it need not be fetched back.</summary>
    public void Took(string name, CommitSha commit)
    {
        using var own = new Repository(Path);
        own.Refs.Add(Local(name), new ObjectId(commit.Hex), allowOverwrite: true);
        Set(name, commit.Hex);
    }

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

    private static string Local(string name) => ForgePrefix + name["refs/".Length..];

    private async Task<Dictionary<string, string>> ListAsync(CancellationToken cancellation)
    {
        if (LocalRefs.Read(Url) is { } here)
            return here;

        return Listed(await Git.NeedAsync(["ls-remote", "--refs", "--", Url], cancellation));
    }

    private static Dictionary<string, string> Listed(GitAnswer answer)
    {
        var refs = new Dictionary<string, string>();
        foreach (var line in answer.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(LocalRefs.IsText))
        {
            if (line.Split('\t') is [var id, var name])
                refs[name] = id;
        }

        return refs;
    }

    /// <summary>Null when all was fetched, else what git said.</summary>
    private async Task<string?> FetchAsync(IEnumerable<string> names, CancellationToken cancellation)
    {
        var specs = string.Concat(names.Select(name => $"+{name}:{Local(name)}\n"));
        var answer = await Git.RunAsync(
            ["-c", "fetch.fsckObjects=true", "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--no-recurse-submodules", "--stdin", "--", Url],
            cancellation, input: System.Text.Encoding.UTF8.GetBytes(specs), limit: TimeSpan.FromMinutes(10));
        return answer.Ok ? null : answer.Error;
    }

    /// <summary>When a joint fetch fails, the culprit is found alone and told; it holds up nobody else.</summary>
    private async Task<Dictionary<string, string>> FetchOneByOneAsync(
        Dictionary<string, string> seen, List<KeyValuePair<string, string>> wanted, CancellationToken cancellation)
    {
        var fetched = seen.ToDictionary();
        var failed = 0;
        foreach (var (name, id) in wanted)
        {
            if (await FetchAsync([name], cancellation) is not { } problem)
                continue;
            unfetched.Failed(name, id, problem);
            failed++;
            if (Refs.TryGetValue(name, out var old))
                fetched[name] = old;
            else
                fetched.Remove(name);
        }

        if (failed < wanted.Count || (wanted.Count == 1 && Refs.Count > 0))
            return fetched;

        // Where nothing can be fetched it is the server's failure and no ref's own.
        var why = unfetched.Known[wanted[0].Key].Why;
        wanted.ForEach(item => unfetched.Fetched(item.Key));
        throw new GitException($"nothing can be fetched: {why}");
    }
}
