namespace GateKeeper.Forges.Gerrit;

/// <summary>
/// Judges the access rules: what the gate must be able to do, and what nobody else may. What was not seen is unknown, also where nobody
/// else was seen.
/// </summary>
internal sealed class AccessDoctor(GerritSight sight)
{
    private const string Config = "refs/meta/config";
    private const string Look = "let an administrator's login look: --admin USER:env:NAME";
    private readonly IReadOnlyList<string> owners = Owners(sight.Access);
    private readonly HashSet<long> administrators = [.. sight.Groups.Of(sight.Access.Of(AccessRules.Capabilities, "administrateServer").Select(grant => grant.Group), []).Members.Select(holder => holder.Who.Id)];

    public IEnumerable<Finding> Judge() => [.. sight.Branches.SelectMany(GateMay), .. sight.Branches.SelectMany(NobodyElse), RightsChange(), Server(), ActsAsGate()];

    private IEnumerable<Finding> GateMay(string trunk)
    {
        var reference = GerritSight.Full(trunk);
        yield return May($"read of {trunk}", trunk, reference, "read", "Read");
        if (sight.Submits)
        {
            yield return May($"submit on {trunk} by the gate", trunk, reference, "submit", "Submit");
        }
        else
        {
            yield return May($"push to {trunk} by the gate", trunk, reference, "push", "Push");
            yield return May($"other people's commits on {trunk}", trunk, reference, "forgeCommitter", "Forge Committer Identity");
            yield return May($"merges on {trunk}", trunk, $"refs/for/{reference}", "pushMerge", "Push Merge Commit");
        }

        var votes = sight.Access.Of(reference, $"label-{sight.Label}").Where(grant => sight.GateGroups.Contains(grant.Group)).ToList();
        yield return Decide($"vote with {sight.Label} on {trunk}", votes.Exists(grant => grant.Rule is { Min: <= -1, Max: >= 1 }), $"Label {sight.Label} from -1 to +1", reference);
    }

    /// <summary>The server's own word, where it gives one; else what its rules say.</summary>
    private Finding May(string what, string trunk, string reference, string permission, string right) =>
        Decide(what, sight.Said.TryGetValue((trunk, permission), out var said) ? said : sight.Access.Of(reference, permission).Any(grant => sight.GateGroups.Contains(grant.Group)), right, reference, sight.Said.ContainsKey((trunk, permission)));

    private Finding Decide(string what, bool may, string right, string reference, bool certain = false)
    {
        var cure = $"give {sight.Bots} the right {right} on {reference} of {sight.Project} (gatekeeper init gerrit {sight.Project} --admin does it)";
        return may ? Finding.Right(what, $"{sight.User} may")
            : certain || !sight.Access.Unseen.Any() ? Finding.Wrong(what, $"{sight.User} may not", cure)
            : Unread(what, $"whether {sight.User} may");
    }

    private IEnumerable<Finding> NobodyElse(string trunk)
    {
        var reference = GerritSight.Full(trunk);
        var shield = $"make it exclusive to {sight.Bots} on {reference}, or take the rules away that are named";
        var pushes = sight.Access.Of(reference, "push");
        yield return Only($"push to {trunk}", pushes, shield);
        var forced = pushes.Where(grant => grant.Rule.Force).ToList();
        yield return sight.Access.Unseen.Any() ? Unread($"forced push to {trunk}", "who may")
            : forced.Count > 0 ? Finding.Wrong($"forced push to {trunk}", $"{string.Join("; ", forced.Select(Words))}, with force", "take the force away from Push: nobody needs to rewrite a trunk, the gate neither")
            : Finding.Right($"forced push to {trunk}", "nobody may");
        yield return Only($"submit on {trunk}", sight.Access.Of(reference, "submit"), shield);
        yield return Only($"submit by a push for review (%submit) on {trunk}", sight.Access.Of($"refs/for/{reference}", "submit"), $"take Submit away on refs/for/{reference}: it passes by every label and requirement");
        yield return Only($"deletion of {trunk}", sight.Access.Of(reference, "delete"), $"make Delete Reference exclusive on {reference} (a rule that denies it to {sight.Bots} leaves it to nobody)");
        yield return Only($"creation of {trunk}", sight.Access.Of(reference, "create"), $"make Create Reference exclusive on {reference} (a rule that denies it to {sight.Bots} leaves it to nobody)");
        yield return Only($"the gate's label {sight.Label} on {trunk}", [.. sight.Access.Of(reference, $"label-{sight.Label}").Concat(sight.Access.Of(reference, $"labelAs-{sight.Label}")).Where(grant => grant.Rule.Max > 0)], $"leave Label {sight.Label} on {reference} to {sight.Bots} alone, and Label {sight.Label} (On Behalf Of) to nobody");
    }

    private Finding Only(string what, IReadOnlyList<Grant> grants, string cure)
    {
        what = $"nobody else: {what}";

        // Rules that are not seen may hide those that are.
        if (sight.Access.Unseen.Any())
            return Unread(what, "who may");
        var (reasons, unseen, strangers) = (new List<string>(), new List<string>(), new List<string>());
        foreach (var grant in grants)
        {
            var circle = sight.Groups.Of([grant.Group], owners);
            var others = circle.Members.Where(holder => holder.Who.Id != sight.Gate.Id).ToList();
            if (circle.Members.Count > others.Count)
                strangers.AddRange(others.Select(holder => $"{holder.Name} out of {sight.Groups.Name(grant.Group)}"));
            if (circle.Everybody.Count > 0)
                reasons.Add($"{Words(grant)}, so everybody may");
            else if (others.Count > 0)
                reasons.Add($"{Words(grant)}: {string.Join(", ", others)}");
            else if (circle is { Members.Count: 0, Unseen.Count: 0 })
                reasons.Add($"{Words(grant)}, in which nobody is at present");
            reasons.AddRange(Deciders(circle));
            unseen.AddRange(circle.Unseen);
        }

        if (strangers.Count > 0)
            cure = $"take {string.Join(", ", strangers.Distinct())} (whoever makes a group is put into it){(reasons.Count > strangers.Count ? $"; and {cure}" : "")}";
        return reasons.Count > 0 ? Finding.Wrong(what, string.Join("; ", reasons.Distinct()), cure) : Unless(what, unseen, grants, grants.Count == 0 ? "nobody may" : $"only {sight.User} may");
    }

