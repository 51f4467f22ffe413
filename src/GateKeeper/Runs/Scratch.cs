using System.Security.Cryptography;

namespace GateKeeper.Runs;

/// <summary>
/// Where runs have their differences: small and gone in a moment, so in memory where that can be had. The place in memory is shared with
/// other accounts of the machine, so its name cannot be guessed and nobody else may enter; the work folder remembers it over a crash.
/// </summary>
internal sealed class Scratch : IDisposable
{
    private const string Memory = "/dev/shm";
    private const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private Scratch(string path) => Path = path;

    public string Path { get; }

    public static Scratch Open(string work)
    {
        var note = System.IO.Path.Combine(work, "scratch");
        if (File.Exists(note) && File.ReadAllText(note) is var left && left.StartsWith($"{Memory}/gatekeeper-", StringComparison.Ordinal))
            Files.Delete(left);
        Files.Delete(System.IO.Path.Combine(work, "runs"));

        var path = Directory.Exists(Memory)
            ? System.IO.Path.Combine(Memory, $"gatekeeper-{RandomNumberGenerator.GetHexString(24, lowercase: true)}")
            : System.IO.Path.Combine(work, "runs");
        Directory.CreateDirectory(work);
        File.WriteAllText(note, path);
        Directory.CreateDirectory(path, Own);
        return new(path);
    }

    public void Dispose() => Files.Delete(Path);
}
