using GateKeeper.Git;

namespace GateKeeper.Forges.PlainGit;

/// <summary>Refs that are there and cannot be read: then not all that was said is known.</summary>
internal static class UnreadRefs
{
    /// <summary>What else than a commit such a ref holds cannot be read as notes, and what is not read is not known.</summary>
    public static string? Problem(Mirror mirror, ForgeQuestion question) =>
        ((string[])[Notes.Reviews, Notes.Discuss, Notes.Ci, PushLog.Ref, PlainGitForge.GuardRef]).Where(name => mirror.Refs.TryGetValue(name, out var id) && mirror.Repository.FindCommit(id) is null)
            .Select(name => $"{name} is no commit, so what people said cannot be read; the server's operator has to put it back")
            .Concat(mirror.Unfetchable.Where(item => !item.Key.StartsWith("refs/heads/", StringComparison.Ordinal) || question.Trunks.ContainsKey(item.Key["refs/heads/".Length..]))
                .Select(item => $"{item.Key} cannot be fetched, so it is not known what it holds; it is tried again: {item.Value.Why}"))
            .FirstOrDefault();
}
