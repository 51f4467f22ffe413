using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace GateKeeper.Runs;

/// <summary>What a prepare step left: read-only layers for the runs that use it, or why it failed.</summary>
internal sealed record Prepared(IReadOnlyList<string> Trees, IReadOnlyList<string> Homes, RunEnding? Problem) : IDisposable
{
    public static Prepared Nothing { get; } = new([], [], null);

    /// <summary>A directory that is this run's alone and goes with it; null for what is kept.</summary>
    public string? Own { get; init; }

    public static Prepared In(string path) => new([Path.Combine(path, "tree")], [Path.Combine(path, "home")], null);

    public void Dispose()
    {
        if (Own is not null)
            Files.Delete(Own);
    }
}

/// <summary>
/// Keeps what prepare steps leave, by the content that they saw. A step is run once for each key, whoever asks first; a failed one is
/// never kept. Only overlays read what is kept; git and the worker never do.
/// </summary>
internal sealed class Preparations(string directory)
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> turns = new();
    private readonly ConcurrentDictionary<string, bool> made = new();
    private readonly ConcurrentDictionary<string, bool> used = new();

    /// <summary>Removes what was made longer ago than is kept and has not been used since this was last asked.</summary>
    public void Prune(TimeSpan keep, DateTimeOffset now)
    {
        foreach (var path in Directory.Exists(directory) ? Directory.GetDirectories(directory) : [])
        {
            var key = Path.GetFileName(path);
            if (used.ContainsKey(key) || now - Directory.GetLastWriteTimeUtc(path) < keep)
                continue;
            made.TryRemove(key, out _);
            Files.Delete(path);
        }

        used.Clear();
    }

    /// <summary>Runs the step for one run alone, beside what is kept.</summary>
    public async Task<Prepared> OnceAsync(string name, Func<string, Task<RunEnding?>> make)
    {
        var path = Path.Combine(directory, name);
        Files.Delete(path);
        Directory.CreateDirectory(path);
        try
        {
            return await make(path) is { } problem ? new([], [], problem) { Own = path } : Prepared.In(path) with { Own = path };
        }
        catch
        {
            Files.Delete(path);
            throw;
        }
    }

    /// <param name="key">What the step sees.</param>
    /// <param name="make">Runs the step into a directory; answers null, or how it failed.</param>
    /// <param name="cancellation">Ends the wait for another that runs the step.</param>
    public async Task<Prepared> GetAsync(string key, Func<string, Task<RunEnding?>> make, CancellationToken cancellation)
    {
        var path = Path.Combine(directory, key);
        var turn = turns.GetOrAdd(key, _ => new(1));
        await turn.WaitAsync(cancellation);
        try
        {
            if (!made.ContainsKey(key))
            {
                // What an earlier worker left is whole only under its final name, for it is moved there when the step has passed.
                if (!Directory.Exists(path))
                {
                    var fresh = path + ".new";
                    Files.Delete(fresh);
                    Directory.CreateDirectory(fresh);
                    if (await make(fresh) is { } problem)
                    {
                        Files.Delete(fresh);
                        return new([], [], problem);
                    }

                    Directory.Move(fresh, path);
                }

                made[key] = true;
            }
        }
        finally
        {
            turn.Release();
        }

        used[key] = true;
        return Prepared.In(path);
    }
}

/// <summary>Keys of results: everything that a test can see, each part with its length, so that no two wholes look alike.</summary>
internal static class Keys
{
    public static string Of(params ReadOnlySpan<string> parts)
    {
        var text = new StringBuilder();
        foreach (var part in parts)
            text.Append(part.Length).Append(':').Append(part);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
