using GateKeeper.Core.Reports;

namespace GateKeeper.Runs;

/// <summary>What a run printed, kept to a limit and readable while it grows.</summary>
internal sealed class RunLog(string path, long limit) : IDisposable
{
    private readonly FileStream file = new(path, FileMode.Create, FileAccess.Write, FileShare.Read);

    /// <summary>True once more came than is kept.</summary>
    public bool Overflowed { get; private set; }

    public async Task CopyAsync(Stream stream, Action overflow, CancellationToken cancellation)
    {
        var buffer = new byte[16384];
        for (int count; (count = await stream.ReadAsync(buffer, cancellation)) > 0;)
        {
            var room = (int)Math.Min(count, limit - file.Length);
            if (room > 0)
            {
                await file.WriteAsync(buffer.AsMemory(0, room), cancellation);
                await file.FlushAsync(cancellation);
            }

            if (room < count && !Overflowed)
            {
                Overflowed = true;
                overflow();
            }
        }
    }

    public void Dispose() => file.Dispose();

    /// <summary>The last lines of a log that say something, as plain text: for a person.</summary>
    public static string Tail(string path, int lines, int bytes = 4096, int width = 1000) => string.Join('\n', TerminalLine.Last(End(path, bytes), lines, width));

    /// <summary>The end of a log as it was printed, from the beginning of a line where one begins in it.</summary>
    public static string End(string path, int bytes)
    {
        if (!File.Exists(path))
            return "";
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var isWhole = file.Length <= bytes;
        file.Seek(-Math.Min(file.Length, bytes), SeekOrigin.End);
        using var reader = new StreamReader(file);
        var text = reader.ReadToEnd();
        return isWhole || text.IndexOf('\n', StringComparison.Ordinal) is not (>= 0 and var end) || text.AsSpan(end).IsWhiteSpace() ? text : text[(end + 1)..];
    }
}
