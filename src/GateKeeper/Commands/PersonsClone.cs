using GateKeeper.Git;

namespace GateKeeper.Commands;

/// <summary>The clone that somebody stands in, as git tells of it: also in a linked work tree, and where the environment names somebody.</summary>
/// <param name="Mirror">Where the program keeps what it fetches for this clone.</param>
/// <param name="Url">The server.</param>
/// <param name="Person">As whom git commits there.</param>
/// <param name="Objects">The clone's own objects, which need not be fetched again; null where it does not hold all of its history.</param>
internal sealed record PersonsClone(string Mirror, string Url, GateIdentity Person, string? Objects)
{
    /// <param name="git">Git, in the folder that the person stands in.</param>
    /// <param name="remote">The name of a remote, or an address.</param>
    /// <param name="cancellation">Ends the call.</param>
    public static async Task<PersonsClone> AskAsync(GitProgram git, string remote, CancellationToken cancellation)
    {
        var places = await git.RunAsync(["rev-parse", "--path-format=absolute", "--git-common-dir", "--git-path", "objects", "--is-shallow-repository"], cancellation);
        if (!places.Ok || places.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries) is not [var common, var objects, var isShallow])
            throw new UsageException("this is no git repository; stand in a clone of the project");
        var isPartial = (await git.RunAsync(["config", "--get-regexp", @"^(extensions\.partialclone|remote\..*\.(promisor|partialclonefilter))$"], cancellation)).Ok;
        return new(Path.Combine(common, "gatekeeper.git"), await UrlAsync(git, remote, cancellation), await PersonAsync(git, cancellation), isShallow == "false" && !isPartial ? objects : null);
    }

    /// <summary>Git reads a path as seen from the top of the clone, and the mirror lies elsewhere.</summary>
    private static async Task<string> UrlAsync(GitProgram git, string remote, CancellationToken cancellation)
    {
        var named = await git.RunAsync(["remote", "get-url", "--", remote], cancellation);
        var url = named.Ok ? named.Text.Trim() : remote;
        var top = named.Ok && !Path.IsPathRooted(url) ? await git.RunAsync(["rev-parse", "--show-toplevel"], cancellation) : null;
        var path = Path.GetFullPath(url, top is { Ok: true } ? top.Text.Trim() : git.Directory);
        return Directory.Exists(path) ? path : url;
    }

    /// <summary>Git makes up an address from the machine's name where it is told none: nobody is known by such a one.</summary>
    private static async Task<GateIdentity> PersonAsync(GitProgram git, CancellationToken cancellation)
    {
        var said = await git.RunAsync(["-c", "user.useConfigOnly=true", "var", "GIT_AUTHOR_IDENT"], cancellation);
        if (said.Ok && said.Text.LastIndexOf('<') is > 0 and var open && said.Text.LastIndexOf('>') is var close && close > open + 1)
            return new(said.Text[..open].Trim(), said.Text[(open + 1)..close]);
        var email = await git.RunAsync(["config", "user.email"], cancellation);
        return email.Ok && email.Text.Trim() is { Length: > 0 } address ? new(address, address) : throw new UsageException("git does not know who you are: git config user.email you@example.org");
    }
}
