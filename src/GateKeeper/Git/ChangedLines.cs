using GateKeeper.Core.Changes;
using LibGit2Sharp;

namespace GateKeeper.Git;

/// <summary>
/// Remembers how many lines changes have. What cannot be counted in an instant is counted beside the loop, one change after the other, so
/// that a change whose files are made to be compared slowly holds up nobody else.
/// </summary>
/// <param name="mirror">The repository.</param>
/// <param name="turn">Called when a count beside the loop has come to its end.</param>
internal sealed class ChangedLines(Mirror mirror, Action turn)
{
    private readonly LineCounter here = new(mirror.Repository, mirror.Git);
    private readonly Dictionary<Sized, Task<ValueList<EditedFile>>> known = [];
    private readonly HashSet<Sized> asked = [];
    private Task last = Task.CompletedTask;

    /// <summary>Whether something is being counted beside the loop.</summary>
    public bool IsCounting => !last.IsCompleted;

    /// <summary>Two trees, and the lists that files may move into or out of.</summary>
    private sealed record Sized(string From, string To, ValueList<PatternList> Apart);

    /// <summary>The files that differ between two trees, as <see cref="LineCounter"/> counts them; null while that goes on.</summary>
    public ValueList<EditedFile>? Between(string from, string to, ValueList<PatternList> apart)
    {
        var sized = new Sized(from, to, apart);
        asked.Add(sized);
        if (known.TryGetValue(sized, out var count))
            return count.IsCompleted ? Counted(sized, count) : null;
        if (here.AtOnce(from, to, apart) is { } files)
            return (known[sized] = Task.FromResult(files)).Result;

        last = known[sized] = AfterAsync(last, sized);
        _ = last.ContinueWith(_ => turn(), TaskScheduler.Default);
        return null;
    }

    /// <summary>Forgets what nobody asked for since the last call: a change may have many files.</summary>
    public void KeepAsked()
    {
        foreach (var old in known.Where(item => item.Value.IsCompleted && !asked.Contains(item.Key)).Select(item => item.Key).ToList())
            known.Remove(old);
        asked.Clear();
    }

    /// <summary>What went wrong beside the loop is told to whoever asks, and tried again when somebody asks next.</summary>
    private ValueList<EditedFile> Counted(Sized sized, Task<ValueList<EditedFile>> count)
    {
        if (!count.IsCompletedSuccessfully)
            known.Remove(sized);
        return count.GetAwaiter().GetResult();
    }

    private async Task<ValueList<EditedFile>> AfterAsync(Task before, Sized sized)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding | ConfigureAwaitOptions.SuppressThrowing);

        // The object database of the loop is its own.
        using var own = new Repository(mirror.Path);
        return new LineCounter(own, mirror.Git).Between(sized.From, sized.To, sized.Apart);
    }
}
