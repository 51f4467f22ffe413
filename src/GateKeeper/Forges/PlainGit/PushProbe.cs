using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using GateKeeper.Core.Changes;
using GateKeeper.Git;
using LibGit2Sharp;

namespace GateKeeper.Forges.PlainGit;

/// <summary>
/// Tries whether the gate can push: it pushes a ref of its own in the way that it lands, and takes it back. The commit is the same each
/// time, so that a server keeps one small object of it at most.
/// </summary>
internal sealed partial class PushProbe(Mirror mirror, GateIdentity gate, IReadOnlyList<string> written, TimeProvider time)
{
    private const string What = "pushes";
    private const string Prefix = "refs/gatekeeper/probe/";
    private const int MostSwept = 20;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Old = TimeSpan.FromDays(1);
    private static readonly DateTimeOffset Always = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Whether a ref is such a one: the guard takes them from the gate.</summary>
    public static bool IsName(string reference) => Name().IsMatch(reference);

    public async Task<IReadOnlyList<Finding>> LookAsync(CancellationToken cancellation)
    {
        if (await FileRights.ForeignAsync(Path.GetFullPath(mirror.Url).TrimEnd('/'), cancellation) is { } owner)
            return [Finding.Wrong(What, $"the repository belongs to {owner}, who could not write what {Environment.UserName} makes there, so no push was tried", $"call the doctor, and run the worker, under an account of its own that reaches the repository over ssh as {owner} (docs/operating.md, \"An account for the worker\"), or as {owner}")];
        if (await SweepAsync(cancellation) is { } left)
            return [left];
        var (name, commit) = ($"{Prefix}{time.GetUtcNow().ToUnixTimeSeconds()}-{RandomNumberGenerator.GetHexString(32, lowercase: true)}", Commit());
        if ((await mirror.PushAsync(name, null, commit, Limit, cancellation)).Objection is { } why)
        {
            // A push whose end is not known may have arrived.
            await mirror.PushAsync([new(name, commit, null)], Limit, cancellation);
            return [Finding.Wrong(What, $"the gate cannot push here: {why}", AccessWords.Cure(mirror.Url, why) ?? "mend what the server says; the gate's account must be able to push the trunks, refs/notes/* and refs/gatekeeper/probe/*")];
        }

        var back = (await mirror.PushAsync([new(name, commit, null)], Limit, cancellation)).Objection;
        var closed = Closed();
        return
        [
            closed.Count > 0 ? Finding.Wrong(What, $"the account {Environment.UserName} cannot write {string.Join(", ", closed)}", $"let one account have the whole repository: chown -R OWNER {mirror.Url}")
                : Finding.Right(What, $"the gate can push here: it pushed a ref{(back is null ? " and took it back" : "")}, as the account {Environment.UserName} of this machine"),
            .. back is null ? (Finding[])[] : [Left([(name, back)])],
        ];
    }

    /// <summary>Takes back what earlier looks could not; says so where it still cannot be, and then pushes no more.</summary>
    private async Task<Finding?> SweepAsync(CancellationToken cancellation)
    {
        var left = new List<(string Name, string Why)>();
        foreach (var (name, id) in (await mirror.ListAsync(cancellation)).Where(item => IsOld(item.Key)).OrderBy(item => item.Key, StringComparer.Ordinal).Take(MostSwept))
        {
            if ((await mirror.PushAsync([new(name, new CommitSha(id), null)], Limit, cancellation)).Objection is { } why)
                left.Add((name, why));
        }

        return left.Count > 0 ? Left(left) : null;
    }

    private bool IsOld(string name) =>
        Name().Match(name) is { Success: true } match && (time.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(long.Parse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture))).Duration() > Old;

    private static Finding Left(List<(string Name, string Why)> left) => Finding.Wrong(
        "what the doctor pushed", $"{string.Join(", ", left.Select(item => item.Name))} cannot be taken back: {left[0].Why}",
        $"nothing reads it, and a later look tries again after a day; by hand, in the repository on the server: {string.Join(" && ", left.Select(item => $"git update-ref -d {item.Name}"))}");

    private CommitSha Commit()
    {
        using var repository = new Repository(mirror.Path);
        var signature = gate.Sign(Always);
        return new(repository.ObjectDatabase.CreateCommit(signature, signature, "gatekeeper doctor tries whether it can push\n", repository.ObjectDatabase.CreateTree(new TreeDefinition()), [], prettifyMessage: false).Sha);
    }

    /// <summary>
    /// The folders of a repository on this machine in which git cannot make the lock of a ref that the gate writes: parts of one repository
    /// may belong to different accounts. What ends in .lock is no ref to anybody.
    /// </summary>
    private List<string> Closed() => Directory.Exists(mirror.Url) ? [.. written.Append($"{GuardSettings.Folder}/pushed").Select(Folder).OfType<string>().Distinct().Where(folder => !IsOpen(folder))] : [];

    private string? Folder(string reference)
    {
        var folder = Path.GetDirectoryName(Path.Combine(Path.GetFullPath(mirror.Url), reference))!;
        while (folder.Length > mirror.Url.Length && !Directory.Exists(folder))
            folder = Path.GetDirectoryName(folder)!;
        return folder.Length > mirror.Url.TrimEnd('/').Length ? folder : null;
    }

    private static bool IsOpen(string folder)
    {
        try
        {
            File.Open(Path.Combine(folder, $"gatekeeper-{RandomNumberGenerator.GetHexString(32, lowercase: true)}.lock"), new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.DeleteOnClose }).Dispose();
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"\Arefs/gatekeeper/probe/([0-9]{1,11})-[0-9a-f]{32}\z", RegexOptions.NonBacktracking)]
    private static partial Regex Name();
}
