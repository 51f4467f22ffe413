using System.Text;

namespace GateKeeper.Git;

/// <summary>
/// Runs git where it may take long and tells of its progress: it is ended when it has said nothing for a time, however long the whole takes.
/// </summary>
internal sealed class LongGit(GitProgram git)
{
    private const int MostKept = 1 << 16;

    /// <summary>For how long git may say nothing.</summary>
    public TimeSpan StandStill { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How far it is, in git's own words, such as "Receiving objects:  45% (9/20), 1.20 GiB | 3.00 MiB/s".</summary>
    public event Action<string>? Progressed;

    /// <summary>How far it is at this moment; null where nothing is fetched.</summary>
    public string? At { get; private set; }

    /// <param name="arguments">What git is to do, with <c>--progress</c> among it.</param>
    /// <param name="input">What it reads.</param>
    /// <param name="said">Hears each line that is no progress.</param>
    /// <param name="whole">How long the whole may take; null for as long as it goes on.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<GitAnswer> RunAsync(IReadOnlyList<string> arguments, byte[] input, Action<string>? said, TimeSpan? whole, CancellationToken cancellation)
    {
        using var process = Children.Start(git.Start(arguments));
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var limit = new CancellationTokenSource(whole ?? Timeout.InfiniteTimeSpan);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, limit.Token);
        deadline.CancelAfter(StandStill);
        var words = new Words(said, Tell);
        try
        {
            var errors = ReadAsync(process.StandardError, words, () => deadline.CancelAfter(StandStill), either.Token);
            var output = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, either.Token);
            await process.StandardInput.BaseStream.WriteAsync(input, either.Token);
            process.StandardInput.Close();
            await output;
            await errors;
            await process.WaitForExitAsync(either.Token);
            return new(process.ExitCode, [], git.Redact(words.Kept));
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            cancellation.ThrowIfCancellationRequested();
            throw new GitException(git.Redact(error is IOException ? $"git fetch: {error.Message}"
                : limit.IsCancellationRequested ? $"git fetch did not end in {whole!.Value.TotalMinutes:0.#} minutes; it was at: {words.Last}"
                : $"git fetch stood still for {StandStill.TotalMinutes:0.#} minutes; it was at: {words.Last}"));
        }
        finally
        {
            At = null;
        }
    }

    private void Tell(string words)
    {
        At = words;
        Progressed?.Invoke(words);
    }

    private static async Task ReadAsync(StreamReader from, Words words, Action alive, CancellationToken cancellation)
    {
        var buffer = new char[4096];
        for (int read; (read = await from.ReadAsync(buffer.AsMemory(), cancellation)) > 0; alive())
            words.Add(buffer.AsSpan(0, read));
        words.End();
    }

    /// <summary>What git says, line by line: a line that a carriage return ends is progress, and so is one that has a percentage.</summary>
    private sealed class Words(Action<string>? said, Action<string>? progressed)
    {
        private readonly StringBuilder line = new();
        private readonly StringBuilder kept = new();

        public string Last { get; private set; } = "the beginning";

        public string Kept => kept.ToString().Trim();

        public void Add(ReadOnlySpan<char> text)
        {
            foreach (var letter in text)
            {
                if (letter is '\r' or '\n')
                    Tell(letter);
                else if (line.Length < MostKept)
                    line.Append(letter);
            }
        }

        public void End() => Tell('\n');

        private void Tell(char end)
        {
            var text = line.ToString().Trim();
            var (isRef, isProgress) = (line.Length > 0 && line[0] == ' ', end == '\r' || text.EndsWith(", done.", StringComparison.Ordinal) || text.StartsWith("remote: Total ", StringComparison.Ordinal));
            line.Clear();
            if (text.Length == 0 || isRef || text.StartsWith("From ", StringComparison.Ordinal))
                return;
            if (isProgress)
            {
                Last = text;
                progressed?.Invoke(text);
                return;
            }

            said?.Invoke(text);
            if (kept.Length + text.Length < MostKept && !(text.StartsWith("warning: ", StringComparison.Ordinal) && OldKinds.Of(text) is not null))
                kept.Append(text).Append('\n');
        }
    }
}
