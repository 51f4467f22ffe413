using GateKeeper.Core.Changes;

namespace GateKeeper.Forges.GitHub;

/// <summary>
/// Who pushed what to the branch of a pull request, and when, by the host's own record of that branch. Where it cannot be had (a fork that
/// is gone or private) nothing is known, and nothing is guessed.
/// </summary>
/// <param name="Pushes">The newest first.</param>
internal sealed record Uploads(IReadOnlyList<PushDto> Pushes)
{
    public static Uploads Unknown { get; } = new([]);

    /// <summary>Who made the branch point at this commit last. Whoever had a program push it is not told; nobody has the gate push but the gate.</summary>
    public Account? UploaderOf(string head, Func<UserDto, Account> account, Account gate) =>
        Pushes.FirstOrDefault(push => push.After == head) is not { Actor: { } actor } ? null
        : actor.Login.Equals(gate.Name, StringComparison.OrdinalIgnoreCase) ? gate
        : actor.Login.EndsWith("[bot]", StringComparison.Ordinal) ? null : account(actor);

    /// <summary>
    /// The revision that was current at a moment. The host's times are whole seconds: what was pushed within the same one may have come
    /// after, so it is not taken for what was seen.
    /// </summary>
    public CommitSha? CurrentAt(DateTimeOffset moment) =>
        Pushes.FirstOrDefault(push => push.Timestamp < moment) is { } push && CommitSha.TryParse(push.After, out var sha) ? sha : null;

    public bool Knows(string head) => Pushes.Any(push => push.After == head);
}
