using LibGit2Sharp;

namespace GateKeeper.Git;

/// <summary>Prepares LibGit2Sharp once for the process: no configuration of the machine or of a user is ever read.</summary>
internal static class GitLibrary
{
    private static readonly Lazy<bool> Ready = new(() =>
    {
        foreach (var level in new[] { ConfigurationLevel.ProgramData, ConfigurationLevel.Global, ConfigurationLevel.Xdg, ConfigurationLevel.System })
            GlobalSettings.SetConfigSearchPaths(level, []);
        return true;
    });

    public static void Prepare() => _ = Ready.Value;
}
