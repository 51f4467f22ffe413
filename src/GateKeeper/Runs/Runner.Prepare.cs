using GateKeeper.Core.Landing;
using GateKeeper.Core.Rules;
using GateKeeper.Store;
using LibGit2Sharp;

namespace GateKeeper.Runs;

/// <content>Prepare steps: each is run before the first run that needs it, and kept when it passed.</content>
internal sealed partial class Runner
{
    // A network has its moments: what fails with one is tried again before it is a failure.
    private const int TriesWithNetwork = 3;

    // What the machine lacked is no failure of the change.
    private static readonly string[] Lacks = ["No space left on device", "Input/output error", "Read-only file system", "Disk quota exceeded"];

    private async Task<Prepared> PrepareAsync(Flight flight, Repository repository)
    {
        if (flight.Input.Test.Prepare is not { } prepare)
            return Prepared.Nothing;
        string[] environment = [.. flight.Input.Test.Env.SelectMany(pair => new[] { pair.Key, pair.Value })];
        var key = Keys.Of([prepare.Identity, flight.Input.PrepareTree!, Fingerprint, .. environment]);

        // A base is run to compare with: what the network gave a while ago says nothing of what it gives now.
        return prepare.Network && flight.Run.Order.Purpose is RunPurpose.Base
            ? await preparations.OnceAsync($"{key}.run-{flight.Run.Id}", keep => MakeAsync(flight, prepare, repository, keep))
            : await preparations.GetAsync(key, keep => MakeAsync(flight, prepare, repository, keep), flight.Cancel.Token);
    }

    /// <summary>Null, or how the step failed.</summary>
    private async Task<RunEnding?> MakeAsync(Flight flight, PrepareDefinition prepare, Repository repository, string keep)
    {
        var scratch = keep + ".scratch";
        Directory.CreateDirectory(scratch);
        try
        {
            using var tree = layers.Prepare(repository, flight.Input.PrepareTree!, new(flight.Input.Mirror, string.Join('\n', prepare.Inputs), MayHide: true), scratch);
            var order = new SandboxOrder { Command = prepare.Run, Layers = tree.Directories, Tree = new(flight.Input.Mirror, flight.Input.PrepareTree!, IsAlone: true), Scratch = scratch, Environment = flight.Input.Test.Env, Keep = keep, Network = prepare.Network };
            for (var tries = 1; ; tries++)
            {
                var end = await SandboxedAsync(flight, order, prepare.Timeout, LogOf(flight.Run.Id), "prepare", reports: null);
                if (end.Outcome is RunOutcome.Passed)
                    return TooMuch(keep) is { } much ? new(RunOutcome.Failed, much) : null;
                if (end.Outcome is not RunOutcome.Failed)
                    throw new InvalidOperationException($"prepare: {end.Why}");
                if (order.Unkept is { } why)
                    return Lacks.Any(lack => why.Contains(lack, StringComparison.Ordinal)) ? throw new IOException($"what prepare left cannot be kept: {why}") : new(RunOutcome.Failed, $"what prepare left cannot be kept: {why}");
                if (!prepare.Network || tries == TriesWithNetwork)
                    return end with { Why = prepare.Network ? $"prepare failed {tries} times, the last time so: {end.Why}" : $"prepare failed: {end.Why}" };
                Files.Delete(keep);
                Directory.CreateDirectory(keep);
            }
        }
        finally
        {
            Files.Delete(scratch);
        }
    }

    private string? TooMuch(string keep)
    {
        try
        {
            return Files.Size(keep) > limits.Disk ? $"prepare left more than {limits.Disk >> 20} MiB" : null;
        }
        catch (Exception error) when (error is PathTooLongException or ArgumentException)
        {
            return "what prepare left cannot be kept: a path in it is too long";
        }
    }
}
