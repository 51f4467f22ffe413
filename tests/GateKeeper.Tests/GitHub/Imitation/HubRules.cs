using System.IO.Enumeration;
using System.Text.Json.Nodes;
using LibGit2Sharp;

namespace GateKeeper.Tests.GitHub.Imitation;

/// <summary>Why a ref was not moved: git's short word for it, what the server says beside, and the same for who asked by REST.</summary>
internal sealed record HubRefused(string Word, string Said, int Status, string Message);

/// <summary>What the rulesets and the older protection of branches say to somebody who moves a ref.</summary>
internal static class HubRules
{
    private const string Workflows = ".github/workflows/";
    private static readonly string Nothing = new('0', 40);

    public static IEnumerable<(HubRuleset Set, string Type, JsonObject? Parameters)> On(HubRepository repository, string reference) => repository.Rulesets
        .Where(set => set.Enforcement == "active" && set.Include.Exists(pattern => Matches(repository, pattern, reference)) && !set.Exclude.Exists(pattern => Matches(repository, pattern, reference)))
        .SelectMany(set => set.Rules.Select(rule => (set, rule.Type, rule.Parameters)));

    public static HubRefused? Refuse(HubServer server, HubCaller caller, HubRepository repository, string reference, string old, string @new, bool merging = false)
    {
        if (repository.IsArchived)
            return new("repository archived", "error: This repository was archived so it is read-only.", 403, "Repository was archived so is read-only.");
        if (!caller.AtLeast(repository, "write"))
            return new("permission denied", $"error: Permission to {repository.FullName}.git denied to {caller.Account?.Login}.", 403, "Resource not accessible by integration");
        if (reference.StartsWith("refs/pull/", StringComparison.Ordinal))
            return new("deny updating a hidden ref", "", 422, "Reference update failed");
        if (NewWorkflow(caller, repository, old, @new) is { } workflow)
        {
            var why = $"refusing to allow a GitHub App to create or update workflow `{workflow}` without `workflows` permission";
            return new(why, "", 403, why);
        }

        if (Protected(server, caller, repository, reference, old, @new) is { } why2)
            return new("protected branch hook declined", $"error: GH006: Protected branch update failed for {reference}.\nerror: {why2}", 422, $"Protected branch update failed for {reference}: {why2}");
        var broken = On(repository, reference).Where(rule => !caller.Passes(repository, rule.Set, server.Teams) && !(merging && rule.Set.Bypass.Exists(actor => actor.Mode == "pull_request" && caller.Passes(repository, Always(rule.Set), server.Teams))))
            .Select(rule => Broken(repository, rule.Type, rule.Parameters, old, @new, merging)).OfType<string>().Distinct().ToList();
        return broken.Count == 0 ? null : new("push declined due to repository rule violations",
            $"error: GH013: Repository rule violations found for {reference}.\nReview all repository rules at {server.Address}{repository.FullName}/rules?ref={Uri.EscapeDataString(reference)}\n\n{string.Concat(broken.Select(each => $"- {each}\n\n"))}",
            422, $"Repository rule violations found\n\n{string.Join("\n\n", broken)}\n\n");
    }

    /// <summary>A lock that is passed by merging a pull request is, for that, like any other.</summary>
    private static HubRuleset Always(HubRuleset set) => new(set.Id, set.Name) { Bypass = [.. set.Bypass.Select(actor => actor with { Mode = "always" })] };

    private static bool Matches(HubRepository repository, string pattern, string reference) => pattern switch
    {
        "~ALL" => reference.StartsWith("refs/heads/", StringComparison.Ordinal),
        "~DEFAULT_BRANCH" => reference == $"refs/heads/{repository.DefaultBranch}",
        _ => Fits(pattern.Split('/'), reference.Split('/')),
    };

    /// <summary>Stars stop at slashes; two of them with more after are any number of folders, and at the end of a pattern they are one.</summary>
    private static bool Fits(ReadOnlySpan<string> pattern, ReadOnlySpan<string> name)
    {
        if (pattern is ["**", _, ..])
        {
            for (var deep = 0; deep < name.Length; deep++)
            {
                if (Fits(pattern[1..], name[deep..]))
                    return true;
            }

            return false;
        }

        return pattern.IsEmpty || name.IsEmpty ? pattern.IsEmpty && name.IsEmpty : FileSystemName.MatchesSimpleExpression(pattern[0], name[0], ignoreCase: false) && Fits(pattern[1..], name[1..]);
    }

