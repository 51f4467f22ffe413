using GateKeeper.Core.Gates;

namespace GateKeeper.Forges.GitHub;

/// <content>
/// Taking in what was read. That something is other than it was known is noted in the same moment in which it is taken, and what was said to
/// have moved is owed until it was read: no failure in between makes it forgotten.
/// </content>
internal sealed partial class GitHubForge
{
    /// <summary>Takes the list of what is open, and reads what moved in it; what is missing there is read by itself before it is believed gone.</summary>
    /// <param name="heard">Told whether something left the list, and so may be on a trunk, which can be asked meanwhile.</param>
    /// <param name="asked">What is being read anyway.</param>
    /// <param name="cancellation">Ends the call.</param>
    private async Task TakeListAsync(Action<bool> heard, HashSet<long> asked, CancellationToken cancellation)
    {
        var (list, differs) = await sweep.OpenAsync(patterns is null && place.Trunks.Count == 1 ? place.Trunks[0] : null, cancellation);
        var now = list.Where(pull => IsTrunk(pull.Base.Ref)).GroupBy(pull => pull.Number).ToDictionary(group => group.Key, group => group.First());
        heard(differs && open.Keys.Any(number => !now.ContainsKey(number)));
        OweConversations();
        if (!differs && owed.IsSubsetOf(asked))
            return;
        owed.IntersectWith(now.Keys.Concat(open.Keys));
        unread.Keep(number => now.ContainsKey(number) || open.ContainsKey(number));
        var ids = now.Values.Where(pull => (owed.Contains(pull.Number) || listed.GetValueOrDefault(pull.Number) != Key(pull)) && !unread.Rests(pull.Number)).ToDictionary(pull => pull.NodeId, pull => pull.Number);
        foreach (var (number, look) in open.Where(item => !now.ContainsKey(item.Key) && !unread.Rests(item.Key)))
            ids.TryAdd(look.Pull!.Id, number);

        // Where little may still be asked, it is asked about the head of the queue; the rest is read by and by.
        // That they moved is said once: until they were read it is not forgotten.
        owed.UnionWith(ids.Values);
        var first = ids.OrderBy(item => places.GetValueOrDefault(item.Value, int.MaxValue)).Take(Budget.IsShort(Budget.Graph) ? FewAtATime : int.MaxValue).ToList();
        var looks = await sweep.PullsAsync([.. first.Select(item => item.Key)], cancellation);
        foreach (var (id, number) in first)
        {
            if (lagging.Remove(number))
                moved = true;
            var look = looks.GetValueOrDefault(id);
            Take(number, look);
            if (look is null || !now.TryGetValue(number, out var pull))
                continue;
            listed[number] = Key(pull);

            // List and look come from different places of the host: where they do not agree yet, both are asked again.
            if (look.Pull is not { State: "OPEN" } read || read.UpdatedAt < pull.UpdatedAt || read.HeadRefOid != pull.Head.Sha || read.BaseRefName != pull.Base.Ref)
                owed.Add(number);
        }
    }

    /// <summary>A conversation that is resolved, or a signature that is verified at last, moves nothing that the list shows: where one is waited for, it is looked for by and by.</summary>
    private void OweConversations()
    {
        if (conversationsReadAt is { } at && time.GetElapsedTime(at) < TrunksAreOld)
            return;
        conversationsReadAt = time.GetTimestamp();
        owed.UnionWith(open.Where(item => Unmet(item.Value.Pull!).Any() || SignaturesOnGitHub.MayChange(item.Value.Pull!)).Select(item => item.Key));
    }

    private static (DateTimeOffset, string, string) Key(ListedDto pull) => (pull.UpdatedAt, pull.Head.Sha, pull.Base.Ref);

    /// <summary>
    /// Takes a pull request as it was read. That it is another than was known is noted in the same moment, so that nothing which fails
    /// afterwards makes that forgotten.
    /// </summary>
    private void Take(long number, Look? look)
    {
        var before = open.GetValueOrDefault(number);
        if (look is null or { Pull: null, Problem: not null } || look.Pull?.UpdatedAt < before?.Pull?.UpdatedAt)
        {
            // Not told, or by a place of the host that is behind: nothing may rest on what was known before.
            owed.Add(number);
            if (look?.Pull is null)
                Doubt(number, before, look?.Problem ?? "GitHub does not answer about it");
            else
                moved = true;
            return;
        }

        unread.Succeeded(number);
        if (look.Pull is not { State: "OPEN" } pull || !IsTrunk(pull.BaseRefName))
        {
            listed.Remove(number);
            uploads.Remove(number);
            since.Remove(number);
            unlearned.Remove(number);
            owed.Remove(number);
            if (open.Remove(number))
                moved = true;
            return;
        }

        foreach (var actor in pull.Commits.Nodes.OfType<PullCommitDto>().SelectMany(commit => new[] { commit.Commit.Author, commit.Commit.Committer }).Where(actor => actor?.Email is not null))
            accounts.LearnAddress(actor!.Email!, actor.User);
        open[number] = look;
        if (look.Settled && look.Problem is null)
            owed.Remove(number);
        else
            owed.Add(number);
        if (before?.Pull?.UpdatedAt != pull.UpdatedAt)
            unlearned.Add(number);
        if (before?.Pull?.Fingerprint() != pull.Fingerprint() || before.Problem != look.Problem || OwnComment(before.Pull!) != OwnComment(pull))
            moved = true;
    }

    /// <summary>What is not told of one is asked for again after a while; that it is still not told is no news, so others land meanwhile.</summary>
    private void Doubt(long number, Look? before, string why)
    {
        unread.Failed(number, why);
        if (before is null || before.Problem == why)
            return;
        open[number] = before with { Problem = why };
        moved = true;
    }

    private void TakeTeam(string name, (IReadOnlyList<UserDto> People, string? Unreadable) read)
    {
        var members = new GroupMembers([.. read.People.Select(person => accounts.Learn(person.Login, person.Id))], read.Unreadable);
        if (!teams.TryGetValue(name, out var known) || !known.Members.Equals(members))
            moved = true;
        teams[name] = (members, time.GetTimestamp());
    }
}
