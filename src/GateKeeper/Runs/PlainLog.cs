using System.Text;
using GateKeeper.Core.Reports;

namespace GateKeeper.Runs;

/// <summary>A whole log as plain text, line by line and never much of it at once: what was meant for a terminal is not shown raw.</summary>
internal static class PlainLog
{
    private const int Piece = 1 << 14;
    private const int MostLine = 1 << 16;

    public static async Task CopyAsync(string path, Stream to, CancellationToken cancellation)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        await using var writer = new StreamWriter(to, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
        var (letters, line) = (new char[Piece], new StringBuilder());
        for (int count; (count = await reader.ReadAsync(letters, cancellation)) > 0;)
        {
            for (var at = 0; at < count;)
            {
                var end = Array.IndexOf(letters, '\n', at, count - at);
                line.Append(letters, at, (end < 0 ? count : end) - at);
                if (end >= 0 || line.Length > MostLine)
                {
                    await writer.WriteAsync(TerminalLine.Plain($"{line}") + (end >= 0 ? "\n" : ""));
                    line.Clear();
                }

                at = end < 0 ? count : end + 1;
            }
        }

        await writer.WriteAsync(TerminalLine.Plain($"{line}"));
    }
}
