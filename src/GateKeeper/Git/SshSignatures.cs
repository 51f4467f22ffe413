using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using GateKeeper.Core.Changes;

namespace GateKeeper.Git;

/// <summary>
/// Verifies the signatures of commits against the keys that the operator names, where a forge does not tell of signatures. It goes on beside
/// the loop, for many commits in one process, and is remembered by commit. Whether a key counts is a question of the gate's clock: the
/// commit's own date is its author's to write.
/// </summary>
/// <param name="git">Git in the mirror.</param>
/// <param name="settings">The forge's name, the operator's file of keys (null for none), and a folder for what is made of it.</param>
/// <param name="turn">Called when signatures have been verified.</param>
/// <param name="time">The gate's clock.</param>
internal sealed class SshSignatures(GitProgram git, SignersPlace settings, Action turn, TimeProvider time)
{
    public const string Program = "ssh-keygen";
    private const int MostAtOnce = 60;

    /// <summary>A change with many commits keeps the others waiting no longer than one with few.</summary>
    private const int MostOfOne = 10;
    private const int MostKnown = 50_000;
    private static readonly TimeSpan AgainAfter = TimeSpan.FromMinutes(5);
    private readonly Dictionary<CommitSha, (Found Found, DateTimeOffset At)> known = [];
    private readonly List<List<CommitSha>> asked = [];
    private readonly HashSet<CommitSha> again = [];
    private SignersFile? file;
    private (DateTime Written, long Length) read;
    private DateTimeOffset countsUntil;
    private List<Signer> signers = [];
    private string? digest;
    private string? trouble;
    private Task<IReadOnlyDictionary<CommitSha, Found>>? running;
    private long version;

    /// <summary>What came of one: a signer's place in the list, or why it is not good.</summary>
    private sealed record Found(SignatureKind Kind, int? Signer, string? Bad, string? Unknown)
    {
        /// <summary>Whether a failure of this machine could have led to it, so that it is looked at again.</summary>
        public bool MayChange => Unknown is not null || (Kind is SignatureKind.Ssh && Signer is null);
    }

    /// <summary>Whether signatures are being verified beside the loop.</summary>
    public bool IsVerifying => running is { IsCompleted: false };

    /// <summary>Takes what there is to take. Answers a number that moves whenever something may be told otherwise than before.</summary>
    public long Look()
    {
        var before = (trouble, digest);
        trouble = Take();
        if (running is { IsCompleted: true } done)
        {
            running = null;
            version++;
            foreach (var (commit, found) in done.Result)
            {
                known[commit] = (found, time.GetUtcNow());
                again.Remove(commit);
            }
        }

        // Until it was looked at again, what was found stands.
        foreach (var (commit, (found, _)) in known.Where(item => item.Value.Found.MayChange && time.GetUtcNow() - item.Value.At > AgainAfter).ToList())
        {
            known[commit] = (found, time.GetUtcNow());
            again.Add(commit);
            version++;
        }

        if (known.Count > MostKnown)
            known.Clear();
        return before == (trouble, digest) ? version : ++version;
    }

    /// <summary>What is known of each commit of one change, since the last look; the rest is verified next.</summary>
    public IReadOnlyDictionary<CommitSha, CommitSignature> Of(IReadOnlyCollection<CommitSha> commits, Func<string, Account?> accountOf)
    {
        if (trouble is { } why)
            return commits.ToDictionary(commit => commit, _ => (CommitSignature)new CommitSignature.Unknown(why));
        if (commits.Where(commit => !known.ContainsKey(commit) || again.Contains(commit)).ToList() is { Count: > 0 } fresh)
            asked.Add(fresh);
        return commits.ToDictionary(commit => commit, commit => Say(commit, accountOf));
    }

    private CommitSignature Say(CommitSha commit, Func<string, Account?> accountOf) => known.TryGetValue(commit, out var item) ? item.Found switch
    {
        { Unknown: { } why } => new CommitSignature.Unknown(why),
        { Bad: { } why } => new CommitSignature.Bad(why),
        { Signer: { } place } => Good(signers[place], accountOf),
        _ => new CommitSignature.None(),
    }
    : new CommitSignature.Unknown("its signatures are being verified");

