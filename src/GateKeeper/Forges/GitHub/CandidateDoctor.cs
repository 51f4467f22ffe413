using GateKeeper.Core.Rules;

namespace GateKeeper.Forges.GitHub;

/// <summary>
/// Judges the branches on which candidates are tested by others: nobody else may make or move them, for what runs there counts, and the
/// workflows that are waited for must run there, and no others need to.
/// </summary>
internal sealed class CandidateDoctor(GitHubSight sight)
{
    private readonly Passage passage = new(sight);

    public IEnumerable<Finding> Judge() => [.. Checks().Take(1), .. Branches(), .. sight.Trunks.Select(Workflows).OfType<Finding>()];

    private static List<(TestDefinition Test, string File, string Event)> Named(BranchSight trunk) => [.. (trunk.Gates.Value?.Tests ?? [])
        .Where(test => test.Check is not null).Select(test => (test, Source(test, "workflow"), Source(test, "event") ?? "push")).Where(item => item.Item2 is not null).Select(item => (item.test, item.Item2!, item.Item3))];

    private static string? Source(TestDefinition test, string key) => test.Check!.From.Where(pair => pair.Key == key).Select(pair => pair.Value).FirstOrDefault();

    /// <summary>What can be seen of others' checks at all.</summary>
    private IEnumerable<Finding> Checks()
    {
        var all = sight.Trunks.SelectMany(trunk => trunk.Gates.Value?.Tests ?? []).Where(test => test.Check is not null).ToList();
        if (sight.App is null && all.FirstOrDefault(test => Source(test, "app") is not null) is { } unseen)
            yield return Finding.Wrong("checks", $"the rules wait for {unseen.Name}, a check run, and GitHub lets no token of an account read these", "use an App (\"app\" in the settings), or let that test report by a commit status (from: { user: ... })");
        if (sight.Place.Publish is null && all.FirstOrDefault(test => !test.Check!.OnRevision) is { } nowhere)
            yield return Finding.Wrong("candidates", $"the rules wait for {nowhere.Name} on candidates, and the settings publish none", "name a folder of branches in the settings (\"publish\": \"refs/heads/gatekeeper/\"), or say on: revision in the rules");
    }

    private IEnumerable<Finding> Branches()
    {
        if (sight.Place.Publish is not { } folder)
            yield break;
        const string What = "candidates";
        var cure = $"deploy/github/ruleset-candidates.json keeps {folder}**/* for {sight.Gate}";
        if (sight.Candidates.FirstOrDefault(branch => !branch.Rules.IsKnown) is { } unread)
        {
            yield return RulesetDoctor.Unread(What, unread);
            yield break;
        }

        foreach (var (type, words) in (IEnumerable<(string, string)>)[("creation", "make"), ("update", "move")])
        {
            if (sight.Candidates.FirstOrDefault(branch => !branch.Rules.Value!.Any(rule => rule.Type == type)) is not { } bare)
                continue;
            yield return Finding.Wrong(What, $"whoever may write to the repository may {words} {bare.Name}, and so have their own code reported on as a candidate{NearMiss(type, bare)}", cure);
            yield break;
        }

        yield return Passers(What);
    }

    private Finding Passers(string what)
    {
        var (open, unseen, refused) = (new List<string>(), new List<BranchRuleDto>(), new List<string>());
        foreach (var rules in sight.Candidates.Select(branch => branch.Rules.Value!))
        {
            foreach (var guards in (IEnumerable<List<BranchRuleDto>>)[[.. rules.Where(rule => rule.Type == "creation")], [.. rules.Where(rule => rule.Type == "update")]])
            {
                if (guards.Exists(rule => passage.Others(rule) is { Count: 0 }))
                    continue;
                if (guards.Exists(rule => passage.Others(rule) is null))
                    unseen.AddRange(guards);
                else
                    open.AddRange(guards.Select(rule => $"{passage.Set(rule)} may be passed by {string.Join(", ", passage.Others(rule)!)}"));
            }

            refused.AddRange(rules.Where(rule => passage.GateMay(rule, merging: false) is false).Select(passage.Set));
        }

        return refused.Count > 0 ? Finding.Wrong(what, $"{string.Join(" and ", refused.Distinct())} keeps {sight.Gate} from them too", $"put {sight.Gate} on the bypass list (Always allow)")
            : open.Count > 0 ? Finding.Wrong(what, string.Join("; ", open.Distinct()), $"leave {sight.Gate} alone on that bypass list")
            : unseen.Count > 0 ? Finding.Unknown(what, passage.Unshown(unseen), passage.CureOf(unseen))
            : Finding.Right(what, $"only {sight.Gate} makes and moves branches below {sight.Place.Publish}");
    }

