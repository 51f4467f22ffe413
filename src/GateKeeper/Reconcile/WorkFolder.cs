using System.Security.Cryptography;
using System.Text;

namespace GateKeeper.Reconcile;

/// <summary>The folder of a worker's mirrors, layers and logs: one worker at a time has it.</summary>
internal static class WorkFolder
{
    /// <summary>The lock goes with the process, however it ends.</summary>
    public static FileStream Lock(string work)
    {
        try
        {
            return new(Path.Combine(work, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new StartException($"another worker uses {work}; a second one needs a work folder of its own");
        }
    }

    /// <summary>
    /// What tells this folder from every other, without a "/". A copy of it is another folder, so where it lies is part of it, and on which
    /// machine. Only the holder of the lock may ask.
    /// </summary>
    public static string Identity(string work)
    {
        var file = Path.Combine(work, "identity");
        if (!File.Exists(file) || File.ReadAllText(file) is not { Length: 32 } id)
            File.WriteAllText(file, id = RandomNumberGenerator.GetHexString(32));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{id} {Environment.MachineName} {Path.GetFullPath(work)}")))[..32];
    }
}
