using GateKeeper.Git;

namespace GateKeeper.Forges.PlainGit;

/// <summary>
/// Tells a guard from what somebody pushed to a repository that has none: anybody could write refs of the guard's names there, and nobody
/// the files of a guard on this machine, or a log that begins with the commit that the settings name.
/// </summary>
internal sealed class GuardProof(Mirror mirror, string? pin)
{
    /// <summary>Why the repository is not taken for guarded, as the end of a sentence; null when it is.</summary>
    public string? Doubt(string? first)
    {
        if (!mirror.Refs.ContainsKey(PlainGitForge.GuardRef) || first is null)
            return "this repository has no guard (gatekeeper guard), so anybody may write in another's name";
        if (pin is not null)
            return first == pin ? null : $"the push log begins with {first[..10]} and not with {pin[..Math.Min(10, pin.Length)]}, which \"guard\" in the settings names, so it is another's";
        return Guard.IsInstalled(mirror.Url) ? null
            : Directory.Exists(mirror.Url) ? $"no guard's hooks can be read in {mirror.Url}: install it (gatekeeper guard), or name it by \"guard\" in the settings, as gatekeeper guard prints it"
            : "nothing vouches for the guard of a repository elsewhere but \"guard\" in the settings, as gatekeeper guard prints it on the server";
    }
}