    /// <summary>A ruleset that was meant, and whose pattern stops at a slash.</summary>
    private string NearMiss(string type, BranchSight bare)
    {
        foreach (var set in sight.Rulesets.Values.Where(set => set.Enforcement == "active" && set.Rules?.Any(rule => rule.Type == type) == true))
        {
            if (set.Conditions?.RefName?.Include?.FirstOrDefault(pattern => pattern.StartsWith(sight.Place.Publish!, StringComparison.Ordinal) && !Fnmatch.Matches(pattern, $"refs/heads/{bare.Name}", sight.Repository.DefaultBranch)) is { } pattern)
                return $": the ruleset \"{set.Name}\" means {pattern}, and GitHub's stars stop at a slash";
        }

        return "";
    }

    /// <summary>Null where no check names a workflow and nothing is published that one could run on.</summary>
    private Finding? Workflows(BranchSight trunk)
    {
        var what = $"workflows on {trunk.Name}";
        var named = Named(trunk);
        if (named.Count == 0 && sight.Place.Publish is null)
            return null;
        if (!trunk.Gates.IsKnown)
            return Finding.Unknown(what, $"which are waited for is not known, for the rules of {trunk.Name} cannot be read: {trunk.Gates.Why}", "bring valid rules onto the trunk");
        if (!trunk.Workflows.IsKnown)
            return Finding.Unknown(what, $"they cannot be read: {trunk.Workflows.Why}", "give the App the permission Contents (read)");
        var files = (trunk.Workflows.Value ?? new Dictionary<string, string>()).ToDictionary(file => file.Key, file => WorkflowFile.Read(file.Key, file.Value));
        var wrong = named.Select(item => Amiss(item.Test, item.File, item.Event, files.GetValueOrDefault(item.File), trunk)).OfType<(string Why, string Cure)>().ToList();
        var others = sight.Place.Publish is null ? [] : files.Values.Where(file => !named.Exists(item => item.File == file.Path) && sight.Candidates.Any(branch => file.RunsOn(branch.Name))).Select(file => file.Path).Order().ToList();
        if (others.Count > 0)
            wrong.Add(($"{string.Join(", ", others)} {(others.Count == 1 ? "runs" : "run")} on candidates too", $"give {(others.Count == 1 ? "it" : "them")} branches-ignore: [\"{Short()}**\"], above all what deploys"));
        if (wrong.Count > 0)
            return Finding.Wrong(what, string.Join("; ", wrong.Select(item => item.Why)), string.Join("; ", wrong.Select(item => item.Cure).Distinct()));
        var unread = files.Values.Where(file => file.On is null).Select(file => file.Path).Order().ToList();
        return unread.Count > 0 ? Finding.Unknown(what, $"when {string.Join(", ", unread)} runs cannot be read", "write its \"on:\" as a name, a list or a mapping")
            : Finding.Right(what, named.Count == 0 ? "no check names one, and none runs on candidates" : $"{string.Join(", ", named.Select(item => item.File).Distinct())}, and no other runs on candidates");
    }

    private (string Why, string Cure)? Amiss(TestDefinition test, string path, string @event, WorkflowFile? file, BranchSight trunk)
    {
        if (file is null)
            return ($"{test.Name} waits for {path}, and {trunk.Name} has no such file", $"bring it onto {trunk.Name} (deploy/github/workflow.yml is one to begin with), or correct the rules");
        if (file.On is null)
            return null;
        if (@event != "push" || test.Check!.OnRevision)
            return file.Has(@event) ? null : ($"{path} does not run on {@event}, by which {test.Name} is to come", $"add {@event} to its \"on:\"");
        if (sight.Candidates.FirstOrDefault(branch => !file.RunsOn(branch.Name)) is { } passed)
            return ($"{path} does not run on {passed.Name}, where {test.Name} is awaited", $"let it run on: {{ push: {{ branches: [\"{Short()}**\"] }} }}");
        return file.LooksAtPaths ? ($"{path} runs only where some paths change, and then {test.Name} may never come", "take \"paths\" out of it") : null;
    }

    private string Short() => sight.Place.Publish!["refs/heads/".Length..];
}
