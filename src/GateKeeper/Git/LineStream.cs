namespace GateKeeper.Git;

/// <summary>Counts lines in streams that can be read from any place, in little memory.</summary>
internal static class LineStream
{
    private const int Chunk = 1 << 16;

    /// <summary>The lines of one part of a content; what comes after the last line feed is a line too.</summary>
    public static long Lines(Stream content, long from, long to)
    {
        var (buffer, lines, last) = (new byte[Chunk], 0L, (byte)'\n');
        content.Position = from;
        for (var at = from; at < to;)
        {
            var part = buffer.AsSpan(0, (int)Math.Min(Chunk, to - at));
            content.ReadExactly(part);
            lines += part.Count((byte)'\n');
            last = part[^1];
            at += part.Length;
        }

        return lines + (last == '\n' ? 0 : 1);
    }

    /// <summary>The lines of both contents between the first and the last that differ.</summary>
    public static long Replaced(Stream before, Stream after)
    {
        var shorter = Math.Min(before.Length, after.Length);
        var begin = Beginning(before, after, shorter);
        var end = End(before, after, shorter - begin);
        return Lines(before, begin, before.Length - end) + Lines(after, begin, after.Length - end);
    }

    /// <summary>How many bytes of whole lines both begin with.</summary>
    private static long Beginning(Stream before, Stream after, long most)
    {
        var (one, other, lines) = (new byte[Chunk], new byte[Chunk], 0L);
        for (var at = 0L; at < most;)
        {
            var length = (int)Math.Min(Chunk, most - at);
            Read(before, at, one.AsSpan(0, length));
            Read(after, at, other.AsSpan(0, length));
            var same = one.AsSpan(0, length).CommonPrefixLength(other.AsSpan(0, length));
            if (one.AsSpan(0, same).LastIndexOf((byte)'\n') is var feed and >= 0)
                lines = at + feed + 1;
            if (same < length)
                break;
            at += length;
        }

        return lines;
    }

    /// <summary>How many bytes of whole lines both end with, of those that may be taken.</summary>
    private static long End(Stream before, Stream after, long most)
    {
        var (one, other, lines) = (new byte[Chunk], new byte[Chunk], 0L);
        for (var taken = 0L; taken < most;)
        {
            var length = (int)Math.Min(Chunk, most - taken);
            Read(before, before.Length - taken - length, one.AsSpan(0, length));
            Read(after, after.Length - taken - length, other.AsSpan(0, length));
            var same = 0;
            while (same < length && one[length - 1 - same] == other[length - 1 - same])
                same++;

            // A line begins after the line feed of the one before it.
            if (one.AsSpan(length - same, same).IndexOf((byte)'\n') is var feed and >= 0)
                lines = taken + same - feed - 1;
            if (same < length)
                break;
            taken += length;
        }

        return lines;
    }

    private static void Read(Stream content, long at, Span<byte> into)
    {
        content.Position = at;
        content.ReadExactly(into);
    }
}
