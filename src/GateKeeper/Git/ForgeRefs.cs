using GateKeeper.Core.Changes;

namespace GateKeeper.Git;

/// <summary>Asks the forge where its refs stand. For a repository on this machine no process is started.</summary>
internal sealed class ForgeRefs(GitProgram git, string url)
{
    public async Task<Dictionary<string, string>> AllAsync(CancellationToken cancellation) =>
        LocalRefs.Read(url) ?? ListedRefs.Read(await git.NeedAsync(["ls-remote", "--refs", "--", url], cancellation));

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
        var there = LocalRefs.Read(url) ?? ListedRefs.Read(await git.NeedAsync(["ls-remote", "--refs", "--", url, .. names], cancellation));
        return names.Where(there.ContainsKey).ToDictionary(name => name, name => there[name]);
    }

    public async Task<IReadOnlyDictionary<string, string>> LikeAsync(IReadOnlyCollection<string> patterns, CancellationToken cancellation) =>
        ListedRefs.Read(await git.NeedAsync(["ls-remote", "--refs", "--", url, .. patterns], cancellation));

    public async Task<IReadOnlyCollection<string>> NamesAsync(CancellationToken cancellation) =>
        (LocalRefs.Read(url) ?? ListedRefs.Read(await git.NeedAsync(["ls-remote", "--refs", "--heads", "--tags", "--", url], cancellation))).Keys;
}
