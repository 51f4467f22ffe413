namespace GateKeeper.Git;

/// <summary>
/// Keeps a mirror in order beside its loop: single objects become packs, small packs are joined, and git learns which commit lies below which.
/// Nothing is thrown away: what no ref holds may be in flight. Who has a pack open that was joined reads on from it, or finds the new one.
/// </summary>
internal sealed class Upkeep(GitProgram git, Leftovers leftovers) : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);
    private static readonly TimeSpan Limit = TimeSpan.FromHours(1);
    private readonly CancellationTokenSource ending = new();
    private long? looked;

    /// <summary>How many single objects are too many in one of 256 folders: what <c>git gc --auto</c> takes for about 7,000 in all.</summary>
    public int MostInOne { get; init; } = 27;

    /// <summary>How many packs are too many: each fetch makes one, for its objects are looked at one by one.</summary>
    public int MostPacks { get; init; } = 50;

    /// <summary>What goes on, or went on last; it never fails.</summary>
    public Task Work { get; private set; } = Task.CompletedTask;

    /// <summary>Begins where there is something to do; looks once an hour.</summary>
    public void Look(TimeProvider time)
    {
        if (!Work.IsCompleted || (looked is { } last && time.GetElapsedTime(last) < Every))
            return;
        looked = time.GetTimestamp();
        if (Count("17", "*") >= MostInOne || Count("pack", "*.pack") >= MostPacks)
            Work = Task.Run(WorkAsync);
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await Work;
        ending.Dispose();
    }

    private int Count(string folder, string pattern) =>
        Path.Combine(git.Directory, "objects", folder) is var path && Directory.Exists(path) ? Directory.EnumerateFiles(path, pattern).Count() : 0;

    private async Task WorkAsync()
    {
        leftovers.Begin();
        var well = false;
        try
        {
            well = (await git.RunAsync(["maintenance", "run", "--quiet", "--task=loose-objects", "--task=commit-graph"], ending.Token, limit: Limit)).Ok
                && (await git.RunAsync(["repack", "-d", "-l", "-q", "--geometric=2"], ending.Token, limit: Limit)).Ok;
        }
        catch (Exception error) when (error is GitException or OperationCanceledException or IOException)
        {
            // Nothing depends on it; it is tried again in an hour.
        }
        finally
        {
            leftovers.End(well);
        }
    }
}
