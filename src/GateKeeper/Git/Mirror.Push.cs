using GateKeeper.Core.Changes;

namespace GateKeeper.Git;

/// <content>Moving refs of the forge: from where they are expected to be, never forced.</content>
internal sealed partial class Mirror
{
    /// <summary>Moves one ref of the forge from an expected value, alone and never forced.</summary>
    public Task<PushAnswer> PushAsync(string name, CommitSha? expected, CommitSha to, TimeSpan limit, CancellationToken cancellation) =>
        PushAsync([new(name, expected, to)], limit, cancellation);

    /// <summary>Moves several refs together or none of them.</summary>
    public async Task<PushAnswer> PushAsync(IReadOnlyList<RefMove> moves, TimeSpan limit, CancellationToken cancellation)
    {
        GitAnswer answer;
        try
        {
            answer = await Git.RunAsync(
                [
                    // What the gate pushes is small and new: to look for likenesses in it costs more than it saves.
                    "-c", "pack.window=0", "-c", "pack.compression=1", "push", "--porcelain", "--no-verify", .. (ReadOnlySpan<string>)(moves.Count > 1 ? ["--atomic"] : []), .. moves.Select(move => $"--force-with-lease={move.Name}:{move.Expected?.Hex}"),
                    "--", Url, .. moves.Select(move => $"{move.To?.Hex}:{move.Name}"),
                ], cancellation, limit: limit);
        }
        catch (GitException error)
        {
            return new PushAnswer.Unclear(error.Message);
        }

        return PushAnswer.Read(answer);
    }
}