    private static string? Broken(HubRepository repository, string type, JsonObject? parameters, string old, string @new, bool merging) => type switch
    {
        "creation" when old == Nothing => "Cannot create ref due to creations being restricted.",
        "deletion" when @new == Nothing => "Cannot delete this branch",
        _ when @new == Nothing => null,
        "update" when old != Nothing => "Cannot update this protected ref.",
        "non_fast_forward" when old != Nothing && !repository.Contains(repository.Commit(@new)!, repository.Commit(old)!) => "Cannot force-push to this branch",
        "required_linear_history" when Arriving(repository, old, @new).Any(commit => commit.Parents.Count() > 1) => "This branch must not contain merge commits.",
        "required_signatures" when !merging && Arriving(repository, old, @new).Where(commit => !HubSigned.IsSigned(repository, commit)).ToList() is { Count: > 0 } unsigned =>
            $"Commits must have verified signatures.\n  Found {unsigned.Count} {(unsigned.Count == 1 ? "violation" : "violations")}:\n\n{string.Concat(unsigned.Select(commit => $"  {commit.Sha}\n"))}",
        "pull_request" when !merging => "Changes must be made through a pull request.",
        "merge_queue" => "Changes must be made through the merge queue",
        "required_status_checks" when parameters?["required_status_checks"] is JsonArray checks => checks
            .Where(check => !Reported(repository, @new, (string)check!["context"]!, (long?)check["integration_id"])).Select(check => $"Required status check \"{(string)check!["context"]!}\" is expected.").FirstOrDefault(),
        _ => null,
    };

    private static bool Reported(HubRepository repository, string sha, string context, long? app) =>
        repository.CheckRuns.Exists(run => run.Sha == sha && run.Name == context && run.Conclusion is "success" or "neutral" or "skipped" && (app is null || run.Suite.App.Id == app))
        || (app is null && repository.Statuses.FindLast(status => status.Sha == sha && status.Context == context)?.State == "success");

    private static IEnumerable<Commit> Arriving(HubRepository repository, string old, string @new) => repository.Git.Commits.QueryBy(new CommitFilter
    {
        IncludeReachableFrom = repository.Commit(@new)!,
        ExcludeReachableFrom = repository.Git.Branches.Select(branch => branch.Tip).Cast<object>().Append(repository.Commit(old)).OfType<Commit>().ToList() is { Count: > 0 } known ? known : null,
    });

    private static string? Protected(HubServer server, HubCaller caller, HubRepository repository, string reference, string old, string @new)
    {
        if (!reference.StartsWith("refs/heads/", StringComparison.Ordinal) || !repository.Protections.TryGetValue(reference["refs/heads/".Length..], out var protection))
            return null;
        if (@new == Nothing)
            return "Cannot delete a protected branch";
        if (old != Nothing && !repository.Contains(repository.Commit(@new)!, repository.Commit(old)!))
            return "Cannot force-push to this branch";
        var lenient = caller.Role(repository) == "admin" && (bool?)protection["enforce_admins"] != true;
        if (lenient || protection["restrictions"] is not JsonObject restrictions)
            return null;
        var allowed = caller.App is { } app
            ? Named(restrictions["apps"]).Contains(app.Slug)
            : Named(restrictions["users"]).Contains(caller.Account!.Login) || server.Teams.Exists(team => Named(restrictions["teams"]).Contains(team.Slug) && team.Members.Exists(member => member.Account == caller.Account && member.State == "active"));
        return allowed ? null : "You're not authorized to push to this branch.";
    }

    private static IEnumerable<string> Named(JsonNode? list) => list?.AsArray().Select(each => (string)each!) ?? [];

    /// <summary>A workflow's file that no branch of the repository has like this.</summary>
    private static string? NewWorkflow(HubCaller caller, HubRepository repository, string old, string @new)
    {
        if (caller.App is null || caller.Has("workflows", "write") || repository.Commit(@new) is not { } commit)
            return null;
        var before = repository.Commit(old)?.Tree ?? repository.Commit(repository.Tip(repository.DefaultBranch))?.Tree;
        return repository.Git.Diff.Compare<TreeChanges>(before, commit.Tree).Where(change => change.Path.StartsWith(Workflows, StringComparison.Ordinal) && change.Status != ChangeKind.Deleted)
            .FirstOrDefault(change => !repository.Git.Branches.Any(branch => branch.Tip[change.Path]?.Target.Id == change.Oid))?.Path;
    }
}