    /// <summary>A key of two people is nobody's.</summary>
    private static CommitSignature.Good Good(Signer signer, Func<string, Account?> accountOf)
    {
        var accounts = signer.People.Select(accountOf).OfType<Account>().Distinct().ToList();
        return new(string.Join(", ", signer.People), accounts is [var only] ? only : null);
    }

    /// <summary>Takes the operator's file as it is now; why that cannot be done, or null.</summary>
    private string? Take()
    {
        if (settings.File is not { } path)
            return $"{settings.Forge} does not tell of signatures, and the settings name no signers";
        if (Missing() is { } missing)
            return missing;
        try
        {
            var (now, there) = (time.GetUtcNow(), new FileInfo(path));
            if (file is null || read != (there.LastWriteTimeUtc, there.Length))
                (file, read, countsUntil) = (SignersFile.Read(path), (there.LastWriteTimeUtc, there.Length), now);
            if (now >= countsUntil)
                Count(file, now);
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            file = null;
            return $"the signers that the settings name cannot be read: {error.Message}";
        }
    }

    /// <summary>Which keys count now, and until when that is so. What was verified with others is forgotten.</summary>
    private void Count(SignersFile all, DateTimeOffset now)
    {
        countsUntil = all.Signers.SelectMany(signer => new[] { signer.From, signer.Until }).OfType<DateTimeOffset>().Where(at => at > now).DefaultIfEmpty(DateTimeOffset.MaxValue).Min();
        List<Signer> counting = [.. all.Signers.Where(signer => signer.CountsAt(now)).GroupBy(signer => signer.Key).Select(same => new Signer([.. same.SelectMany(signer => signer.People).Distinct()], same.Key, null, null))];
        var text = string.Concat(counting.Select((signer, at) => $"s{at.ToString(CultureInfo.InvariantCulture)} {signer.Key}\n"));
        Directory.CreateDirectory(settings.Folder);
        signers = counting;
        digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text + string.Join('\n', counting.Select(signer => signer.People)))));
        File.WriteAllText(Made(digest), text);
        running = null;
        again.Clear();
        known.Clear();
    }

    private string Made(string name) => Path.Combine(settings.Folder, name);

    /// <summary>Why signatures cannot be verified on this machine; null where they can.</summary>
    public static string? Missing() =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => folder.Length > 0 && File.Exists(Path.Combine(folder, Program))) ? null
        : $"signatures cannot be verified: {Program} is not on the gate's machine";

    /// <summary>Begins to verify, beside the loop, what was asked for since the last call; what that leaves is asked for again.</summary>
    public void Verify()
    {
        var (some, keys) = (asked.SelectMany(one => one.Take(MostOfOne)).Distinct().Take(MostAtOnce).ToList(), digest);
        asked.Clear();
        if (running is null && some.Count > 0 && keys is not null)
            Begin(some, Made(keys));
    }

    private void Begin(List<CommitSha> some, string keys)
    {
        running = Task.Run(() => VerifyAsync(some, keys));
        _ = running.ContinueWith(_ => turn(), TaskScheduler.Default);
    }

    private async Task<IReadOnlyDictionary<CommitSha, Found>> VerifyAsync(List<CommitSha> commits, string file)
    {
        try
        {
            var kinds = await SignatureHeaders.ReadAsync(git, commits, CancellationToken.None);
            var bySsh = kinds.Where(item => item.Value is SignatureKind.Ssh).Select(item => item.Key).ToList();
            var answers = new Dictionary<CommitSha, Found>();
            await AskEachAsync(bySsh, file, answers);
            return commits.ToDictionary(commit => commit, commit => kinds.GetValueOrDefault(commit, SignatureKind.Gone) switch
            {
                SignatureKind.Gone => new(SignatureKind.Gone, null, null, "it is not in the gate's copy any more, so its signature cannot be verified"),
                SignatureKind.None => new(SignatureKind.None, null, null, null),
                SignatureKind.Ssh => answers.GetValueOrDefault(commit) ?? new(SignatureKind.Ssh, null, null, "git did not say whether its signature is good, which is tried again"),
                SignatureKind.OpenPgp => new(SignatureKind.OpenPgp, null, "is signed by OpenPGP, and the settings name SSH keys only", null),
                SignatureKind.X509 => new(SignatureKind.X509, null, "is signed by X.509, and the settings name SSH keys only", null),
                _ => new Found(SignatureKind.Odd, null, "carries a signature of no known kind", null),
            });
        }
        catch (Exception error)
        {
            return commits.ToDictionary(commit => commit, _ => new Found(SignatureKind.Odd, null, null, $"its signature could not be verified, which is tried again: {error.Message}"));
        }
    }

    /// <summary>One that git cannot look at keeps nothing from being known of the others.</summary>
    private async Task AskEachAsync(List<CommitSha> commits, string file, Dictionary<CommitSha, Found> answers)
    {
        if (commits.Count == 0)
            return;
        try
        {
            foreach (var (commit, found) in await AskAsync(commits, file))
                answers[commit] = found;
        }
        catch (GitException) when (commits.Count > 1)
        {
            await AskEachAsync(commits[..(commits.Count / 2)], file, answers);
            await AskEachAsync(commits[(commits.Count / 2)..], file, answers);
        }
        catch (GitException error)
        {
            answers[commits[0]] = new(SignatureKind.Ssh, null, null, $"its signature could not be verified, which is tried again: {error.Message}");
        }
    }

    /// <summary>By git, in one process; no configuration chooses the programs, and keys are told apart by their place in the list.</summary>
    private async Task<Dictionary<CommitSha, Found>> AskAsync(List<CommitSha> commits, string file)
    {
        string[] pinned =
        [
            "gpg.format=ssh", $"gpg.ssh.program={Program}", $"gpg.ssh.allowedSignersFile={file}", "gpg.ssh.defaultKeyCommand=false", "gpg.program=false", "gpg.openpgp.program=false", "gpg.x509.program=false",
            "gpg.minTrustLevel=undefined", "log.showSignature=false", "log.mailmap=false", "i18n.logOutputEncoding=UTF-8",
        ];
        var answer = await git.RunAsync(
            [.. pinned.SelectMany(setting => (string[])["-c", setting]), "log", "--no-walk=unsorted", "--stdin", "--format=%H %G? %GS"],
            CancellationToken.None, Encoding.ASCII.GetBytes(string.Concat(commits.Select(commit => $"{commit.Hex}\n"))));
        if (!answer.Ok || answer.Error.Contains("cannot run", StringComparison.Ordinal))
            throw new GitException($"git log ended with {answer.Exit}: {answer.Error}");
        var found = new Dictionary<CommitSha, Found>();
        foreach (var line in answer.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')))
            found[new(line[0])] = Read(line);
        return found;
    }

    private static Found Read(string[] line) => line switch
    {
        [_, "G", ['s', .. var place]] when int.TryParse(place, NumberStyles.None, CultureInfo.InvariantCulture, out var at) => new(SignatureKind.Ssh, at, null, null),
        [_, "U", ..] => new(SignatureKind.Ssh, null, "is signed by a key that is not among the signers of the settings, or does not count now", null),
        [_, "B", ..] => new(SignatureKind.Ssh, null, "carries a signature that does not fit it", null),
        _ => new(SignatureKind.Ssh, null, $"carries a signature that git cannot verify ({line.ElementAtOrDefault(1)})", null),
    };
}

/// <summary>What signatures are verified with.</summary>
/// <param name="Forge">What people call the forge.</param>
/// <param name="File">The operator's file of keys that count; null where none is named.</param>
/// <param name="Folder">Where the gate may write what it makes of that file.</param>
internal sealed record SignersPlace(string Forge, string? File, string Folder);
