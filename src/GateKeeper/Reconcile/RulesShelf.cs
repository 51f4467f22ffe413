using GateKeeper.Core.Rules;

namespace GateKeeper.Reconcile;

/// <summary>
/// The rules files that were read lately, by the id of their blobs, so that one is read once, however many commits hold it. What a change
/// brings may be anybody's work: it is read beside the loop, one file after the other, so that it holds up nobody else's landing.
/// </summary>
internal sealed class RulesShelf(Func<byte[], LoadedRules> load)
{
    private const int MostKept = 20;
    private readonly Dictionary<string, Task<LoadedRules>> files = [];
    private readonly Queue<string> order = new();
    private Task last = Task.CompletedTask;

    public RulesShelf()
        : this(static content => RulesLoader.Load(content))
    {
    }

    public OwnersShelf Owners { get; } = new();

    /// <summary>What a file says, at once: for the trunk's own, without which nothing can be judged.</summary>
    public LoadedRules Read(string blob, Func<byte[]> content)
    {
        if (files.TryGetValue(blob, out var known) && known.IsCompletedSuccessfully)
            return known.Result;
        var loaded = Load(content());
        Put(blob, Task.FromResult(loaded));
        return loaded;
    }

    /// <summary>Has a file read beside the loop.</summary>
    public Task<LoadedRules> ReadBeside(string blob, Func<byte[]> content)
    {
        if (files.TryGetValue(blob, out var known))
            return known;
        var reading = ReadAfterAsync(last, content());
        last = reading;
        Put(blob, reading);
        return reading;
    }

    private async Task<LoadedRules> ReadAfterAsync(Task before, byte[] content)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding | ConfigureAwaitOptions.SuppressThrowing);
        return Load(content);
    }

    private LoadedRules Load(byte[] content)
    {
        try
        {
            return load(content);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // The reader has a fault, and this file shows it: that is this file's trouble and nobody else's.
            return new(null, [new(new(1, 1), $"gatekeeper cannot read this file, which is a fault of its own ({error.Message}): report it, with the file")]);
        }
    }

    /// <summary>What is still being read stays: it ends, and is needed.</summary>
    private void Put(string blob, Task<LoadedRules> file)
    {
        if (files.TryAdd(blob, file))
            order.Enqueue(blob);
        files[blob] = file;
        while (files.Count > MostKept && files[order.Peek()].IsCompleted)
            files.Remove(order.Dequeue());
    }
}
