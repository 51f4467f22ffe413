using System.Diagnostics;
using System.Text;
using Commit = LibGit2Sharp.Commit;

namespace GateKeeper.Git;

/// <summary>
/// Merges without a work tree by one living <c>git merge-tree --stdin</c>, and by a process of its own when that one dies. Attributes are
/// the trunk's, from a directory that holds nothing else.
/// </summary>
/// <remarks>
/// Asked for messages, git 2.39 prints words for people into this stream where a submodule conflicts, bare of every mark; so it is not asked
/// for them, and no answer is believed by its place alone. Behind each question goes one whose answer is known, ours with itself: where that
/// does not follow at once and last, the stream is given up.
/// </remarks>
internal sealed class MergeStream(GitProgram git, string attributes) : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private Process? process;
    private MergeAnswers? answers;

    /// <summary>The directory with the trunk's .gitattributes files that this process reads.</summary>
    public string Attributes => attributes;

    /// <summary>Both commits must exist and share history: a merge of others ends the process.</summary>
    public async Task<MergeAnswer> MergeAsync(Commit ours, Commit theirs, CancellationToken cancellation)
    {
        try
        {
            return await AskAsync(ours, theirs, cancellation);
        }
        catch (Exception error) when (error is EndOfStreamException or IOException)
        {
            await DisposeAsync();
            return await AloneAsync(ours.Sha, theirs.Sha, cancellation);
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
        (process, answers) = (null, null);
    }

    private async Task<MergeAnswer> AskAsync(Commit ours, Commit theirs, CancellationToken cancellation)
    {
        process ??= StartLiving();
        answers ??= new(process.StandardOutput.BaseStream);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(Limit);
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(Encoding.ASCII.GetBytes($"{ours.Sha} {theirs.Sha}\n{ours.Sha} {ours.Sha}\n"), deadline.Token);
            await process.StandardInput.BaseStream.FlushAsync(deadline.Token);
            var answer = await answers.NextAsync(deadline.Token);
            var known = await answers.NextAsync(deadline.Token);
            return known.Tree == ours.Tree.Sha && answers.IsAtTheEnd ? answer : throw new IOException("git's answers do not follow its questions");
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
        if (answer.Exit is not (0 or 1))
            return new(null, [], $"git cannot merge it (merge-tree ended with {answer.Exit}): {answer.Error}");
        var fields = answer.Text.Split('\0');
        return MergeAnswers.Of(answer.Exit == 0, fields[0], [.. fields.Skip(1).Where(path => path.Length > 0)])
            ?? new(null, [], $"git cannot merge it: its answer has not the shape of one ({answer.Error})");
    }

    // Git looks for attributes from where it stands in a work tree, so it stands in the one that holds nothing else.
    private Dictionary<string, string> Environment() => new()
    {
        ["GIT_DIR"] = git.Directory,
        ["GIT_WORK_TREE"] = attributes,
    };
}
