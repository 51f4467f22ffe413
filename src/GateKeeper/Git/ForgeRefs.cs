using GateKeeper.Core.Changes;

namespace GateKeeper.Git;

/// <summary>Asks the forge where its refs stand. For a repository on this machine no process is started.</summary>
internal sealed class ForgeRefs(GitProgram git, string url)
{
    private (byte[] Bytes, Dictionary<string, string> Refs) last = ([], []);

    public async Task<Dictionary<string, string>> AllAsync(CancellationToken cancellation)
    {
        ServerKind.Check(url);
        return LocalRefs.Read(url) ?? Read(await git.NeedAsync(["ls-remote", "--refs", "--", url], cancellation));
    }

    /// <summary>The same bytes say the same: of many refs most looks bring no news, and to read the list anew costs about as much as to ask for it.</summary>
    private Dictionary<string, string> Read(GitAnswer answer)
    {
        if (!answer.Bytes.AsSpan().SequenceEqual(last.Bytes))
            last = (answer.Bytes, ListedRefs.Read(answer, url));
        return last.Refs;
    }

    public async Task<CommitSha?> OneAsync(string name, CancellationToken cancellation)
    {
        if (LocalRefs.Read(url) is { } here)
            return here.TryGetValue(name, out var id) ? new(id) : null;

        var answer = await git.NeedAsync(["ls-remote", "--refs", "--", url, name], cancellation);
        var line = answer.Text.Split('\n').Select(line => line.Split('\t')).FirstOrDefault(parts => parts.Length == 2 && parts[1] == name);
        return line is not null && CommitSha.TryParse(line[0], out var sha) ? sha : null;
    }

    public async Task<IReadOnlyDictionary<string, string>> SomeAsync(IReadOnlyCollection<string> names, CancellationToken cancellation)
    {
        var there = LocalRefs.Read(url) ?? ListedRefs.Read(await git.NeedAsync(["ls-remote", "--refs", "--", url, .. names], cancellation), url);
        return names.Where(there.ContainsKey).ToDictionary(name => name, name => there[name]);
    }

    public async Task<IReadOnlyDictionary<string, string>> LikeAsync(IReadOnlyCollection<string> patterns, CancellationToken cancellation) =>
        ListedRefs.Read(await git.NeedAsync(["ls-remote", "--refs", "--", url, .. patterns], cancellation), url);

    public async Task<IReadOnlyCollection<string>> NamesAsync(CancellationToken cancellation) =>
        (LocalRefs.Read(url) ?? ListedRefs.Read(await git.NeedAsync(["ls-remote", "--refs", "--heads", "--tags", "--", url], cancellation), url)).Keys;
}
