using GateKeeper.Core.Rules;
using GateKeeper.Git;
using LibGit2Sharp;

namespace GateKeeper.Forges.PlainGit;

/// <summary>What the settings say of a repository of plain git.</summary>
internal sealed record PlainGitPlace(GateIdentity Gate, IReadOnlyList<string> Trunks, string Rules, bool Trusted, string? Guard, bool HasInitialRules);

/// <summary>Looks at a repository of plain git as the gate reads it, and at its guard where it lies on this machine.</summary>
internal sealed class PlainGitDoctor(PlainGitPlace place, Mirror mirror, string program, TimeProvider time)
{
    /// <exception cref="GitException">The repository cannot be reached.</exception>
    public async Task<IReadOnlyList<Finding>> LookAsync(CancellationToken cancellation)
    {
        await mirror.RefreshAsync(name => place.Trunks.Any(trunk => name == $"refs/heads/{trunk}") || name is PushLog.Ref or PlainGitForge.GuardRef, cancellation);
        var findings = new List<Finding> { Finding.Right("repository", $"{mirror.Url} can be read") };
        var local = Directory.Exists(mirror.Url);
        if (local)
            findings.AddRange(await new GuardDoctor(Path.GetFullPath(mirror.Url).TrimEnd('/'), place.Gate.Name, place.Trunks, program).LookAsync(cancellation));
        else
            findings.Add(Finding.Unknown("nobody else: the repository's files", "they lie on another machine", "run gatekeeper doctor there too, as the account that they belong to"));
        findings.AddRange(await new PushProbe(mirror, place.Gate, [.. place.Trunks.Select(trunk => $"refs/heads/{trunk}"), .. Notes.Own], time).LookAsync(cancellation));
        findings.Add(Log(local));
        findings.Add(Mapping());
        foreach (var trunk in place.Trunks.Where(trunk => !trunk.Contains('*', StringComparison.Ordinal)))
            findings.AddRange(Trunk(trunk));
        return findings;
    }

    private Finding Log(bool local)
    {
        const string What = "push log";
        if (place.Trusted)
            return Finding.Unknown(What, "\"identity\" is \"trusted\", so it is believed what notes say of who wrote them", "guard the repository (gatekeeper guard) and leave \"identity\" out, unless the server itself keeps people from writing in others' names");
        var log = new PushLog(mirror.Repository);
        log.Grow(mirror.Refs.GetValueOrDefault(PushLog.Ref));
        if (new GuardProof(mirror, place.Guard).Doubt(mirror.Refs.ContainsKey(PushLog.Ref) ? log.First : null) is { } doubt)
            return Finding.Wrong(What, doubt, local ? "gatekeeper guard, on this machine" : "on the server: gatekeeper guard; then name in \"guard\" of the settings what it prints");
        return Finding.Right(What, place.Guard is null ? "it is the guard's, by the files of this machine" : "it begins with the commit that the settings name");
    }

    private Finding Mapping()
    {
        const string What = "accounts, as the gate reads them";
        const string Cure = "gatekeeper guard on the server, with --accounts FILE, puts it back";
        if (!mirror.Refs.TryGetValue(PlainGitForge.GuardRef, out var mapping) || mirror.Repository.FindCommit(mapping) is not { } commit)
            return place.Trusted ? Finding.Unknown(What, "there is no mapping of accounts to addresses, so each address is an account of its own", Cure) : Finding.Wrong(What, $"{PlainGitForge.GuardRef} holds no mapping of accounts to addresses", Cure);
        try
        {
            Accounts.Parse(commit.Message);
            return Finding.Right(What, "whose an address is can be read");
        }
        catch (FormatException error)
        {
            return Finding.Wrong(What, error.Message, Cure);
        }
    }

    private IEnumerable<Finding> Trunk(string trunk)
    {
        if (!mirror.Refs.TryGetValue($"refs/heads/{trunk}", out var tip))
        {
            yield return mirror.Unfetchable.TryGetValue($"refs/heads/{trunk}", out var problem)
                ? Finding.Wrong($"trunk {trunk}", $"it cannot be fetched: {problem.Why}", "mend the server's repository; one that is shallow is made whole by git fetch --unshallow there")
                : Finding.Wrong($"trunk {trunk}", $"there is no branch {trunk}", "make it, or correct \"trunks\" in the settings");
            yield break;
        }

        yield return Finding.Right($"trunk {trunk}", "it is there");
        yield return RulesOf(trunk, mirror.Repository.Commit(tip)[place.Rules]?.Target as Blob);
    }

    private Finding RulesOf(string trunk, Blob? file)
    {
        var what = $"rules of {trunk}";
        if (file is null)
            return place.HasInitialRules ? Finding.Right(what, "there are none yet, and the settings name some to begin with") : Finding.Wrong(what, $"{trunk} has no {place.Rules}, so nothing lands", $"gatekeeper rules install FILE --trunk {trunk} --reason \"first rules\"");
        var loaded = RulesLoader.Load(file.Bytes());
        return loaded.Rules is not null ? Finding.Right(what, $"{place.Rules} is valid")
            : Finding.Wrong(what, $"{place.Rules} is not valid: {string.Join("; ", loaded.Errors.Take(3))}", $"land a change that mends it, or gatekeeper rules install FILE --trunk {trunk} --reason R");
    }
}
