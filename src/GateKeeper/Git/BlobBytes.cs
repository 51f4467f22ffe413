using LibGit2Sharp;

namespace GateKeeper.Git;

/// <summary>What a blob holds, byte for byte: no first bytes decide in which letters it is written.</summary>
internal static class BlobBytes
{
    public static byte[] Bytes(this Blob blob)
    {
        using var stream = blob.GetContentStream();
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
