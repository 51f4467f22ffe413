using System.Text;
using GateKeeper.Core.Changes;

namespace GateKeeper.Git;

/// <summary>What a merge of two commits came to: a tree, the files in conflict, or why git would not.</summary>
internal sealed record MergeAnswer(string? Tree, IReadOnlyList<string> Conflicts, string? Refused);

/// <summary>Reads the answers of <c>git merge-tree --stdin -z</c>. What has not the shape of one is an <see cref="IOException"/>.</summary>
internal sealed class MergeAnswers(Stream stream)
{
    private const int MostField = 1 << 16;
    private readonly byte[] buffer = new byte[4096];
    private int at;
    private int filled;

    /// <summary>Whether nothing was sent that was not read.</summary>
    public bool IsAtTheEnd => at == filled;

    /// <summary>One answer: whether it is clean, the tree, the files in conflict, and an empty field.</summary>
    public async Task<MergeAnswer> NextAsync(CancellationToken cancellation)
    {
        var clean = await FieldAsync(cancellation) switch
        {
            "1" => true,
            "0" => false,
            var other => throw new IOException($"git's answer to a merge begins with \"{other}\""),
        };
        var tree = await FieldAsync(cancellation);
        var conflicts = new List<string>();
        while (await FieldAsync(cancellation) is { Length: > 0 } path)
            conflicts.Add(path);
        return Of(clean, tree, conflicts) ?? throw new IOException("git's answer to a merge has not the shape of one");
    }

    public static MergeAnswer? Of(bool clean, string tree, List<string> conflicts) =>
        !CommitSha.TryParse(tree, out _) || (clean && conflicts.Count > 0) ? null
        : clean ? new(tree, [], null)
        : new(null, conflicts, null);

    private async Task<string> FieldAsync(CancellationToken cancellation)
    {
        var bytes = new List<byte>();
        while (true)
        {
            if (at == filled)
            {
                (at, filled) = (0, await stream.ReadAsync(buffer, cancellation));
                if (filled == 0)
                    throw new EndOfStreamException();
            }

            var one = buffer[at++];
            if (one == 0)
                return Encoding.UTF8.GetString([.. bytes]);
            bytes.Add(one);
            if (bytes.Count > MostField)
                throw new IOException("git's answer to a merge has no end");
        }
    }
}
