using System.Text;
using GateKeeper.Core.Changes;

namespace GateKeeper.Commands;

/// <summary>
/// Stands before standard output and standard error, so that nothing that any command, log or library prints, and that somebody else wrote,
/// reaches a terminal as more than text. Each command may therefore print what it has as it has it.
/// </summary>
internal sealed class HarmlessWriter(TextWriter inner) : TextWriter
{
    public override Encoding Encoding => inner.Encoding;

    public static void Guard()
    {
        Console.SetOut(new HarmlessWriter(Console.Out));
        Console.SetError(new HarmlessWriter(Console.Error));
    }

    public override void Write(char value) => inner.Write(Harmless.Text([value]));

    public override void Write(string? value) => inner.Write(Harmless.Text(value ?? ""));

    public override void Write(char[] buffer, int index, int count) => inner.Write(Harmless.Text(buffer.AsSpan(index, count)));

    public override void Write(ReadOnlySpan<char> buffer) => inner.Write(Harmless.Text(buffer));

    public override void WriteLine(string? value) => inner.WriteLine(Harmless.Text(value ?? ""));

    public override void Flush() => inner.Flush();
}
