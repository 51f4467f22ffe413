using LibGit2Sharp;

namespace GateKeeper.Git;

/// <summary>Prepares LibGit2Sharp once for the process: no configuration of the machine or of a user is ever read.</summary>
internal static class GitLibrary
{
    private static readonly Lock Gate = new();
    private static bool ready;

    public static void Prepare()
    {
        lock (Gate)
        {
            if (ready)
                return;

            // libgit2 1.5 fails on every use of a configuration while the ProgramData level has no file, so it gets an empty one of ours.
            var empty = Directory.CreateTempSubdirectory("gatekeeper-config-").FullName;
            AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(empty, recursive: true);
            File.WriteAllText(Path.Combine(empty, "config"), "");
            foreach (var level in new[] { ConfigurationLevel.ProgramData, ConfigurationLevel.Global, ConfigurationLevel.Xdg, ConfigurationLevel.System })
                GlobalSettings.SetConfigSearchPaths(level, empty);
            ready = true;
        }
    }
}
