using System.Diagnostics;
using System.Text;

namespace GateKeeper.Git;

/// <summary>What a merge of two commits came to: a tree, the files in conflict, or why git would not.</summary>
internal sealed record MergeAnswer(string? Tree, IReadOnlyList<string> Conflicts, string? Refused);

/// <summary>
/// Merges without a work tree by one living <c>git merge-tree --stdin</c>, and by a process of its own when that one dies. Attributes are
/// the trunk's, from a directory that holds nothing else.
/// </summary>
internal sealed class MergeProcess(GitProgram git, string attributes) : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private Process? process;

    /// <summary>The directory with the trunk's .gitattributes files that this process reads.</summary>
    public string Attributes => attributes;

    /// <summary>Both commits must exist and share history: a merge of others ends the process.</summary>
    public async Task<MergeAnswer> MergeAsync(string ours, string theirs, CancellationToken cancellation)
    {
        try
        {
            return await AskAsync(ours, theirs, cancellation);
        }
        catch (Exception error) when (error is EndOfStreamException or IOException)
        {
            await DisposeAsync();
            return await AloneAsync(ours, theirs, cancellation);
        }
        catch (TimeoutException)
        {
            // A second try would take as long: others wait for this one's answer already.
            await DisposeAsync();
            throw new GitException($"git did not merge it within {Limit.TotalSeconds} seconds");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (process is null)
            return;
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
        process = null;
    }

    private async Task<MergeAnswer> AskAsync(string ours, string theirs, CancellationToken cancellation)
    {
        process ??= StartLiving();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(Limit);
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(Encoding.ASCII.GetBytes($"{ours} {theirs}\n"), deadline.Token);
            await process.StandardInput.BaseStream.FlushAsync(deadline.Token);
            var clean = await FieldAsync(deadline.Token) == "1";
            var tree = await FieldAsync(deadline.Token);
            var conflicts = new List<string>();
            while (await FieldAsync(deadline.Token) is { Length: > 0 } path)
                conflicts.Add(path);
            return clean ? new(tree, [], null) : new(null, conflicts, null);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException();
        }
        catch (OperationCanceledException)
        {
            // The answer to this question must not be read as the answer to the next.
            await DisposeAsync();
            throw;
        }
    }

    private Process StartLiving()
    {
        var start = git.Start(
            ["-C", attributes, "merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", "--stdin"], Environment(), "stdbuf", "-o0");
        var living = Children.Start(start);
        living.ErrorDataReceived += (_, _) => { };
        living.BeginErrorReadLine();
        return living;
    }

    private async Task<MergeAnswer> AloneAsync(string ours, string theirs, CancellationToken cancellation)
    {
        var answer = await git.RunAsync(
            ["-C", attributes, "merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", ours, theirs], cancellation, limit: Limit, environment: Environment());
        var fields = answer.Text.Split('\0');
        return answer.Exit switch
        {
            0 => new(fields[0], [], null),
            1 => new(null, [.. fields.Skip(1).Where(path => path.Length > 0)], null),
            _ => new(null, [], $"git cannot merge it (merge-tree ended with {answer.Exit}): {answer.Error}"),
        };
    }

    // Git looks for attributes from where it stands in a work tree, so it stands in the one that holds nothing else.
    private Dictionary<string, string> Environment() => new()
    {
        ["GIT_DIR"] = git.Directory,
        ["GIT_WORK_TREE"] = attributes,
    };

    private async Task<string> FieldAsync(CancellationToken cancellation)
    {
        var bytes = new List<byte>();
        var one = new byte[1];
        while (true)
        {
            if (await process!.StandardOutput.BaseStream.ReadAsync(one, cancellation) == 0)
                throw new EndOfStreamException();
            if (one[0] == 0)
                return Encoding.UTF8.GetString([.. bytes]);
            bytes.Add(one[0]);
        }
    }
}
