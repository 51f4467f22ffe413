namespace GateKeeper.Forges.GitHub;

/// <summary>What was granted to the App against what the gate needs, each with what it is for. What was asked for and not granted yet is not had.</summary>
internal static class PermissionDoctor
{
    private static readonly Dictionary<string, (string Named, string For)> Uses = new()
    {
        ["metadata"] = ("Metadata", "to see the repository and its rules"),
        ["contents"] = ("Contents", "to read the trunk, to publish candidates and to land"),
        ["pull_requests"] = ("Pull requests", "to read reviews and to write its one comment"),
        ["checks"] = ("Checks", "to show its verdict and to read others' checks"),
        ["statuses"] = ("Commit statuses", "to read what other services say of a commit"),
        ["members"] = ("Members, of the organization", "to read who is in a team; gates that ask a team wait without it"),
        ["workflows"] = ("Workflows", "to land changes under .github/workflows/, which GitHub refuses without it"),
        ["actions"] = ("Actions", "to read which workflow made a check; a check that names one waits without it"),
        ["administration"] = ("Administration", "for the doctor, to see the older protection of branches"),
    };

    /// <param name="granted">What the installation has.</param>
    /// <param name="asked">What the App asks for; null where it was not shown.</param>
    /// <param name="organization">Whether the repository is an organization's: people have no teams.</param>
    /// <param name="lent">Whether an administrator's login looks too.</param>
    public static IEnumerable<Finding> Judge(IReadOnlyDictionary<string, string> granted, IReadOnlyDictionary<string, string>? asked, bool organization, bool lent)
    {
        foreach (var (right, level) in AppLogin.Needed.Where(need => need.Key != "members" || organization))
        {
            var (what, (named, use)) = ($"permission {right}", Uses[right]);
            var has = granted.GetValueOrDefault(right);
            if (right == "administration" && has is "write" or "admin")
                yield return Finding.Wrong(what, $"{has}: whoever has the App's key could lift the rules that guard the trunk", "set it to Read-only on the App's page (Permissions & events)");
            else if (Covers(has, level))
                yield return Finding.Right(what, has!);
            else if (right == "administration" && lent)
                yield return Finding.Right(what, "not granted, and not needed while an administrator's login looks");
            else if (Covers(asked?.GetValueOrDefault(right), level))
                yield return Finding.Wrong(what, $"the App asks for {level}, and nobody has accepted that yet; it is needed {use}", "an owner of the organization accepts it (Settings, Installed GitHub Apps, Review request)");
            else
                yield return Finding.Wrong(what, $"{(has is null ? "not granted" : $"only {has}")}; {level} is needed {use}", $"give the App {named}: {(level == "read" ? "Read-only" : "Read and write")} (its page, Permissions & events), and accept that for the installation");
        }
    }

    private static bool Covers(string? has, string level) => has is "write" or "admin" || has == level;
}