    /// <summary>Fine only where everything was seen.</summary>
    private Finding Unless(string what, List<string> unseen, IEnumerable<Grant> grants, string right) =>
        sight.Access.Unseen.Any() ? Unread(what, "who may")
        : unseen.Count > 0 ? Finding.Unknown(what, $"who is in {string.Join(" and ", unseen.Distinct())} cannot be seen", $"make the group visible to all registered users (visible_to_all), or {Look}")
        : !sight.Groups.IsWhole && grants.Any(grant => !grant.Group.StartsWith("global:", StringComparison.Ordinal))
            ? Finding.Unknown(what, $"nobody else is seen in {string.Join(" and ", grants.Select(grant => sight.Groups.Name(grant.Group)).Distinct())}, but Gerrit does not tell {sight.User} of groups within it that {sight.User} may not see", Look)
        : Finding.Right(what, right);

    private Finding Unread(string what, string question)
    {
        var projects = string.Join(" and ", sight.Access.Unseen);
        return Finding.Unknown(what, $"{question} is not known: {sight.User} may not read the access rules of {projects}", $"give {sight.Bots} the right Read on {Config} of {projects}, or {Look}");
    }

    private string Words(Grant grant) => $"{grant} grants it to {sight.Groups.Name(grant.Group)}";

    private IEnumerable<string> Deciders(Circle circle) =>
        circle.Deciders.Where(holder => holder.Who.Id != sight.Gate.Id && !administrators.Contains(holder.Who.Id)).Select(holder => $"{holder.Name} could let anybody in: {holder.Through}");

    /// <summary>Owners, and who writes the file of rules, here or in a project whose rules are inherited. Who administers the server is named elsewhere.</summary>
    private Finding RightsChange()
    {
        const string What = "nobody else: change of the rights";
        var (reasons, unseen, all) = (new List<string>(), new List<string>(), new List<Grant>());
        foreach (var rules in sight.Access.Upward.Where(rules => !rules.Unseen.Any()))
        {
            var grants = sight.Branches.Select(GerritSight.Full).SelectMany(branch => (string[])[branch, $"refs/for/{branch}"]).Append(Config).SelectMany(reference => rules.Of(reference, "owner"))
                .Concat(rules.Of(Config, "push")).Concat(rules.Of(Config, "submit")).Distinct();
            foreach (var grant in grants)
            {
                var circle = sight.Groups.Of([grant.Group], Owners(rules));
                var others = circle.Members.Where(holder => holder.Who.Id != sight.Gate.Id && !administrators.Contains(holder.Who.Id)).ToList();
                if (circle.Everybody.Count > 0 || others.Count > 0)
                    reasons.Add($"{grant} grants {grant.Permission} to {sight.Groups.Name(grant.Group)}: {string.Join(", ", circle.Everybody.Concat(others.Select(holder => holder.ToString())))}");
                reasons.AddRange(Deciders(circle));
                unseen.AddRange(circle.Unseen);
                all.Add(grant);
            }
        }

        return reasons.Count > 0
            ? Finding.Wrong(What, string.Join("; ", reasons.Distinct()), "take Owner, and Push and Submit on refs/meta/config, away from them: they could give themselves the right to push")
            : Unless(What, unseen, all, "nobody may, but those who administer the server");
    }

    private Finding Server()
    {
        const string What = "those who administer the server";
        var grants = sight.Access.Of(AccessRules.Capabilities, "administrateServer");
        var circle = sight.Groups.Of(grants.Select(grant => grant.Group), []);
        var deciders = Deciders(circle).ToList();
        return circle.Everybody.Count > 0 ? Finding.Wrong(What, "everybody administers the server", "take Administrate Server away from everybody")
            : deciders.Count > 0 ? Finding.Wrong(What, string.Join("; ", deciders), "let groups that administer the server own themselves")
            : Unless(What, [.. circle.Unseen], grants, $"can lift every protection, and no gate can keep them from it: {string.Join(", ", circle.Members.Select(holder => holder.Name))}");
    }

    private Finding ActsAsGate()
    {
        const string What = "nobody else: acting in the gate's name";
        var grants = ((string[])["runAs", "modifyAccount"]).SelectMany(capability => sight.Access.Of(AccessRules.Capabilities, capability)).ToList();
        var circle = sight.Groups.Of(grants.Select(grant => grant.Group), []);
        var others = circle.Members.Where(holder => !administrators.Contains(holder.Who.Id)).Select(holder => holder.ToString()).Concat(circle.Everybody).Concat(Deciders(circle)).ToList();
        return others.Count > 0
            ? Finding.Wrong(What, $"{string.Join(", ", others)} may act as others (Run As) or set their passwords (Modify Account)", "take the global capabilities Run As and Modify Account away from them")
            : Unless(What, [.. circle.Unseen], grants, "nobody may, but those who administer the server");
    }

    private static IReadOnlyList<string> Owners(AccessRules rules) => [.. rules.Of("refs/*", "owner").Select(grant => grant.Group)];
}
