using GateKeeper.Core.Changes;
using LibGit2Sharp;

namespace GateKeeper.Git;

/// <content>Moving refs of the forge: from where they are expected to be, never forced.</content>
internal sealed partial class Mirror
{
    /// <summary>Moves one ref of the forge from an expected value, alone and never forced.</summary>
    public Task<PushAnswer> PushAsync(string name, CommitSha? expected, CommitSha to, TimeSpan limit, CancellationToken cancellation) =>
        PushAsync([new(name, expected, to)], limit, cancellation);

    private const string Outgoing = "refs/gatekeeper/outgoing";
    private long pushes;

    /// <summary>
    /// Moves several refs together or none of them. Git looks for the ref that a name on the other side means, and finds several where
    /// somebody has made a branch called <c>refs/heads/main</c>; only what a pattern names is taken as it stands. So each commit that is
    /// pushed lies for this moment below a ref of this push's own, and one pattern says where all of them go. What is to go has no such
    /// form: where its name could mean several refs git refuses, and says so.
    /// </summary>
    public async Task<PushAnswer> PushAsync(IReadOnlyList<RefMove> moves, TimeSpan limit, CancellationToken cancellation)
    {
        var place = $"{Outgoing}/{Environment.ProcessId}-{Interlocked.Increment(ref pushes)}";
        var made = moves.Where(move => move.To is not null).ToDictionary(move => place + move.Name["refs".Length..], move => move.To!.Value.Hex);
        using var own = new Repository(Path);
        try
        {
            foreach (var (name, commit) in made)
                own.Refs.Add(name, new ObjectId(commit), allowOverwrite: true);
            string[] options = [.. (ReadOnlySpan<string>)(moves.Count > 1 ? ["--atomic"] : []), .. moves.Select(move => $"--force-with-lease={move.Name}:{move.Expected?.Hex}")];
            string[] specs = [.. (ReadOnlySpan<string>)(made.Count > 0 ? [$"{place}/*:refs/*"] : []), .. moves.Where(move => move.To is null).Select(move => $":{move.Name}")];

            // What the gate pushes is small and new: to look for likenesses in it costs more than it saves.
            var answer = await Git.RunAsync(["-c", "pack.window=0", "-c", "pack.compression=1", "push", "--porcelain", "--no-verify", .. options, "--", Url, .. specs], cancellation, limit: limit);
            if (ExactPush.Helps(Url, answer))
                answer = await new ExactPush(Git, Url).PushAsync(options, specs, limit, cancellation);
            return PushAnswer.Read(answer);
        }
        catch (GitException error)
        {
            return new PushAnswer.Unclear(error.Message);
        }
        finally
        {
            foreach (var name in made.Keys)
                own.Refs.Remove(name);
        }
    }

    /// <summary>Removes what a push left that was killed.</summary>
    private void Sweep()
    {
        foreach (var left in Repository.Refs.FromGlob($"{Outgoing}/*").ToList())
            Repository.Refs.Remove(left);
    }

    /// <summary>Fetches one ref anew, or notes that the forge does not have it.</summary>
    public async Task RefreshOneAsync(string name, CancellationToken cancellation) => Set(name, await LookAtAsync(name, cancellation));

    /// <summary>
    /// Fetches what one ref of the forge holds and answers where it stands; null when it does not exist. <see cref="Refs"/> stays as it is:
    /// who works beside the loop must not move what the loop decides by.
    /// </summary>
    public async Task<string?> LookAtAsync(string name, CancellationToken cancellation)
    {
        if (await ReadBackAsync(name, cancellation) is not { } there)
            return null;
        if (await Fetcher.FetchAsync(new Dictionary<string, string> { [name] = there.Hex }, cancellation) is { } problem)
            throw new GitException(problem);
        using var own = new Repository(Path);
        return FetchedRefs.Absence(own, name, there.Hex) is { } why ? throw new GitException(why) : own.Refs[Local(name)].TargetIdentifier;
    }

    /// <summary>Notes that the forge took a ref that was pushed, so that it need not be fetched back.</summary>
    public void Took(string name, CommitSha commit)
    {
        using var own = new Repository(Path);
        try
        {
            own.Refs.Add(Local(name), new ObjectId(commit.Hex), allowOverwrite: true);
        }
        catch (LockedFileException)
        {
            // The loop is fetching it at this moment.
            return;
        }

        Set(name, commit.Hex);
    }

    /// <summary>
    /// Moves several refs together, and looks at them afterwards: what the server said is believed once it shows it. For the trunk its own
    /// line is read in any case.
    /// </summary>
    public async Task<PushAnswer> PushSeenAsync(IReadOnlyList<RefMove> moves, TimeSpan limit, CancellationToken cancellation)
    {
        var answer = await PushAsync(moves, limit, cancellation);
        if (answer is not PushAnswer.Done)
            return answer;
        var there = await ReadAsync([.. moves.Select(move => move.Name)], cancellation);
        return moves.FirstOrDefault(move => there.GetValueOrDefault(move.Name) != move.To?.Hex) is { } other
            ? new PushAnswer.Unclear($"the server said that it took {other.Name}, and shows it at {there.GetValueOrDefault(other.Name) ?? "nothing"}")
            : answer;
    }
}
